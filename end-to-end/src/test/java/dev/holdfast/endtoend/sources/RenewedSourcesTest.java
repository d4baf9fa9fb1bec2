package dev.holdfast.endtoend.sources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.soak.Sqlite;
import dev.holdfast.endtoend.writers.Bank;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * New files and folders at the places of databases: restores by hand and by PocketBase, new volumes and mounts need no
 * confirmation. What belongs to another database or to the server is refused.
 */
@Tag("process")
@Tag("root")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class RenewedSourcesTest {
    /** What PocketBase leaves at its place when it restores. */
    private static final Set<String> KEPT = Set.of("backups", ".pb_temp_to_delete", ".autocert_cache", "lost+found");

    @TempDir
    private static Path directory;

    private static Path app;
    private static Path pocketBase;
    private static Path blog;
    private static ServerProcess server;
    private static Client client;

    @BeforeAll
    static void a_server_with_three_databases() throws Exception {
        directory = directory.toRealPath();
        app = Files.createDirectories(directory.resolve("srv/app"));
        Bank.create(app.resolve("app.db"), "WAL", 5);
        pocketBase = pocketBase("pb");
        blog = pocketBase("blog");
        server = ServerProcess.start(options());
        client = new Client(server.address());
    }

    private static Path pocketBase(String name) throws Exception {
        Path folder = Files.createDirectories(directory.resolve("srv/" + name));
        Bank.create(folder.resolve("data.db"), "WAL", 3);
        Bank.create(folder.resolve("auxiliary.db"), "DELETE", 3);
        Files.writeString(Files.createDirectory(folder.resolve("storage")).resolve("file"), name);
        return folder;
    }

    private static Options options() throws IOException {
        return Options.in(directory.resolve("data"))
                .config(directory.resolve("holdfast.yml"), """
                        holdfast:
                          databases:
                            app: {file: "%1$s/srv/app/app.db"}
                            pb: {file: "%1$s/srv/pb/data.db", extra-files: ["%1$s/srv/pb/auxiliary.db"], directories: ["%1$s/srv/pb/storage"], profile: pocketbase}
                            blog: {file: "%1$s/srv/blog/data.db", extra-files: ["%1$s/srv/blog/auxiliary.db"], directories: ["%1$s/srv/blog/storage"], profile: pocketbase}
                        """.formatted(directory));
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    private static void assertRefused(Answer answer, String... words) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(422);
        assertThat(answer.text("code")).isEqualTo("source-not-accessible");
        assertThat(answer.text("detail")).contains(words);
    }

    private static Answer backUp(String database) throws Exception {
        return client.post("/api/v1/backup?database=" + database);
    }

    private static Answer restore(String database, String backup) throws Exception {
        return client.post("/api/v1/backup/" + backup + "/restore?database=" + database);
    }

    private static void run(Path folder, String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
    }

    @Test
    void a_restore_by_hand_as_the_guide_prints_it_needs_no_confirmation() throws Exception {
        String backup = client.backUp("app");
        Sqlite.run(app.resolve("app.db").toString(), "CREATE TABLE later(x)");
        run(app, "bash", "-euc", """
                backup=%s
                sqlite3 "$backup" 'PRAGMA integrity_check'
                mkdir aside && mv app.db* aside/
                cp "$backup" app.db
                rm -r aside
                """.formatted(
                        directory.resolve("data/backups/app").resolve(backup)));
        Path made = directory.resolve("data/backups/app").resolve(client.backUp("app"));
        assertThat(Sqlite.run(made.toString(), "SELECT count(*) FROM sqlite_schema WHERE name = 'later'"))
                .isEqualTo("0");
        assertThat(restore("app", backup).status()).isEqualTo(200);
    }

    @Test
    void a_recreated_volume_and_one_that_is_mounted_over_the_folder_need_no_confirmation() throws Exception {
        String backup = client.backUp("app");
        Path own = directory.resolve("srv/volume");
        run(app, "cp", "-a", app.toString(), own.toString());
        run(app, "rm", "-r", app.toString());
        assertThat(backUp("app").text("code")).isEqualTo("source-not-found");
        run(directory, "cp", "-a", own.toString(), app.toString());
        client.backUp("app");
        run(directory, "mount", "--bind", own.toString(), app.toString());
        try {
            client.backUp("app");
            assertThat(restore("app", backup).status()).isEqualTo(200);
        } finally {
            run(directory, "umount", app.toString());
        }
        client.backUp("app");
    }

    @Test
    void a_folder_of_another_database_or_of_the_server_that_is_mounted_over_the_folder_is_refused() throws Exception {
        String backup = client.backUp("pb");
        run(directory, "mount", "--bind", blog.toString(), pocketBase.toString());
        try {
            assertRefused(backUp("pb"), "database blog");
            assertRefused(restore("pb", backup), blog.toString());
        } finally {
            run(directory, "umount", pocketBase.toString());
        }
        for (Path others : List.of(blog.resolve("storage"), blog, directory.resolve("data"))) {
            run(directory, "mount", "--bind", others.toString(), pocketBase.resolve("storage") + "");
            try {
                assertRefused(backUp("pb"), pocketBase.resolve("storage").toString());
                assertRefused(
                        restore("pb", backup), pocketBase.resolve("storage").toString());
            } finally {
                run(directory, "umount", pocketBase.resolve("storage").toString());
            }
        }
        client.backUp("pb");
        client.backUp("blog");
    }

    @Test
    void a_restore_of_pocketbase_needs_no_confirmation() throws Exception {
        String backup = client.backUp("pb");
        Path temporary = Files.createDirectory(pocketBase.resolve(".pb_temp_to_delete"));
        Path extracted = Files.createDirectory(temporary.resolve("pb_restore_a1b2c3d4"));
        run(extracted, "unzip", "-q", directory.resolve("data/backups/pb").resolve(backup) + "");
        move(pocketBase, Files.createDirectory(temporary.resolve("old_pb_data_e5f6a7b8")));
        move(extracted, pocketBase);
        client.backUp("pb");
        run(pocketBase, "rm", "-r", temporary.toString());
        client.backUp("pb");
        assertThat(restore("pb", backup).status()).isEqualTo(200);
    }

    /** Entry by entry, as PocketBase does. */
    private static void move(Path from, Path to) throws IOException {
        try (Stream<Path> entries = Files.list(from)) {
            for (Path entry : entries.toList()) {
                if (!KEPT.contains(entry.getFileName().toString())) {
                    Files.move(entry, to.resolve(entry.getFileName()));
                }
            }
        }
    }

    @Test
    void a_directory_that_leads_to_another_database_or_to_the_server_is_refused_also_after_a_restart()
            throws Exception {
        String backup = client.backUp("pb");
        Path storage = pocketBase.resolve("storage");
        Path moved = pocketBase.resolve("moved");
        Files.move(storage, moved);
        for (Path others : List.of(blog.resolve("storage"), blog, directory.resolve("data"))) {
            Files.createSymbolicLink(storage, others);
            assertRefused(backUp("pb"), others.toString());
            assertRefused(restore("pb", backup), others.toString());
            assertRefused(confirm(others), others.toString());
            Files.delete(storage);
        }
        Files.createSymbolicLink(storage, moved);
        assertThat(backUp("pb").text("code")).isEqualTo("location-changed");
        client.close();
        server.stop();
        for (Path others : List.of(blog.resolve("storage"), directory.resolve("data"))) {
            Files.delete(storage);
            Files.createSymbolicLink(storage, others);
            try (ServerProcess restarted = ServerProcess.start(options());
                    Client other = new Client(restarted.address())) {
                Answer refused = other.post("/api/v1/backup?database=pb");
                assertRefused(refused, others.toString());
                assertThat(other.post("/api/v1/backup?database=app").status()).isEqualTo(200);
            }
        }
        Files.delete(storage);
        Files.createSymbolicLink(storage, moved);
        server = ServerProcess.start(options());
        client = new Client(server.address());
        assertThat(backUp("pb").text("code")).isEqualTo("location-changed");
        Files.delete(storage);
        Files.move(moved, storage);
        client.backUp("pb");
        assertThat(blog.resolve("storage/file")).hasContent("blog");
        assertThat(restore("pb", backup).status()).isEqualTo(200);
    }

    private static Answer confirm(Path path) throws Exception {
        return client.send(
                "POST",
                "/api/v1/databases/pb/confirm-location",
                "{\"resolved_path\": \"" + path + "\"}",
                "Content-Type",
                "application/json");
    }
}
