package dev.holdfast.endtoend.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.access.PemFiles;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.RestApi;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.example.OverTls;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/clients.md against a server that wants TLS, a client's certificate and a token. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class GrpcOverTlsTest {
    private static final Path PROTOS =
            Path.of("../adapters-grpc/src/main/proto").toAbsolutePath().normalize();

    @TempDir
    Path directory;

    @BeforeEach
    void makeKeys() throws Exception {
        PemFiles.make(directory, "server");
        PemFiles.make(directory, "client");
    }

    private Options options(String key) throws Exception {
        return Options.in(directory.resolve("data"))
                .withDatabase()
                .config(directory.resolve("holdfast.yml"), """
                        holdfast:
                          auth: {enabled: true}
                          grpc: {tls: {certificate: "%s", private-key: "%s", client-ca: "%s"}}
                        """.formatted(
                                file("server.pem"), file(key), file("client.pem")));
    }

    @Test
    void the_examples_over_tls_work() throws Exception {
        try (ServerProcess server = ServerProcess.start(options("server.key"))) {
            String token = Command.run(
                            directory.resolve("data"), "", "token", "create", "--name", "work", "--role", "operator")
                    .strip();
            String address = "127.0.0.1:" + server.grpcPort();

            String out = NodeScript.run(
                    "grpc/tls.js",
                    List.of(address, PROTOS.toString(), file("server.pem"), file("client.pem"), file("client.key")),
                    Map.of("HOLDFAST_TOKEN", token));
            assertThat(out).containsPattern("made app_\\d{8}_\\d{6}\\.db");
            OverTls.main(new String[] {address, token, file("server.pem"), file("client.pem"), file("client.key")});

            try (var rest = new RestApi(server.address(), token)) {
                assertThat(rest.list("default", 0, "").get("backups"))
                        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                        .hasSize(2);
            }
            assertThat(server.stop()).as(server.log()).isEqualTo(143);
            assertThat(server.log()).doesNotContain("WARN", "ERROR");
        }
    }

    @Test
    void a_private_key_of_another_certificate_ends_the_start_with_one_line() throws Exception {
        ServerProcess.Ended ended = ServerProcess.run(options("client.key"));

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err().lines().filter(it -> it.startsWith("holdfast:")))
                .singleElement()
                .asString()
                .startsWith("holdfast: holdfast.grpc.tls: " + file("server.pem"))
                .contains("the private key " + file("client.key") + " does not belong to this certificate");
    }

    private String file(String name) {
        return directory.resolve(name).toString();
    }
}
