package dev.holdfast.bootstrap;

import dev.holdfast.application.access.Identification;
import dev.holdfast.bootstrap.settings.Settings;
import dev.holdfast.grpc.GrpcServer;
import dev.holdfast.grpc.GrpcSettings;
import dev.holdfast.grpc.UseCases;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;

/** Starts the gRPC server over the same use cases and the same identification as the HTTP server. */
final class GrpcStart {
    private GrpcStart() {}

    static GrpcServer start(Settings settings, ApplicationContext context) {
        GrpcSettings grpc = settings.grpc();
        Optional<Identification> identification =
                settings.auth().enabled() ? Optional.of(context.getBean(Identification.class)) : Optional.empty();
        try {
            return GrpcServer.start(
                    grpc, context.getBean(UseCases.class), identification, context.getBean(InstantSource.class));
        } catch (GrpcServer.WrongTlsException e) {
            throw new StartRefused("holdfast.grpc.tls: "
                    + grpc.tls().map(GrpcSettings.Tls::certificate).orElseThrow()
                    + " (expected: a certificate and its private key in PEM, the key as PKCS #8, and authorities in PEM; "
                    + e.getMessage()
                    + ")");
        } catch (IOException e) {
            throw new StartRefused("holdfast.grpc.port: " + grpc.port() + " (expected: a port that is free on "
                    + grpc.host() + "; " + e.getMessage() + ")");
        }
    }
}
