package dev.holdfast.http.request;

import dev.holdfast.application.connection.OpenConnections;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import jakarta.inject.Singleton;
import java.net.SocketAddress;

/**
 * Closes connections that come when there are too many, before they cost more than their descriptor
 * ({@code docs/internals/messages.md#connections}).
 */
@Singleton
final class ConnectionBounds implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
    private final OpenConnections open;

    ConnectionBounds(OpenConnections open) {
        this.open = open;
    }

    @Override
    public NettyServerCustomizer.Registry onCreated(BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
        event.getBean().register(new Listener(open));
        WireHandlers.add(event.getBean(), "connection-times", () -> new ConnectionTimes(open.limits()));
        WireHandlers.addForBytes(event.getBean(), "message-gate", () -> new MessageGate(open));
        return event.getBean();
    }

    private record Listener(OpenConnections open) implements NettyServerCustomizer {
        @Override
        public NettyServerCustomizer specializeForChannel(Channel channel, ChannelRole role) {
            if (role == ChannelRole.LISTENER) {
                channel.pipeline().addFirst("connection-bounds", new Acceptance(open));
            }
            return this;
        }
    }

    /** Sees each connection before it has handlers. Used by the listener's thread only. */
    private static final class Acceptance extends ChannelInboundHandlerAdapter {
        private final OpenConnections open;

        Acceptance(OpenConnections open) {
            this.open = open;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            if (message instanceof Channel connection) {
                SocketAddress remote = connection.remoteAddress();
                if (!open.begin(remote)) {
                    connection.unsafe().closeForcibly();
                    open.reportClosed("too many are open", remote);
                    return;
                }
                var _ = connection.closeFuture().addListener(_ -> open.end(remote));
            }
            super.channelRead(context, message);
        }
    }
}
