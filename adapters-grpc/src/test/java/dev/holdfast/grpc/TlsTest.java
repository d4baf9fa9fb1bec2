package dev.holdfast.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.PemFiles;
import dev.holdfast.application.backup.ListBackups;
import dev.holdfast.grpc.server.GrpcServer;
import dev.holdfast.grpc.server.GrpcSettings;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.ListBackupsRequest;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over real sockets, with certificates that sign themselves. */
@Tag("adapter")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class TlsTest {

    @TempDir
    Path directory;

    private final StubUseCases given = new StubUseCases();

    @BeforeEach
    void makeKeys() throws Exception {
        given.list = (database, size, token) -> Outcome.done(new ListBackups.Page(List.of(), ""));
        PemFiles.make(directory, "server");
        PemFiles.make(directory, "client");
        PemFiles.make(directory, "stranger");
    }

    @Test
    void a_client_that_trusts_the_certificate_is_served() throws Exception {
        try (ServedGrpc server = serve(Optional.empty())) {
            assertThat(server.address()).startsWith("grpcs://127.0.0.1:");
            list(server, trusting("server").build());
        }
    }

    @Test
    void plaintext_and_a_certificate_that_is_not_trusted_lead_nowhere() throws Exception {
        try (ServedGrpc server = serve(Optional.empty())) {
            assertUnavailable(server, InsecureChannelCredentials.create());
            assertUnavailable(server, trusting("stranger").build());
        }
    }

    @Test
    void where_clients_have_to_show_a_certificate_only_a_known_one_will_do() throws Exception {
        try (ServedGrpc server = serve(Optional.of(pem("client")))) {
            list(
                    server,
                    trusting("server").keyManager(file("client"), key("client")).build());
            assertUnavailable(server, trusting("server").build());
            assertUnavailable(
                    server,
                    trusting("server")
                            .keyManager(file("stranger"), key("stranger"))
                            .build());
        }
    }

    @Test
    void files_that_are_none_stop_the_start() throws Exception {
        Files.writeString(pem("server"), "not a certificate");
        assertThatThrownBy(() -> serve(Optional.empty())).isInstanceOf(GrpcServer.WrongTlsException.class);
        Files.delete(pem("server"));
        assertThatThrownBy(() -> serve(Optional.empty())).isInstanceOf(GrpcServer.WrongTlsException.class);
    }

    @Test
    void the_file_that_is_wrong_is_named() throws Exception {
        Path authorities = Files.writeString(directory.resolve("authorities.pem"), "no authorities");
        assertThatThrownBy(() -> serve(Optional.of(authorities)))
                .isInstanceOf(GrpcServer.WrongTlsException.class)
                .hasMessageContaining(authorities.toString());
    }

    @Test
    void a_private_key_that_belongs_to_another_certificate_stops_the_start() throws Exception {
        Files.copy(
                directory.resolve("client.key"),
                directory.resolve("server.key"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> serve(Optional.empty()))
                .isInstanceOf(GrpcServer.WrongTlsException.class)
                .hasMessageContaining("does not belong");

        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        PemFiles.write(
                directory.resolve("server.key"),
                "PRIVATE KEY",
                generator.generateKeyPair().getPrivate().getEncoded());
        assertThatThrownBy(() -> serve(Optional.empty()))
                .isInstanceOf(GrpcServer.WrongTlsException.class)
                .hasMessageContaining("does not belong");
    }

    @Test
    void a_certificate_that_is_not_valid_now_stops_the_start() {
        var tls = new GrpcSettings.Tls(pem("server"), directory.resolve("server.key"), Optional.empty());
        var settings = new GrpcSettings("127.0.0.1", 0, Optional.of(tls), true, Duration.ofMinutes(2));
        Instant now = InstantSource.system().instant();

        for (Duration apart : List.of(Duration.ofDays(365), Duration.ofDays(-365))) {
            assertThatThrownBy(() -> ServedGrpc.start(
                            settings, given.all(), Optional.empty(), InstantSource.fixed(now.plus(apart))))
                    .isInstanceOf(GrpcServer.WrongTlsException.class)
                    .hasMessageContainingAll(
                            "the certificate " + pem("server"), apart.isPositive() ? "run out" : "before");
        }
    }

    @Test
    void of_certificate_and_private_key_the_one_that_is_wrong_is_named() throws Exception {
        Path key = directory.resolve("server.key");
        Files.writeString(key, "no key");
        assertThatThrownBy(() -> serve(Optional.empty()))
                .isInstanceOf(GrpcServer.WrongTlsException.class)
                .hasMessageContaining(key.toString());
        Files.delete(key);
        assertThatThrownBy(() -> serve(Optional.empty()))
                .isInstanceOf(GrpcServer.WrongTlsException.class)
                .hasMessageContaining(key + " (No such file");
        Files.writeString(pem("server"), "no certificate");
        Files.writeString(key, "no key");
        assertThatThrownBy(() -> serve(Optional.empty()))
                .isInstanceOf(GrpcServer.WrongTlsException.class)
                .hasMessageContaining(pem("server").toString());
    }

    @Test
    void a_port_that_is_taken_stops_the_start() throws Exception {
        try (ServedGrpc first = serve(Optional.empty())) {
            var settings = new GrpcSettings("127.0.0.1", first.port(), Optional.empty(), true, Duration.ofMinutes(2));
            assertThatThrownBy(() -> ServedGrpc.start(settings, given.all(), Optional.empty(), InstantSource.system()))
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(GrpcServer.WrongTlsException.class);
        }
    }

    private ServedGrpc serve(Optional<Path> clientCa) throws IOException {
        var tls = new GrpcSettings.Tls(pem("server"), directory.resolve("server.key"), clientCa);
        return ServedGrpc.start(
                new GrpcSettings("127.0.0.1", 0, Optional.of(tls), true, Duration.ofMinutes(2)),
                given.all(),
                Optional.empty(),
                InstantSource.system());
    }

    private static void assertUnavailable(ServedGrpc server, ChannelCredentials credentials) {
        assertThatThrownBy(() -> list(server, credentials))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        it -> assertThat(it.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    }

    private static void list(ServedGrpc server, ChannelCredentials credentials) {
        ManagedChannel channel = Grpc.newChannelBuilderForAddress("127.0.0.1", server.port(), credentials)
                .build();
        try {
            var _ = BackupServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(Duration.ofSeconds(30))
                    .listBackups(ListBackupsRequest.getDefaultInstance());
        } finally {
            channel.shutdownNow();
        }
    }

    private TlsChannelCredentials.Builder trusting(String name) throws IOException {
        return TlsChannelCredentials.newBuilder().trustManager(file(name));
    }

    private Path pem(String name) {
        return directory.resolve(name + ".pem");
    }

    private File file(String name) {
        return pem(name).toFile();
    }

    private File key(String name) {
        return directory.resolve(name + ".key").toFile();
    }
}
