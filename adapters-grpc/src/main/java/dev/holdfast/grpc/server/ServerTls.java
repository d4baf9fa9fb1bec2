package dev.holdfast.grpc.server;

import dev.holdfast.grpc.server.GrpcServer.WrongTlsException;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.InstantSource;

/** Makes of the files of the settings what TLS is served with, or says which of them is wrong. */
final class ServerTls {
    private ServerTls() {}

    static SslContext context(GrpcSettings.Tls files, InstantSource clock) throws WrongTlsException {
        try {
            requireReadable(files.certificate());
            requireReadable(files.privateKey());
            SslContextBuilder builder = GrpcSslContexts.forServer(
                    files.certificate().toFile(), files.privateKey().toFile());
            if (files.clientCa().isPresent()) {
                trust(builder, files.clientCa().get());
            }
            SslContext context = builder.build();
            KeyAndCertificate.requireFit(files, clock);
            return context;
        } catch (WrongTlsException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            throw new WrongTlsException(e);
        }
    }

    /** Its exception says why it cannot be read; the one of TLS does not. */
    private static void requireReadable(Path file) throws IOException {
        try (var in = new FileInputStream(file.toFile())) {
            var _ = in.read();
        }
    }

    /** Looks into the file as well: what reads it later says what is wrong, but not with which file. */
    private static void trust(SslContextBuilder builder, Path authorities) throws WrongTlsException {
        try (InputStream in = Files.newInputStream(authorities)) {
            if (CertificateFactory.getInstance("X.509").generateCertificates(in).isEmpty()) {
                throw new CertificateException("no certificate is in it");
            }
            builder.trustManager(authorities.toFile()).clientAuth(ClientAuth.REQUIRE);
        } catch (IOException | CertificateException | IllegalArgumentException e) {
            throw new WrongTlsException("client-ca " + authorities + ": " + e.getMessage());
        }
    }
}
