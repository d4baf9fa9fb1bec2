package dev.holdfast.grpc.server;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The threads of the connections. */
@Singleton
final class EventLoops implements AutoCloseable {
    private static final Duration END = Duration.ofSeconds(3);

    private final EventLoopGroup accepting = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("grpc-accept", true), NioIoHandler.newFactory());
    private final EventLoopGroup connected = new MultiThreadIoEventLoopGroup(
            new DefaultThreadFactory("grpc-connection", true), NioIoHandler.newFactory());

    EventLoopGroup accepting() {
        return accepting;
    }

    EventLoopGroup connected() {
        return connected;
    }

    /** Waits a few seconds at most. */
    @Override
    public void close() {
        List<Future<?>> ends = List.of(end(accepting), end(connected));
        ends.forEach(it -> it.awaitUninterruptibly(END.toMillis()));
    }

    private static Future<?> end(EventLoopGroup group) {
        return group.shutdownGracefully(0, END.toMillis(), TimeUnit.MILLISECONDS);
    }
}
