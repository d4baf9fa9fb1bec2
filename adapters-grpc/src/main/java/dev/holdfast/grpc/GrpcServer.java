package dev.holdfast.grpc;

import dev.holdfast.application.access.Identification;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A gRPC server that listens. */
public final class GrpcServer implements AutoCloseable {
    private static final int MOST_CALLS_A_CONNECTION = 100;
    private static final Duration IDLE = Duration.ofMinutes(15);
    /** After so long without a word the client is asked whether it is there. */
    private static final Duration KEEP_ALIVE = Duration.ofMinutes(2);
    /** A client that asks more often is sent away. */
    private static final Duration CLIENT_KEEP_ALIVE = Duration.ofSeconds(30);

    /** Calls that a client takes back in {@link #RESET_WINDOW} on one connection; each costs more than it costs the client. */
    private static final int MAX_RESETS = 200;

    private static final Duration RESET_WINDOW = Duration.ofSeconds(30);

    /** How long calls that were cut off may take to let go of what they hold. */
    private static final Duration CUT_OFF = Duration.ofSeconds(3);

    private final Services services;
    private final Server server;
    private final GrpcSettings settings;

    private GrpcServer(Services services, Server server, GrpcSettings settings) {
        this.services = services;
        this.server = server;
        this.settings = settings;
    }

    /**
     * @param identification empty while access control is off, which opens everything to everybody who reaches the port
     * @throws WrongTlsException if the files for TLS are not what they should be
     * @throws IOException if the address cannot be listened at
     */
    public static GrpcServer start(
            GrpcSettings settings, UseCases useCases, Optional<Identification> identification, InstantSource clock)
            throws IOException {
        ServerCredentials credentials = credentials(settings.tls());
        var services = new Services(useCases, identification, settings.silence(), clock);
        try {
            NettyServerBuilder builder = builder(settings, credentials)
                    .maxConcurrentCallsPerConnection(MOST_CALLS_A_CONNECTION)
                    .maxConnectionIdle(IDLE.toMillis(), TimeUnit.MILLISECONDS)
                    .keepAliveTime(KEEP_ALIVE.toMillis(), TimeUnit.MILLISECONDS)
                    .permitKeepAliveTime(CLIENT_KEEP_ALIVE.toMillis(), TimeUnit.MILLISECONDS)
                    .permitKeepAliveWithoutCalls(true)
                    .maxRstFramesPerWindow(MAX_RESETS, (int) RESET_WINDOW.toSeconds());
            services.addTo(builder, settings.reflection());
            Server server = builder.build().start();
            services.start();
            return new GrpcServer(services, server, settings);
        } catch (IOException | RuntimeException e) {
            services.close();
            throw e;
        }
    }

    private static NettyServerBuilder builder(GrpcSettings settings, ServerCredentials credentials)
            throws WrongTlsException {
        try {
            var builder =
                    NettyServerBuilder.forAddress(new InetSocketAddress(settings.host(), settings.port()), credentials);
            if (settings.tls().isPresent()) {
                KeyAndCertificate.requireFit(settings.tls().get());
            }
            return builder;
        } catch (IllegalArgumentException e) {
            throw new WrongTlsException(e);
        }
    }

    private static ServerCredentials credentials(Optional<GrpcSettings.Tls> tls) throws WrongTlsException {
        if (tls.isEmpty()) {
            return InsecureServerCredentials.create();
        }
        GrpcSettings.Tls files = tls.get();
        try {
            TlsServerCredentials.Builder builder = TlsServerCredentials.newBuilder()
                    .keyManager(files.certificate().toFile(), files.privateKey().toFile());
            if (files.clientCa().isPresent()) {
                trust(builder, files.clientCa().get());
            }
            return builder.build();
        } catch (WrongTlsException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            throw new WrongTlsException(e);
        }
    }

    /** Looks into the file as well: what reads it later says what is wrong, but not with which file. */
    private static void trust(TlsServerCredentials.Builder builder, Path authorities) throws WrongTlsException {
        try (InputStream in = Files.newInputStream(authorities)) {
            if (CertificateFactory.getInstance("X.509").generateCertificates(in).isEmpty()) {
                throw new CertificateException("no certificate is in it");
            }
            builder.trustManager(authorities.toFile()).clientAuth(TlsServerCredentials.ClientAuth.REQUIRE);
        } catch (IOException | CertificateException | IllegalArgumentException e) {
            throw new WrongTlsException("client-ca " + authorities + ": " + e.getMessage());
        }
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

    /** The one that was taken, if the settings left it open. */
    public int port() {
        return server.getPort();
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
     * Takes no more calls, lets those that are being answered end, then cuts off the rest.
     *
     * @param grace how long that may take; what is cut off has a few seconds more to let go of what it holds
     */
    public void stop(Duration grace) {
        services.announceStop();
        server.shutdown();
        try {
            if (!server.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS)) {
                server.shutdownNow();
                var _ = server.awaitTermination(CUT_OFF.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        services.close();
    }

    @Override
    public void close() {
        stop(Duration.ZERO);
    }
}
