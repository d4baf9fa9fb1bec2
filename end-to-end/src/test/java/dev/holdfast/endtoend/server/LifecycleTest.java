package dev.holdfast.endtoend.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.ServerProcess.Ended;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class LifecycleTest {
    @TempDir
    Path directory;

    private Options options() {
        return Options.in(directory.resolve("data"));
    }

    @Test
    void a_second_server_on_the_same_directory_does_not_start() throws Exception {
        try (ServerProcess _ = ServerProcess.start(options())) {
            Ended second = ServerProcess.run(options());

            assertThat(second.code()).isEqualTo(1);
            assertThat(second.err()).contains("holdfast.data-dir").contains("one is running on it");
        }
        try (ServerProcess third = ServerProcess.start(options())) {
            assertThat(third.address()).isNotNull();
        }
    }

    @Test
    void a_server_that_is_told_to_stop_lets_a_running_backup_finish() throws Exception {
        Path bank = Bank.create(directory.resolve("app.db"), "DELETE", 1);
        Options options = options()
                .config(
                        directory.resolve("holdfast.yml"),
                        "holdfast: {databases: {default: {file: \"%s\"}}}".formatted(bank));
        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address())) {
            try (Connection application = Bank.open(bank);
                    Statement sql = application.createStatement()) {
                sql.execute("BEGIN EXCLUSIVE");
                assertThat(client.post("/api/v1/backup", "Prefer", "respond-async")
                                .status())
                        .isEqualTo(202);
                var stopping = CompletableFuture.supplyAsync(() -> stop(server));
                while (client.post("/api/v1/backup?database=default").status() == 409) {
                    Thread.onSpinWait();
                }
                sql.execute("ROLLBACK");
                assertThat(stopping.get()).isIn(0, 143);
            }
        }
        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address())) {
            assertThat(client.filenames("default")).hasSize(1);
            assertThat(client.get("/api/v1/operations")
                            .json()
                            .path("operations")
                            .path(0)
                            .path("state")
                            .asText())
                    .isEqualTo("succeeded");
        }
    }

    private static int stop(ServerProcess server) {
        try {
            return server.stop();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_wrong_setting_ends_the_start_with_one_line() throws Exception {
        Ended ended = ServerProcess.run(options().with("--http-port", "99999"));

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err().lines().filter(it -> it.startsWith("holdfast:")))
                .singleElement()
                .isEqualTo("holdfast: holdfast.http.port: 99999 (expected: a port, 0 to 65535, 0 takes a free one)");
    }

    @Test
    void misspelt_variables_end_the_start_with_a_line_each_and_nothing_is_made() throws Exception {
        Ended ended = ServerProcess.run(
                options().env("HOLDFAST_DATABASES_SHOP_FLIE", "/srv/shop.db").env("HOLDFAST_HTTP_PROT", "0"));

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err().lines().filter(it -> it.startsWith("holdfast:")))
                .containsExactly(
                        "holdfast: HOLDFAST_DATABASES_SHOP_FLIE: unknown variable (did you mean HOLDFAST_DATABASES_SHOP_FILE?)",
                        "holdfast: HOLDFAST_HTTP_PROT: unknown variable (did you mean HOLDFAST_HTTP_PORT?)");
        assertThat(directory.resolve("data")).doesNotExist();
    }

    @Test
    void a_container_with_links_to_a_service_called_holdfast_starts_with_one_warning() throws Exception {
        Options linked = options()
                .env("HOLDFAST_SERVICE_HOST", "10.96.0.12")
                .env("HOLDFAST_SERVICE_PORT", "8080")
                .env("HOLDFAST_SERVICE_PORT_HTTP", "8080")
                .env("HOLDFAST_PORT", "tcp://10.96.0.12:8080")
                .env("HOLDFAST_PORT_8080_TCP", "tcp://10.96.0.12:8080")
                .env("HOLDFAST_PORT_8080_TCP_PROTO", "tcp")
                .env("HOLDFAST_PORT_8080_TCP_PORT", "8080")
                .env("HOLDFAST_PORT_8080_TCP_ADDR", "10.96.0.12")
                .env("HOLDFAST_NAME", "/web/holdfast")
                .env("HOLDFAST_ENV_JAVA_HOME", "/opt/java");
        try (ServerProcess server = ServerProcess.start(linked)) {
            assertThat(server.log().lines().filter(it -> it.contains("WARN")))
                    .singleElement()
                    .asString()
                    .contains("service links", "HOLDFAST_PORT_8080_TCP_ADDR", "HOLDFAST_SERVICE_HOST");
            assertThat(directory.resolve("data/app.db")).exists();
        }
    }

    @Test
    void another_address_than_loopback_needs_access_control() throws Exception {
        Ended ended = ServerProcess.run(options().with("--host", "0.0.0.0"));

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).contains("holdfast.auth.enabled: false (expected: true");
    }

    @Test
    void what_holds_secrets_is_for_its_owner_only() throws Exception {
        Options options = options().env("HOLDFAST_AUTH_ENABLED", "true");
        try (ServerProcess _ = ServerProcess.start(options)) {
            for (String name : new String[] {"jwt-secret", "holdfast.db"}) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(
                                directory.resolve("data").resolve(name))))
                        .as(name)
                        .isEqualTo("rw-------");
            }
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("data"))))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void it_tells_whether_it_is_alive_and_ready() throws Exception {
        try (ServerProcess server = ServerProcess.start(options());
                Client client = new Client(server.address())) {
            client.backUp("default");
            assertThat(client.get("/health/liveness").status()).isEqualTo(200);
            Answer ready = client.get("/health/readiness");
            assertThat(ready.status()).isEqualTo(200);
            assertThat(ready.text("status")).isEqualTo("UP");
        }
    }
}
