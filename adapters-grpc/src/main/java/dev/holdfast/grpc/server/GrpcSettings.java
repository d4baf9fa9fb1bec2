package dev.holdfast.grpc.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How to serve.
 *
 * @param host to listen at; without {@code tls} this machine alone must be able to reach it
 * @param port 0 takes a free one
 * @param reflection whether clients may ask which services there are
 * @param silence how long a client may neither take nor send anything in the middle of a stream
 */
public record GrpcSettings(String host, int port, Optional<Tls> tls, boolean reflection, Duration silence) {
    public static final Duration USUAL_SILENCE = Duration.ofMinutes(2);

    /**
     * Files in PEM.
     *
     * @param certificate of the server, followed by those that it is signed with
     * @param privateKey PKCS#8, not encrypted
     * @param clientCa whose certificates clients have to show; empty if they need none
     */
    public record Tls(Path certificate, Path privateKey, Optional<Path> clientCa) {}
}
