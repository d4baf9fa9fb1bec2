package dev.holdfast.bootstrap.start;

import dev.holdfast.grpc.server.GrpcServer;
import dev.holdfast.grpc.server.GrpcSettings;
import java.io.IOException;

/** Starts the gRPC server, or says which setting is in the way. */
public final class GrpcStart {
    private GrpcStart() {}

    public static void start(GrpcServer server, GrpcSettings grpc) {
        try {
            server.start();
        } catch (GrpcServer.WrongTlsException e) {
            throw new StartupException("holdfast.grpc.tls: "
                    + grpc.tls().map(GrpcSettings.Tls::certificate).orElseThrow()
                    + " (expected: a certificate and its private key in PEM, the key as PKCS #8, and authorities in PEM; "
                    + e.getMessage()
                    + ")");
        } catch (IOException e) {
            throw new StartupException("holdfast.grpc.port: " + grpc.port() + " (expected: a port that is free on "
                    + grpc.host() + "; " + e.getMessage() + ")");
        }
    }
}
