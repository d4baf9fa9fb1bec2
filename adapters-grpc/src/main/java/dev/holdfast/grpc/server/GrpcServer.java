package dev.holdfast.grpc.server;

import io.grpc.Server;
import io.micronaut.context.BeanProvider;
import io.micronaut.grpc.server.GrpcEmbeddedServer;
import io.micronaut.grpc.server.GrpcServerConfiguration;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The framework's gRPC server, with what has to happen before it starts and around its stop. */
@Singleton
public final class GrpcServer implements AutoCloseable {
    /** How long calls that were cut off may take to let go of what they hold. */
    private static final Duration CUT_OFF = Duration.ofSeconds(3);

    private final BeanProvider<GrpcEmbeddedServer> server;
    private final GrpcServices services;
    private final GrpcSettings settings;
    private final EventLoops threads;
    private volatile @Nullable GrpcEmbeddedServer started;

    GrpcServer(
            BeanProvider<GrpcEmbeddedServer> server, GrpcServices services, GrpcSettings settings, EventLoops threads) {
        this.server = server;
        this.threads = threads;
        this.services = services;
        this.settings = settings;
    }

    /**
     * What the framework has to know.
     *
     * @param grace how long calls that are being answered at the stop may take
     */
    public static Map<String, Object> properties(GrpcSettings settings, Duration grace) {
        return Map.of(
                GrpcServerConfiguration.HOST,
                settings.host(),
                GrpcServerConfiguration.PORT,
                settings.port(),
                GrpcServerConfiguration.PREFIX + ".await-termination",
                grace,
                // It knows of no database.
                GrpcServerConfiguration.PREFIX + ".health.enabled",
                false);
    }

    /**
     * @throws WrongTlsException if the files for TLS are not what they should be
     * @throws IOException if the address cannot be listened at
     */
    public void start() throws IOException {
        try {
            GrpcEmbeddedServer made = server.get();
            made.start();
            started = made;
        } catch (RuntimeException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof IOException reason) {
                    throw reason;
                }
            }
            throw e;
        }
        services.start();
    }

    /** A certificate, key or authority that cannot be read or does not fit. */
    public static final class WrongTlsException extends IOException {
        private static final long serialVersionUID = 1L;

        WrongTlsException(Exception cause) {
            super(cause.getMessage(), cause);
        }

        WrongTlsException(String message) {
            super(message);
        }
    }

    private Server listening() {
        GrpcEmbeddedServer running = started;
        if (running == null) {
            throw new IllegalStateException("The gRPC server has not started.");
        }
        return running.getServer();
    }

    /** The one that was taken, if the settings left it open. */
    public int port() {
        return listening().getPort();
    }

    /** Where it listens in fact. */
    public List<? extends SocketAddress> bound() {
        return listening().getListenSockets();
    }

    /** For people: host and port, and whether it is TLS. */
    public String address() {
        String scheme = settings.tls().isPresent() ? "grpcs://" : "grpc://";
        String host = settings.host().contains(":") && !settings.host().startsWith("[")
                ? "[" + settings.host() + "]"
                : settings.host();
        return scheme + host + ":" + port();
    }

    /**
     * To be said before anything is taken away: whoever asks for its health is told that it serves no more, and uploads
     * that stand still are given up, so that nobody waits for them. All else goes on.
     */
    public void announceStop() {
        services.announceStop();
    }

    /**
     * Takes no more calls, lets those that are being answered end, then cuts off the rest. What is cut off has a few seconds
     * more to let go of what it holds.
     */
    @Override
    @PreDestroy
    public void close() {
        services.announceStop();
        GrpcEmbeddedServer running = started;
        if (running != null) {
            running.stop();
            cutOff(running.getServer());
        }
        services.close();
        threads.close();
    }

    private static void cutOff(Server server) {
        if (server.isTerminated()) {
            return;
        }
        server.shutdownNow();
        try {
            var _ = server.awaitTermination(CUT_OFF.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
