package dev.holdfast.rest.upload;

import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request that is answered before its body has come goes on to arrive, and the framework throws it away. To close
 * the connection at once would take the answer from a client that reads it late; to read on for ever would let anybody
 * send for ever. So the connection is closed if the body has not ended some time after the answer.
 */
@Singleton
final class UnreadBodies implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    @Override
    public NettyServerCustomizer.Registry onCreated(BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
        event.getBean().register(new Customizer(null));
        return event.getBean();
    }

    private record Customizer(@Nullable Channel channel) implements NettyServerCustomizer {
        @Override
        public NettyServerCustomizer specializeForChannel(Channel newChannel, ChannelRole role) {
            return new Customizer(newChannel);
        }

        @Override
        public void onStreamPipelineBuilt() {
            if (channel != null
                    && channel.pipeline().get(ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC) != null) {
                channel.pipeline()
                        .addAfter(
                                ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC,
                                "unread-bodies",
                                new Watch(PATIENCE));
            }
        }
    }

    /** Used by the channel's own thread only. */
    static final class Watch extends ChannelDuplexHandler {
        private final Duration patience;
        private boolean arriving;
        private long requests;
        private long answers;
        private @Nullable Future<?> end;

        Watch(Duration patience) {
            this.patience = patience;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            if (message instanceof HttpRequest) {
                requests++;
                arriving = true;
            }
            if (message instanceof LastHttpContent) {
                arriving = false;
                forget();
            }
            super.channelRead(context, message);
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
            boolean answered = message instanceof LastHttpContent && !isInterim(message);
            if (answered) {
                answers++;
                if (arriving && answers == requests) {
                    forget();
                    end = context.executor().schedule(() -> close(context), patience.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
            super.write(context, message, promise);
        }

        private static boolean isInterim(Object message) {
            return message instanceof HttpResponse response
                    && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) throws Exception {
            forget();
            super.channelInactive(context);
        }

        /** Nobody waits for the end: a connection that cannot be closed is gone already. */
        private static void close(ChannelHandlerContext context) {
            var _ = context.close();
        }

        private void forget() {
            if (end != null) {
                end.cancel(false);
                end = null;
            }
        }
    }
}
