package dev.holdfast.http.upload;

import dev.holdfast.http.request.WireHandlers;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request that is answered before its body has come goes on to arrive, and the framework throws it away. To close
 * the connection at once would take the answer from a client that reads it late; to read on for ever would let anybody
 * send for ever. So the connection is closed if the body has not ended some time after the answer. One that is to be closed
 * after the answer is closed in our direction alone until then: the client sees the end, and may finish sending.
 */
@Singleton
final class UnreadBodies implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    @Override
    public NettyServerCustomizer.Registry onCreated(BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
        WireHandlers.add(event.getBean(), "unread-bodies", () -> new Watch(PATIENCE));
        return event.getBean();
    }

    /** Used by the channel's own thread only. */
    static final class Watch extends ChannelDuplexHandler {
        private final Duration patience;
        private boolean arriving;
        private boolean lingering;
        private long requests;
        private long answers;
        private @Nullable Future<?> end;

        Watch(Duration patience) {
            this.patience = patience;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            if (lingering) {
                ReferenceCountUtil.release(message);
                if (message instanceof LastHttpContent) {
                    close(context);
                }
                return;
            }
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
            boolean answered = WireHandlers.endsAnswer(message);
            if (answered) {
                answers++;
                if (arriving && answers == requests) {
                    closeLater(context);
                }
            }
            super.write(context, message, promise);
        }

        private void closeLater(ChannelHandlerContext context) {
            forget();
            end = context.executor().schedule(() -> close(context), patience.toMillis(), TimeUnit.MILLISECONDS);
        }

        /**
         * What a socket is closed upon before it is read makes the system send a reset, which takes the answer from a client
         * that is still sending. Below TLS half a connection cannot be closed without seeming cut off.
         */
        @Override
        public void close(ChannelHandlerContext context, ChannelPromise promise) throws Exception {
            boolean early = arriving && answers > 0 && answers == requests && !lingering;
            if (early
                    && context.channel() instanceof DuplexChannel connection
                    && context.pipeline().get(SslHandler.class) == null) {
                lingering = true;
                closeLater(context);
                var _ = connection.shutdownOutput(promise);
                connection.config().setAutoRead(true);
            } else {
                super.close(context, promise);
            }
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
