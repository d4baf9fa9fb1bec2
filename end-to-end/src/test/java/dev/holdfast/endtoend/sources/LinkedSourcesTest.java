package dev.holdfast.endtoend.sources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application's user puts a link in the place of its database, or of a folder above, while the server runs. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class LinkedSourcesTest {
    private static final String PASSWORD = "correct horse battery";

    /** How the catalogue's hashes begin. */
    private static final String HASH = "argon2";

    @TempDir
    private Path directory;

    private Path data;
    private Path folder;
    private Path file;

    @BeforeEach
    void a_database_in_a_folder_of_its_application() throws Exception {
        directory = directory.toRealPath();
        data = directory.resolve("data");
        folder = Files.createDirectories(directory.resolve("srv/app"));
        file = folder.resolve("app.db");
        Bank.create(file, "WAL", 5);
        Bank.create(Files.createDirectories(directory.resolve("srv/blog")).resolve("app.db"), "WAL", 3);
    }

    private Options options(Path of, boolean access) throws IOException {
        Options options = Options.in(data).config(directory.resolve("holdfast.yml"), """
                        holdfast:
                          auth: {enabled: %s}
                          databases:
                            app: {file: "%s"}
                            blog: {file: "%s"}
                        """.formatted(
                        access, of, directory.resolve("srv/blog/app.db")));
        return access
                ? options.env("HOLDFAST_ADMIN_USERNAME", "anna").env("HOLDFAST_ADMIN_PASSWORD", PASSWORD)
                : options;
    }

    private static Answer signIn(Client client, String name, String password) throws Exception {
        return client.send(
                "POST",
                "/api/v1/auth/login",
                "{\"username\": \"" + name + "\", \"password\": \"" + password + "\"}",
                "Content-Type",
                "application/json");
    }

    private static void assertRefused(Answer answer, String... words) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(422);
        assertThat(answer.text("code")).isEqualTo("source-not-accessible");
        assertThat(answer.text("detail")).contains(words);
    }

    private static void assertChanged(Answer answer, Path before, Path now) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(409);
        assertThat(answer.text("code")).isEqualTo("location-changed");
        assertThat(answer.text("detail")).contains(before.toString(), now.toString());
    }

    private void link(Path target) throws IOException {
        Files.deleteIfExists(file);
        Files.createSymbolicLink(file, target);
    }

    private boolean isInABackup(String text) throws IOException {
        try (Stream<Path> files = Files.walk(data.resolve("backups"))) {
            for (Path it : files.filter(Files::isRegularFile).toList()) {
                if (Files.readString(it, StandardCharsets.ISO_8859_1).contains(text)) {
                    return true;
                }
            }
            return false;
        }
    }

    @Test
    void a_link_to_the_catalogue_gives_no_one_its_content_or_the_rights_of_an_admin() throws Exception {
        Path aside = folder.resolve("real.db");
        String backup;
        try (ServerProcess server = ServerProcess.start(options(file, true));
                Client client = new Client(server.address())) {
            String admin = "Bearer " + signIn(client, "anna", PASSWORD).text("access_token");
            Answer made = client.post("/api/v1/backup?database=app", "Authorization", admin);
            assertThat(made.status()).as(made.text()).isEqualTo(200);
            backup = made.text("filename");
            Files.move(file, aside);
            link(data.resolve("holdfast.db"));
            assertNothingComesThrough(client, backup);
            server.stop();
        }
        try (ServerProcess server = ServerProcess.start(options(file, true));
                Client client = new Client(server.address())) {
            assertNothingComesThrough(client, backup);
            String other = "Bearer " + signIn(client, "anna", PASSWORD).text("access_token");
            assertThat(client.post("/api/v1/backup?database=blog", "Authorization", other)
                            .status())
                    .isEqualTo(200);
            Eventually.get(server::log, it -> it.contains("Database app: " + file + " leads to "));
            link(file.getFileName());
            assertThat(client.get("/api/v1/backup?database=app", "Authorization", other)
                            .text())
                    .contains(backup);
            for (String name : List.of("holdfast.db-wal", "jwt-secret", "server-id", "holdfast.lock")) {
                link(data.resolve(name));
                assertNothingComesThrough(client, backup);
            }
            Files.delete(file);
            Files.move(aside, file);
            String admin = "Bearer " + signIn(client, "anna", PASSWORD).text("access_token");
            assertThat(client.post("/api/v1/backup?database=app", "Authorization", admin)
                            .status())
                    .isEqualTo(200);
            assertThat(isInABackup(HASH)).isFalse();
        }
    }

    private void assertNothingComesThrough(Client client, String backup) throws Exception {
        Answer signedIn = signIn(client, "anna", PASSWORD);
        assertThat(signedIn.status()).as(signedIn.text()).isEqualTo(200);
        String admin = "Bearer " + signedIn.text("access_token");
        assertRefused(client.post("/api/v1/backup?database=app", "Authorization", admin), "the server itself");
        assertRefused(
                client.post("/api/v1/backup/" + backup + "/restore?database=app", "Authorization", admin),
                "the server itself");
        assertRefused(
                client.send(
                        "POST",
                        "/api/v1/databases/app/confirm-location",
                        "{\"resolved_path\": \"" + file.toRealPath() + "\"}",
                        "Content-Type",
                        "application/json",
                        "Authorization",
                        admin),
                "the server itself");
        assertThat(signIn(client, "mallory", PASSWORD).status()).isEqualTo(401);
        assertThat(isInABackup(HASH)).isFalse();
    }

    @Test
    void a_folder_that_leads_to_another_database_is_refused_and_one_that_moved_waits_for_a_confirmation()
            throws Exception {
        Path moved = directory.resolve("srv/disk");
        try (ServerProcess server = ServerProcess.start(options(file, false));
                Client client = new Client(server.address())) {
            client.backUp("app");
            Files.move(folder, moved);
            Files.createSymbolicLink(folder, directory.resolve("srv/blog"));
            assertRefused(client.post("/api/v1/backup?database=app"), "database blog");
            assertThat(client.post("/api/v1/backup?database=blog").status()).isEqualTo(200);
            Files.delete(folder);
            Files.createSymbolicLink(folder, moved);
            assertChanged(client.post("/api/v1/backup?database=app"), file, moved.resolve("app.db"));
            assertChanged(client.post("/api/v1/backup/drill?database=app"), file, moved.resolve("app.db"));
            Eventually.get(() -> client.get("/health/readiness").text(), it -> it.contains("location-changed"));
            Eventually.get(server::log, it -> it.contains("Database app: " + file + " leads to " + moved));
            assertThat(confirm(client, "/srv/elsewhere").text("code")).isEqualTo("precondition-failed");
            assertThat(confirm(client, "/srv/elsewhere").status()).isEqualTo(412);
            assertThat(client.post("/api/v1/databases/app/confirm-location").status())
                    .isEqualTo(400);
            server.stop();
        }
        try (ServerProcess server = ServerProcess.start(options(file, false));
                Client client = new Client(server.address())) {
            assertChanged(client.post("/api/v1/backup?database=app"), file, moved.resolve("app.db"));
            Answer confirmed = confirm(client, moved.resolve("app.db").toString());
            assertThat(confirmed.status()).as(confirmed.text()).isEqualTo(200);
            assertThat(confirmed.json().at("/confirmed/0/resolved_path").asText())
                    .isEqualTo(moved.resolve("app.db").toString());
            String backup = client.backUp("app");
            assertThat(client.post("/api/v1/backup/" + backup + "/restore?database=app")
                            .status())
                    .isEqualTo(200);
            Answer again = client.post("/api/v1/databases/app/confirm-location");
            assertThat(again.status()).isEqualTo(200);
            assertThat(again.json().path("confirmed")).isEmpty();
            assertThat(client.get("/api/v1/audit").text()).contains("location.confirm");

            Files.delete(folder);
            Files.move(moved, folder);
            assertChanged(client.post("/api/v1/backup?database=app"), moved.resolve("app.db"), file);
            assertThat(Command.run(
                            data, "", "database", "confirm", "app", "--config", directory.resolve("holdfast.yml") + ""))
                    .contains(file + " leads to " + file + " from now on");
            client.backUp("app");
        }
    }

    private static Answer confirm(Client client, String path) throws Exception {
        return client.send(
                "POST",
                "/api/v1/databases/app/confirm-location",
                "{\"resolved_path\": \"" + path + "\"}",
                "Content-Type",
                "application/json");
    }

    @Test
    void restores_by_hand_and_other_settings_need_no_confirmation() throws Exception {
        Path copy = directory.resolve("copy.db");
        Bank.create(copy, "DELETE", 5);
        try (ServerProcess server = ServerProcess.start(options(file, false));
                Client client = new Client(server.address())) {
            client.backUp("app");
            deleteSidecars();
            Files.copy(copy, folder.resolve("new.db"));
            Files.move(folder.resolve("new.db"), file, StandardCopyOption.REPLACE_EXISTING);
            client.backUp("app");

            Files.delete(file);
            deleteSidecars();
            Files.delete(folder);
            Files.createDirectory(folder);
            Files.copy(copy, file);
            client.backUp("app");

            for (String own : List.of("server-id", "holdfast.lock", "holdfast.db", "jwt-secret")) {
                if (Files.exists(data.resolve(own))) {
                    assertThat(Files.getPosixFilePermissions(data.resolve(own)))
                            .as(own)
                            .isEqualTo(PosixFilePermissions.fromString("rw-------"));
                }
            }
            assertThat(Files.getPosixFilePermissions(data.resolve("scratch")))
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
            server.stop();
        }
        Path other = Files.createDirectory(directory.resolve("srv/new")).resolve("app.db");
        Files.copy(copy, other);
        Files.createSymbolicLink(directory.resolve("srv/link"), other.getParent());
        try (ServerProcess server = ServerProcess.start(options(directory.resolve("srv/link/app.db"), false));
                Client client = new Client(server.address())) {
            client.backUp("app");
            assertThat(server.log()).contains("which the server did not know").contains(other.toString());
            assertThat(client.get("/api/v1/audit").text()).contains("location.settings");
        }
    }

    private void deleteSidecars() throws IOException {
        for (String end : List.of("-wal", "-shm", "-journal")) {
            Files.deleteIfExists(folder.resolve("app.db" + end));
        }
    }
}
