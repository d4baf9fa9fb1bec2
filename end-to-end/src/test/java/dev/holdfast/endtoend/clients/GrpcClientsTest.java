package dev.holdfast.endtoend.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import dev.holdfast.example.BackUpAndRestore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients made with tools that know nothing of Holdfast, and the examples of docs/clients.md. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class GrpcClientsTest {
    private static final Path PROTOS =
            Path.of("../adapters-grpc/src/main/proto").toAbsolutePath().normalize();

    @TempDir
    Path directory;

    private Path bank;
    private Path locked;
    private ServerProcess server;

    @BeforeEach
    void start() throws Exception {
        bank = Bank.create(directory.resolve("app.db"), "WAL", 1);
        locked = Bank.create(directory.resolve("locked.db"), "DELETE", 0);
        server = ServerProcess.start(Options.in(directory.resolve("data"))
                .config(directory.resolve("holdfast.yml"), """
                                holdfast:
                                  busy-timeout: 60s
                                  databases: {default: {file: "%s"}, locked: {file: "%s"}}
                                """.formatted(bank, locked)));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void a_client_made_from_the_proto_files_does_all_that_a_backup_is_for() throws Exception {
        runs("with-protos.js");
    }

    @Test
    void a_client_that_only_asks_the_server_what_it_can_do_does_all_that_a_backup_is_for() throws Exception {
        runs("with-reflection.js");
    }

    @Test
    void the_example_in_node_works() throws Exception {
        Path file = directory.resolve("downloaded.db");

        String out = NodeScript.run("grpc/example.js", List.of(address(), PROTOS.toString(), file.toString()));

        assertThat(out)
                .contains("PHASE_")
                .containsPattern("restored app_\\d{8}_\\d{6}\\.db; what was there is in app_");
        assertThat(Bank.check(file)).isZero();
    }

    @Test
    void the_example_in_java_works_too() throws Exception {
        Path file = directory.resolve("downloaded.db");

        BackUpAndRestore.main(new String[] {address(), file.toString()});

        assertThat(Bank.check(file)).isZero();
        try (var client = new Client(server.address())) {
            assertThat(client.filenames("default"))
                    .as("the backup and the safety backup")
                    .hasSize(2);
        }
    }

    private void runs(String script) throws Exception {
        String older;
        try (var client = new Client(server.address())) {
            older = client.backUp("default");
        }
        try (Connection connection = Bank.open(bank)) {
            Bank.transact(connection);
        }
        Path file = directory.resolve("downloaded.db");
        try (Connection application = Bank.open(locked);
                Statement sql = application.createStatement()) {
            sql.execute("BEGIN EXCLUSIVE");
            String out =
                    NodeScript.run("grpc/" + script, List.of(address(), older, file.toString(), PROTOS.toString()));
            assertThat(out).endsWith("done\n");
            sql.execute("ROLLBACK");
        }
        assertThat(Bank.check(file)).as("entries in the download").isEqualTo(1);
        assertThat(Bank.check(bank)).as("entries after the restore").isZero();
        assertThat(server.log()).doesNotContain("ERROR");
    }

    private String address() {
        return "127.0.0.1:" + server.grpcPort();
    }
}
