package dev.holdfast.grpc.server;

import dev.holdfast.application.connection.OpenConnections;
import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.SocketAddress;
import java.util.List;

/** Closes connections that come when there are too many, before they cost more than their descriptor. */
final class BoundedServerChannel extends NioServerSocketChannel {
    private final OpenConnections open;

    BoundedServerChannel(OpenConnections open) {
        this.open = open;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        int count = super.doReadMessages(accepted);
        if (count <= 0) {
            return count;
        }
        Channel connection = (Channel) accepted.getLast();
        SocketAddress remote = connection.remoteAddress();
        if (open.begin(remote)) {
            var _ = connection.closeFuture().addListener(_ -> open.end(remote));
            return count;
        }
        accepted.removeLast();
        connection.unsafe().closeForcibly();
        open.reportClosed("too many are open", remote);
        return 0;
    }
}
