package dev.holdfast.http.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.access.Exchange;
import dev.holdfast.http.dialect.DialectServer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RequestTargetsTest {
    private final DialectServer server = DialectServer.start(true);

    @AfterAll
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            quoteCharacter = '~',
            value = {
                "/a/b.zip?x=1&y=%20 /a/b.zip?x=1&y=%20",
                "/a#b#c /a%23b%23c",
                "/gr\u00c3\u00b6\u00c3\u009fe\u00a0 /gr%C3%B6%C3%9Fe%A0",
                "/%zz /%25zz",
                "/a% /a%25",
                "/a%2 /a%252",
                "/%%41 /%25%41",
                "/a|b\\c /a%7Cb%5Cc",
                "/a?token=%&b=[] /a?token=%25&b=[]",
                "/[a] /%5Ba%5D",
                "http://[::1]:80/a http://[::1]:80/a",
                "* *",
            })
    void what_may_not_stand_in_a_uri_is_escaped_and_all_else_stays(String target, String escaped) {
        assertThat(RequestTargets.escaped(target)).isEqualTo(escaped);
        assertThat(URI.create(RequestTargets.escaped(target))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"//", "//a", ":x", "foo:", "foo:bar", "http://", "http:///a", "ftp://a/b", "a/b"})
    void what_is_no_address_is_told_so_whoever_asks(String target) {
        Exchange answer = Exchange.send(
                server.http.port,
                List.of("GET " + target + " HTTP/1.1", "Host: localhost", server.http.bearer("ann")),
                "");

        assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
        assertThat(answer.member("code")).isEqualTo("invalid-argument");
        assertThat(answer.member("detail")).isEqualTo("What the request asks for is no address.");
    }

    @Test
    void what_is_no_address_is_refused_behind_the_answers_to_the_requests_before() {
        var channel = new EmbeddedChannel(new RequestTargets.Escaping());
        channel.writeInbound(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/a"));
        channel.writeInbound(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "//"));
        assertThat(channel.<Object>readOutbound()).isNull();

        channel.writeOutbound(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
        channel.writeOutbound(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));

        assertThat(Stream.generate(() -> channel.<FullHttpResponse>readOutbound())
                        .takeWhile(it -> it != null)
                        .map(it -> it.status().code()))
                .containsExactly(100, 200, 400);
        assertThat(channel.isOpen()).isFalse();
        assertThat(channel.<FullHttpRequest>readInbound().uri()).isEqualTo("/a");
        assertThat(channel.<Object>readInbound()).isNull();
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @ValueSource(strings = {"%zz", "a%", "%", "a|b", "a<b>", "a\\b", "a[0]", "{a}", "a\"b", "a^b", "a`b"})
    void who_is_signed_in_is_answered_about_the_address_that_was_asked_for(String name) {
        String ann = server.http.bearer("ann");

        Exchange nativeApi = server.http.get("/api/v1/" + name, ann);
        assertThat(nativeApi.status()).isEqualTo(404);
        assertThat(nativeApi.member("code")).isEqualTo("route-not-found");
        Exchange dialect = server.http.get("/api/" + name, ann);
        assertThat(dialect.status()).isEqualTo(404);
        assertThat(dialect.member("message")).isEqualTo("The requested resource wasn't found.");
        assertThat(server.http.get("/jobops/api/" + name, ann).member("code")).isEqualTo("NOT_FOUND");
    }
}
