package dev.holdfast.endtoend.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Databases together with their directories, through a server's whole life. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchivesTest {
    private static final String PB = "pb";
    private static final String TV = "tv";

    @TempDir
    Path directory;

    private Path pocketBase;
    private Path dispatcharr;

    @BeforeEach
    void sources() throws Exception {
        pocketBase = Files.createDirectory(directory.resolve("pb_data"));
        Bank.create(pocketBase.resolve("data.db"), "WAL", 1);
        Bank.create(pocketBase.resolve("auxiliary.db"), "WAL", 1);
        fill(pocketBase.resolve("storage"), "first");
        dispatcharr = Files.createDirectory(directory.resolve("tv"));
        Bank.create(dispatcharr.resolve("dispatcharr.db"), "DELETE", 1);
        fill(dispatcharr.resolve("logos"), "first");
        fill(dispatcharr.resolve("recordings"), "first");
    }

    private Options options() throws IOException {
        return Options.in(directory.resolve("server"))
                .config(directory.resolve("holdfast.yml"), """
                        holdfast:
                          databases:
                            pb:
                              file: "%1$s/data.db"
                              extra-files: ["%1$s/auxiliary.db"]
                              directories: ["%1$s/storage"]
                              profile: pocketbase
                            tv:
                              file: "%2$s/dispatcharr.db"
                              directories: ["%2$s/logos", "%2$s/recordings"]
                              profile: dispatcharr
                        """.formatted(pocketBase, dispatcharr));
    }

    private static void fill(Path top, String word) throws IOException {
        Files.createDirectories(top.resolve("empty"));
        Files.createDirectories(top.resolve("a/b c/ü/d/e/f/g/h/i/j"));
        Files.writeString(top.resolve("a/b c/ü/d/e/f/g/h/i/j/deep"), word);
        Files.writeString(top.resolve("none"), "");
        Files.writeString(top.resolve("x".repeat(250)), word);
        Path script = Files.writeString(top.resolve("run.sh"), "#!/bin/sh\necho " + word + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-x--x"));
        Files.setLastModifiedTime(script, FileTime.from(Instant.parse("2021-03-04T05:06:07.123456700Z")));
        Files.setLastModifiedTime(top.resolve("empty"), FileTime.from(Instant.parse("1999-01-02T03:04:05Z")));
    }

    /** A zip's times are no finer. */
    private static Instant hundredNanos(FileTime time) {
        return time.toInstant()
                .with(ChronoField.NANO_OF_SECOND, time.toInstant().get(ChronoField.NANO_OF_SECOND) / 100 * 100L);
    }

    /** Each name with its mode, its time and its bytes. */
    private static Map<String, String> tree(Path top) throws IOException {
        var found = new TreeMap<String, String>();
        try (Stream<Path> paths = Files.walk(top)) {
            for (Path path : paths.filter(it -> !it.equals(top)).toList()) {
                found.put(
                        top.relativize(path).toString(),
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(path)) + " "
                                + hundredNanos(Files.getLastModifiedTime(path)) + " "
                                + (Files.isDirectory(path) ? "directory" : Files.readString(path)));
            }
        }
        return found;
    }

    private static void change(Path... banks) throws Exception {
        for (Path bank : banks) {
            try (var application = Bank.open(bank)) {
                Bank.transact(application);
            }
        }
    }

    private static void spoil(Path top) throws IOException {
        Files.delete(top.resolve("run.sh"));
        Files.writeString(top.resolve("none"), "something");
        Files.writeString(top.resolve("later"), "later");
    }

    @Test
    void a_pocketbase_archive_brings_both_databases_and_the_storage_back_as_they_were() throws Exception {
        Map<String, String> before = tree(pocketBase.resolve("storage"));
        try (ServerProcess server = ServerProcess.start(options());
                Client client = new Client(server.address())) {
            String name = client.backUp(PB);
            assertThat(name).matches("pb_backup_\\w*_\\d{14}\\.zip");
            run("unzip", "-tq", server(PB, name));
            change(pocketBase.resolve("data.db"), pocketBase.resolve("auxiliary.db"));
            spoil(pocketBase.resolve("storage"));
            Map<String, String> spoilt = tree(pocketBase.resolve("storage"));

            Answer restored = client.post("/api/v1/backup/" + name + "/restore?database=pb");

            assertThat(restored.status()).as(restored.toString()).isEqualTo(200);
            assertThat(tree(pocketBase.resolve("storage"))).isEqualTo(before);
            assertThat(Bank.check(pocketBase.resolve("data.db"))).isZero();
            assertThat(Bank.check(pocketBase.resolve("auxiliary.db"))).isZero();

            Answer undone = client.post("/api/v1/backup/" + restored.text("safety_backup") + "/restore?database=pb");
            assertThat(undone.status()).as(undone.toString()).isEqualTo(200);
            assertThat(tree(pocketBase.resolve("storage"))).isEqualTo(spoilt);
            assertThat(Bank.check(pocketBase.resolve("data.db"))).isEqualTo(1);
            assertThat(Bank.check(pocketBase.resolve("auxiliary.db"))).isEqualTo(1);
        }
        assertThat(names(pocketBase)).noneMatch(it -> it.startsWith(".holdfast"));
    }

    @ParameterizedTest
    @CsvSource({"dispatcharr_zip, false", "dispatcharr_tar_gz, true"})
    void a_dispatcharr_archive_brings_back_what_its_layout_holds(String layout, boolean withDirectories)
            throws Exception {
        Map<String, String> before = tree(dispatcharr.resolve("logos"));
        Path bank = dispatcharr.resolve("dispatcharr.db");
        String content = dump(bank);
        try (ServerProcess server = ServerProcess.start(options());
                Client client = new Client(server.address())) {
            Answer made = client.post("/api/v1/backup?database=tv&layout=" + layout);
            assertThat(made.status()).as(made.toString()).isEqualTo(200);
            String name = made.text("filename");
            if (withDirectories) {
                run("tar", "-tzf", server(TV, name));
            } else {
                run("unzip", "-tq", server(TV, name));
            }
            change(bank);
            spoil(dispatcharr.resolve("logos"));
            Map<String, String> spoilt = tree(dispatcharr.resolve("logos"));

            Answer restored = client.post("/api/v1/backup/" + name + "/restore?database=tv");

            assertThat(restored.status()).as(restored.toString()).isEqualTo(200);
            assertThat(tree(dispatcharr.resolve("logos"))).isEqualTo(withDirectories ? before : spoilt);
            assertThat(Bank.check(bank)).isZero();
            assertThat(dump(bank)).isEqualTo(content);
            assertThat(client.get("/api/v1/backup/" + name + "?database=tv").text("layout"))
                    .isEqualTo(layout);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "fast", "best"})
    void an_archive_that_was_downloaded_can_be_uploaded_and_restored(String compression) throws Exception {
        Options options = options().env("HOLDFAST_DATABASES_PB_COMPRESSION", compression);
        Map<String, String> before = tree(pocketBase.resolve("storage"));
        Path archive = directory.resolve("mine.zip");
        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address())) {
            String name = client.backUp(PB);
            client.download(PB, name, archive);
            client.delete("/api/v1/backup/" + name + "?database=pb");
            spoil(pocketBase.resolve("storage"));
            change(pocketBase.resolve("data.db"));

            String answer = run(
                    "curl",
                    "-sS",
                    "-F",
                    "file=@" + archive,
                    server.address()
                            .resolve("/api/v1/backup/upload?database=pb")
                            .toString());

            assertThat(answer).contains("\"filename\":\"mine.zip\"").contains("\"origin\":\"uploaded\"");
            Answer restored = client.post("/api/v1/backup/mine.zip/restore?database=pb");
            assertThat(restored.status()).as(restored.toString()).isEqualTo(200);
            assertThat(tree(pocketBase.resolve("storage"))).isEqualTo(before);
            assertThat(Bank.check(pocketBase.resolve("data.db"))).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"pb, pocketbase_zip", "tv, dispatcharr_tar_gz"})
    void where_the_main_database_is_lost_a_restore_brings_it_back_and_keeps_the_directories(
            String database, String layout) throws Exception {
        Path main = database.equals(PB) ? pocketBase.resolve("data.db") : dispatcharr.resolve("dispatcharr.db");
        Path files = database.equals(PB) ? pocketBase.resolve("storage") : dispatcharr.resolve("logos");
        try (ServerProcess server = ServerProcess.start(options());
                Client client = new Client(server.address())) {
            String name = client.post("/api/v1/backup?layout=" + layout + "&database=" + database)
                    .text("filename");
            Files.delete(main);
            Files.writeString(files.resolve("later"), "precious");

            Answer restored = client.post("/api/v1/backup/" + name + "/restore?database=" + database);

            assertThat(restored.status()).as(restored.toString()).isEqualTo(200);
            assertThat(Bank.check(main)).isZero();
            assertThat(files.resolve("later")).doesNotExist();
            String safety = restored.text("safety_backup");
            Answer kept = client.get("/api/v1/backup/" + safety + "?database=" + database);
            assertThat(kept.json().at("/verification/state").asText()).isEqualTo("corrupt");
            String archive = server(database, safety);
            assertThat(database.equals(PB) ? run("unzip", "-l", archive) : run("tar", "-tzf", archive))
                    .contains("later");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_dump_is_restored_over_a_database_that_cannot_be_dumped_and_that_can_be_undone(boolean damaged)
            throws Exception {
        Path bank = dispatcharr.resolve("dispatcharr.db");
        try (ServerProcess server = ServerProcess.start(options());
                Client client = new Client(server.address())) {
            String name = client.post("/api/v1/backup?layout=dispatcharr_tar_gz&database=tv")
                    .text("filename");
            run("sqlite3", bank.toString(), "CREATE TABLE large(x); INSERT INTO large VALUES (zeroblob(70 << 20))");
            if (damaged) {
                damage(bank);
            }
            byte[] replaced = Files.readAllBytes(bank);
            Files.writeString(dispatcharr.resolve("logos/later"), "precious");

            Answer restored = client.post("/api/v1/backup/" + name + "/restore?database=tv");

            assertThat(restored.status()).as(restored.toString()).isEqualTo(200);
            assertThat(Bank.check(bank)).isZero();
            assertThat(dispatcharr.resolve("logos/later")).doesNotExist();
            String safety = restored.text("safety_backup");
            assertThat(client.get("/api/v1/backup/" + safety + "?database=tv")
                            .json()
                            .at("/verification/state")
                            .asText())
                    .isEqualTo(damaged ? "corrupt" : "passed");
            Path taken = Files.createDirectory(directory.resolve("taken"));
            run("tar", "-xzf", server(TV, safety), "-C", taken.toString());
            assertThat(taken.resolve("database.sqlite3")).hasBinaryContent(replaced);
            assertThat(taken.resolve("data/logos/later")).hasContent("precious");

            Answer undone = client.post("/api/v1/backup/" + safety + "/restore?database=tv&allow_corrupt=" + damaged);
            assertThat(undone.status()).as(undone.toString()).isEqualTo(200);
            assertThat(dispatcharr.resolve("logos/later")).hasContent("precious");
            if (!damaged) {
                assertThat(run("sqlite3", bank.toString(), "SELECT length(x) FROM large"))
                        .isEqualTo((70 << 20) + "\n");
            }
        }
    }

    @Test
    void an_archive_without_the_second_database_is_taken_neither_as_an_upload_nor_from_the_store() throws Exception {
        Path half = directory.resolve("half.zip");
        run("python3", "-c", """
                import sys, zipfile
                zipfile.ZipFile(sys.argv[1], 'w').write(sys.argv[2], 'data.db')
                """, half.toString(), pocketBase.resolve("data.db").toString());
        try (ServerProcess server = ServerProcess.start(options());
                Client client = new Client(server.address())) {
            String answer = run(
                    "curl",
                    "-sS",
                    "-F",
                    "file=@" + half,
                    server.address()
                            .resolve("/api/v1/backup/upload?database=pb")
                            .toString());
            assertThat(answer).contains("backup-incompatible").contains("auxiliary.db");

            client.backUp(PB);
            Files.copy(half, Path.of(server(PB, "half.zip")));
            change(pocketBase.resolve("data.db"), pocketBase.resolve("auxiliary.db"));
            Answer refused = client.post("/api/v1/backup/half.zip/restore?database=pb");
            assertThat(refused.status()).as(refused.toString()).isEqualTo(422);
            assertThat(refused.text("code")).isEqualTo("backup-incompatible");
            assertThat(Bank.check(pocketBase.resolve("data.db"))).isEqualTo(1);
        }
    }

    @Test
    void a_file_of_an_odd_name_stops_neither_a_backup_nor_a_restore() throws Exception {
        Files.writeString(pocketBase.resolve("storage/back\\slash"), "odd");
        try (ServerProcess server = ServerProcess.start(options());
                Client client = new Client(server.address())) {
            String name = client.backUp(PB);
            assertThat(client.get("/api/v1/backup/" + name + "?database=pb")
                            .json()
                            .at("/verification/finding")
                            .asText())
                    .contains("back\\slash")
                    .contains("was left out");
            Answer restored = client.post("/api/v1/backup/" + name + "/restore?database=pb");
            assertThat(restored.status()).as(restored.toString()).isEqualTo(200);
        }
    }

    /** A page of the first table becomes nonsense. */
    private static void damage(Path database) throws IOException {
        try (var file = new RandomAccessFile(database.toFile(), "rw")) {
            file.seek(4096);
            file.write(new byte[4096]);
        }
    }

    @Test
    void a_drill_and_a_full_verification_take_an_archive_apart() throws Exception {
        try (ServerProcess server = ServerProcess.start(options());
                Client client = new Client(server.address())) {
            String name = client.backUp(PB);
            Answer drilled = client.post("/api/v1/backup/drill?database=pb");
            assertThat(drilled.text("outcome")).as(drilled.toString()).isEqualTo("passed");
            Answer verified = client.post("/api/v1/backup/" + name + "/verify?database=pb");
            assertThat(verified.status()).as(verified.toString()).isEqualTo(200);
            assertThat(verified.toString()).contains("passed").contains("full");
        }
        assertThat(directory.resolve("server/unpacking")).isEmptyDirectory();
    }

    private String server(String database, String name) {
        return directory
                .resolve("server/backups")
                .resolve(database)
                .resolve(name)
                .toString();
    }

    private static List<String> names(Path top) throws IOException {
        try (Stream<Path> paths = Files.list(top)) {
            return paths.map(it -> it.getFileName().toString()).toList();
        }
    }

    private static String dump(Path database) throws Exception {
        return run("sqlite3", database.toString(), ".dump");
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as(String.join(" ", command) + ": " + said)
                .isZero();
        return said;
    }
}
