package dev.holdfast.grpc.server;

import dev.holdfast.application.connection.OpenConnections;
import dev.holdfast.grpc.server.GrpcServer.WrongTlsException;
import io.grpc.ServerBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.micronaut.context.BeanProvider;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/** What connections may do, and TLS. The framework has no settings for most of it. */
@Singleton
final class Transport implements BeanCreatedEventListener<ServerBuilder<?>> {
    private static final int MOST_CALLS_A_CONNECTION = 100;
    private static final Duration IDLE = Duration.ofMinutes(15);
    /** After so long without a word the client is asked whether it is there. */
    private static final Duration KEEP_ALIVE = Duration.ofMinutes(2);
    /** A client that asks more often is sent away. */
    private static final Duration CLIENT_KEEP_ALIVE = Duration.ofSeconds(30);

    /** Calls that a client takes back in {@link #RESET_WINDOW} on one connection; each costs more than it costs the client. */
    private static final int MAX_RESETS = 200;

    private static final Duration RESET_WINDOW = Duration.ofSeconds(30);

    private final BeanProvider<GrpcServices> services;
    private final BeanProvider<GrpcSettings> settings;
    private final BeanProvider<InstantSource> clock;
    private final BeanProvider<EventLoops> threads;
    private final BeanProvider<OpenConnections> open;

    /** A listener comes before all other beans. */
    Transport(
            BeanProvider<GrpcServices> services,
            BeanProvider<GrpcSettings> settings,
            BeanProvider<InstantSource> clock,
            BeanProvider<EventLoops> threads,
            BeanProvider<OpenConnections> open) {
        this.services = services;
        this.settings = settings;
        this.clock = clock;
        this.threads = threads;
        this.open = open;
    }

    @Override
    public ServerBuilder<?> onCreated(BeanCreatedEvent<ServerBuilder<?>> event) {
        if (!(event.getBean() instanceof NettyServerBuilder server)) {
            throw new IllegalStateException("The gRPC server is none of Netty: " + event.getBean());
        }
        OpenConnections connections = open.get();
        server.channelFactory(() -> new BoundedServerChannel(connections))
                .bossEventLoopGroup(threads.get().accepting())
                .workerEventLoopGroup(threads.get().connected())
                .handshakeTimeout(connections.limits().head().toMillis(), TimeUnit.MILLISECONDS)
                .maxConcurrentCallsPerConnection(MOST_CALLS_A_CONNECTION)
                .maxConnectionIdle(IDLE.toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTime(KEEP_ALIVE.toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveTime(CLIENT_KEEP_ALIVE.toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(true)
                .maxRstFramesPerWindow(MAX_RESETS, (int) RESET_WINDOW.toSeconds());
        services.get().limit(server);
        settings.get().tls().ifPresent(it -> secure(server, it));
        return server;
    }

    private void secure(NettyServerBuilder server, GrpcSettings.Tls files) {
        try {
            server.sslContext(ServerTls.context(files, clock.get()));
        } catch (WrongTlsException e) {
            throw new UncheckedIOException(e);
        }
    }
}
