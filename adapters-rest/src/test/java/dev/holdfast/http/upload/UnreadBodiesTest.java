package dev.holdfast.http.upload;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class UnreadBodiesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final EmbeddedChannel channel = new EmbeddedChannel(new UnreadBodies.Watch(PATIENCE));

    UnreadBodiesTest() {
        channel.freezeTime();
    }

    @AfterEach
    void release() {
        channel.finishAndReleaseAll();
    }

    private void request() {
        channel.writeInbound(new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/"));
    }

    private void piece() {
        channel.writeInbound(new DefaultHttpContent(Unpooled.wrappedBuffer(new byte[10])));
    }

    private void answer(HttpResponseStatus status) {
        channel.writeOutbound(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status));
    }

    private void pass(Duration time) {
        channel.advanceTimeBy(time.toMillis(), TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void a_body_that_arrives_long_after_the_answer_is_cut_off() {
        request();
        piece();
        answer(HttpResponseStatus.CONFLICT);
        pass(PATIENCE.minusMillis(1));
        piece();
        assertThat(channel.isOpen()).isTrue();
        pass(Duration.ofMillis(1));
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void a_body_that_ends_in_time_keeps_the_connection() {
        request();
        answer(HttpResponseStatus.CONFLICT);
        channel.writeInbound(LastHttpContent.EMPTY_LAST_CONTENT);
        pass(PATIENCE.multipliedBy(10));
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void a_body_that_is_waited_for_may_take_its_time() {
        request();
        answer(HttpResponseStatus.CONTINUE);
        piece();
        pass(PATIENCE.multipliedBy(10));
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void the_answer_to_the_request_before_counts_for_nothing() {
        request();
        channel.writeInbound(LastHttpContent.EMPTY_LAST_CONTENT);
        request();
        answer(HttpResponseStatus.OK);
        pass(PATIENCE.multipliedBy(10));
        assertThat(channel.isOpen()).isTrue();
    }
}
