package dev.holdfast.endtoend.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.PairOfFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a whole data directory goes through, without access control, as on one machine. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PocketBaseDirectoryTest {
    @TempDir
    Path directory;

    @Test
    void a_directory_that_is_written_to_is_backed_up_wiped_and_put_back() throws Exception {
        Path data = PocketBaseInstallation.data(directory);
        Path told = directory.resolve("told");
        Path command = Files.writeString(directory.resolve("reopen.sh"), """
                #!/bin/sh
                printf 'one\\nERROR two \\033[31mred\\n'
                printf '%s %s %s %s' "$1" "$HOLDFAST_DATABASE" "$HOLDFAST_BACKUP" \\
                    "$(env | sed -n 's/^\\(HOLDFAST_[A-Z_]*\\)=.*/\\1/p' | sort | tr '\\n' ' ')" > "$2.part" && mv "$2.part" "$2"
                """);
        assertThat(command.toFile().setExecutable(true)).isTrue();
        Options options = PocketBaseInstallation.options(directory, data)
                .env("HOLDFAST_DATABASES_PB_AFTER_RESTORE_COMMAND", command + ",reopen," + told);
        Map<String, String> files = tree(data.resolve("storage"));
        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address())) {
            long counted;
            try (PairOfFiles writer = PairOfFiles.start(data.resolve("data.db"), data.resolve("auxiliary.db"), "WAL")) {
                for (int i = 0; i < 5; i++) {
                    Answer made = client.send(
                            "POST",
                            "/api/backups",
                            "{\"name\":\"b" + i + ".zip\"}",
                            "Content-Type",
                            "application/json");
                    assertThat(made.status()).as(made.toString()).isEqualTo(204);
                }
                counted = writer.stop();
            }
            long main = PairOfFiles.count(unzipped("b4.zip", "data.db"));
            long auxiliary = PairOfFiles.count(unzipped("b4.zip", "auxiliary.db"));
            assertThat(main).isBetween(1L, counted);
            assertThat(main - auxiliary).isBetween(0L, 1L);

            wipe(data);
            Answer restored = client.post("/api/backups/b4.zip/restore", "Prefer", "return=representation");

            assertThat(restored.status()).as(restored.toString() + server.log()).isEqualTo(200);
            assertThat(tree(data.resolve("storage"))).isEqualTo(files);
            assertThat(PairOfFiles.count(data.resolve("data.db"))).isEqualTo(main);
            assertThat(PairOfFiles.count(data.resolve("auxiliary.db"))).isEqualTo(auxiliary);
            Eventually.get(() -> Files.exists(told), it -> it);
            assertThat(told).hasContent("reopen pb b4.zip HOLDFAST_BACKUP HOLDFAST_DATABASE ");
            String log = Eventually.get(server::log, it -> it.contains("the command after the restore says"));
            assertThat(log).contains("says: one\\nERROR two \\u{1b}[31mred\n").doesNotContain("\nERROR two");
            assertThat(client.get("/api/health")
                            .json()
                            .at("/data/lastRestore/state")
                            .asText())
                    .isEqualTo("succeeded");
        }
    }

    @Test
    void an_archive_as_pocketbase_makes_it_can_be_uploaded_and_restored() throws Exception {
        Path data = PocketBaseInstallation.data(directory);
        Map<String, String> files = tree(data.resolve("storage"));
        // As PocketBase does: the files with their logs beside them, links as links, which are then passed over, no
        // entries of directories, no manifest.
        Path archive = directory.resolve("pb_backup_acme_20240115120000.zip");
        try (PairOfFiles writer = PairOfFiles.start(data.resolve("data.db"), data.resolve("auxiliary.db"), "WAL")) {
            writer.stop();
            run(data, "python3", "-c", """
                    import os, sys, zipfile
                    with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as archive:
                        for folder, _, names in os.walk('.'):
                            for name in names:
                                path = os.path.join(folder, name)
                                archive.write(path, os.path.relpath(path, '.'))
                        link = zipfile.ZipInfo('storage/pbc_1/a_link')
                        link.create_system, link.external_attr = 3, 0o120777 << 16
                        archive.writestr(link, '/etc')
                    """, archive.toString());
        }
        long main = PairOfFiles.count(data.resolve("data.db"));
        try (ServerProcess server = ServerProcess.start(PocketBaseInstallation.options(directory, data));
                Client client = new Client(server.address())) {
            String base = server.address().toString().replaceAll("/$", "");
            String sent = run(
                    directory,
                    "curl",
                    "-sS",
                    "-w",
                    "%{http_code}",
                    "-F",
                    "file=@" + archive,
                    base + "/pocketbase/api/backups/upload");
            assertThat(sent).isEqualTo("204");
            wipe(data);

            Answer restored = client.post(
                    "/api/backups/" + archive.getFileName() + "/restore", "Prefer", "return=representation");

            assertThat(restored.status()).as(restored.toString() + server.log()).isEqualTo(200);
            assertThat(tree(data.resolve("storage"))).isEqualTo(files);
            assertThat(PairOfFiles.count(data.resolve("data.db"))).isEqualTo(main);
        }
    }

    @Test
    void one_operation_at_a_time_says_that_it_is_one() throws Exception {
        Path data = PocketBaseInstallation.data(directory);
        Files.write(data.resolve("storage/large"), new byte[64 << 20]);
        try (ServerProcess server = ServerProcess.start(PocketBaseInstallation.options(directory, data));
                Client client = new Client(server.address());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> running = threads.submit(() -> client.send(
                    "POST", "/api/backups", "{\"name\":\"first.zip\"}", "Content-Type", "application/json"));
            Eventually.get(() -> canBackup(client), it -> !it);
            for (String path : List.of("/api/backups", "/api/backups/any.zip/restore")) {
                Answer busy = client.post(path);
                assertThat(busy.status()).isEqualTo(400);
                assertThat(busy.text("message"))
                        .isEqualTo("Try again later - another backup/restore process has already been started.");
            }
            Answer deleted = client.delete("/api/backups/first.zip");
            assertThat(deleted.text("message")).isEqualTo("The backup is currently being used and cannot be deleted.");
            assertThat(client.get("/api/backups").json()).isEmpty();
            assertThat(running.get().status()).isEqualTo(204);
            assertThat(canBackup(client)).isTrue();
        }
    }

    @Test
    void a_client_that_goes_away_stops_nothing() throws Exception {
        Path data = PocketBaseInstallation.data(directory);
        Files.write(data.resolve("storage/large"), new byte[32 << 20]);
        try (ServerProcess server = ServerProcess.start(PocketBaseInstallation.options(directory, data));
                Client client = new Client(server.address())) {
            try (var socket = new Socket(
                    InetAddress.getLoopbackAddress(), server.address().getPort())) {
                socket.getOutputStream()
                        .write("POST /api/backups HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                Eventually.get(() -> canBackup(client), it -> !it);
            }
            Eventually.get(() -> canBackup(client), it -> it);
            assertThat(client.get("/api/backups").json()).hasSize(1);
        }
    }

    private static boolean canBackup(Client client) throws Exception {
        return client.get("/api/health").json().at("/data/canBackup").asBoolean();
    }

    private Path unzipped(String archive, String member) throws Exception {
        Path folder = Files.createDirectories(directory.resolve("unzipped"));
        run(
                folder,
                "unzip",
                "-oq",
                directory.resolve("server/backups/pb").resolve(archive).toString(),
                member);
        return folder.resolve(member);
    }

    private static void wipe(Path data) throws IOException {
        try (Stream<Path> all = Files.walk(data)) {
            for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                if (!path.equals(data)) {
                    Files.delete(path);
                }
            }
        }
    }

    private static Map<String, String> tree(Path top) throws IOException {
        var tree = new TreeMap<String, String>();
        try (Stream<Path> paths = Files.walk(top)) {
            for (Path path : paths.toList()) {
                tree.put(
                        top.relativize(path).toString(),
                        Files.isDirectory(path) ? "directory" : Arrays.hashCode(Files.readAllBytes(path)) + "");
            }
        }
        return tree;
    }

    private static String run(Path folder, String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(String.join(" ", command) + said).isZero();
        return said;
    }
}
