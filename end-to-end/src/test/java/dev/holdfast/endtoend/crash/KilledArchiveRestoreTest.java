package dev.holdfast.endtoend.crash;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that is killed while it restores an archive leaves, after its next start, all of it old or all of it new. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class KilledArchiveRestoreTest {
    @TempDir
    Path directory;

    @ParameterizedTest(name = "killed at {0}")
    @CsvSource({
        "backup.copied:2, old, ask",
        "restore.secured, old, ask",
        "restore.group.prepared, old, undone",
        "restore.group.swapped, old, undone",
        "restore.group.swapped:2, old, undone",
        "restore.group.committed, new, succeeded",
        "restore.pages.1, new, succeeded",
        "restore.committed.1, new, succeeded",
        "restore.group.replaced, new, succeeded",
        "restore.pages, new, succeeded",
        "restore.committed, new, succeeded",
        "restore.group.cleared, new, ask"
    })
    void databases_and_directories_are_all_old_or_all_new_after_the_next_start(
            String step, String expected, String told) throws Exception {
        Path live = live();
        Options options = options(live);
        String name = backUpThenDieInTheRestore(options, live, step);

        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address())) {
            assertThat(state(live)).isEqualTo(expected);
            assertThat(leftovers()).isEmpty();
            if (isReplacing(step)) {
                awaitFile(live.resolve("told"));
            }
            JsonNode cutOff =
                    client.get("/api/v1/operations?database=pb").json().at("/operations/0");
            if (told.equals("succeeded")) {
                assertThat(cutOff.at("/state").asText()).isEqualTo("succeeded");
                assertThat(cutOff.at("/result/restored_from").asText()).isEqualTo(name);
                Path safety = directory
                        .resolve("server/backups/pb")
                        .resolve(cutOff.at("/result/safety_backup").asText());
                assertThat(safety).isRegularFile();
                assertThat(theirFile(safety)).isEqualTo("old");
                assertMixtureIsMarked(client, safety.getFileName().toString());
            } else {
                assertThat(cutOff.at("/error/code").asText()).isEqualTo("interrupted");
                assertThat(cutOff.at("/error/detail").asText())
                        .contains(told.equals("ask") ? " again." : "has undone it");
            }
            // Nothing is stuck: it can be asked for again.
            Answer again = client.post("/api/v1/backup/" + name + "/restore?database=pb");
            assertThat(again.status()).as(again.toString()).isEqualTo(200);
            assertThat(state(live)).isEqualTo("new");
        }
    }

    /** What the start found is listed as newer than the safety backup of the restore, and says that it is a mixture. */
    private static void assertMixtureIsMarked(Client client, String safety) throws Exception {
        for (JsonNode backup : client.get("/api/v1/backup?database=pb").json().at("/backups")) {
            if (backup.at("/origin").asText().equals("safety")) {
                String name = backup.at("/filename").asText();
                assertThat(backup.has("inconsistency")).as(name).isEqualTo(!name.equals(safety));
                if (!name.equals(safety)) {
                    Answer refused = client.post("/api/v1/backup/" + name + "/restore?database=pb");
                    assertThat(refused.status()).as(refused.toString()).isEqualTo(422);
                    assertThat(refused.toString()).contains("not from one moment");
                }
            }
        }
    }

    private Path live() throws Exception {
        Path live = Files.createDirectory(directory.resolve("pb_data"));
        Bank.create(live.resolve("data.db"), "WAL", 1);
        Bank.create(live.resolve("auxiliary.db"), "WAL", 1);
        for (String name : List.of("storage", "themes")) {
            Files.writeString(Files.createDirectory(live.resolve(name)).resolve("file"), "new");
        }
        return live;
    }

    private Options options(Path live) throws IOException {
        return Options.in(directory.resolve("server")).config(directory.resolve("holdfast.yml"), """
                holdfast:
                  busy-timeout: 1s
                  databases:
                    pb:
                      file: "%1$s/data.db"
                      extra-files: ["%1$s/auxiliary.db"]
                      directories: ["%1$s/storage", "%1$s/themes"]
                      profile: pocketbase
                      after-restore: {command: [touch, "%1$s/told"]}
                """.formatted(live));
    }

    @ParameterizedTest(name = "by a {0}")
    @ValueSource(strings = {"start", "backup"})
    void what_the_next_start_could_not_complete_is_told_when_it_is_completed_later(String later) throws Exception {
        Path live = live();
        Options options = options(live);
        backUpThenDieInTheRestore(options, live, "restore.group.replaced");
        String operation;
        try (var application = Bank.open(live.resolve("data.db"));
                var statement = application.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            try (ServerProcess server = ServerProcess.start(options);
                    Client client = new Client(server.address())) {
                JsonNode cutOff = lastRestore(client);
                operation = cutOff.at("/id").asText();
                assertThat(cutOff.at("/error/detail").asText()).contains("could not be completed yet");
                assertThat(client.get("/health/readiness").status()).isEqualTo(503);
                awaitFile(live.resolve("told"));
                Files.delete(live.resolve("told"));
                if (later.equals("backup")) {
                    statement.execute("ROLLBACK");
                    client.backUp("pb");
                    assertCompleted(client, operation, live);
                }
            }
        }
        if (later.equals("start")) {
            try (ServerProcess server = ServerProcess.start(options);
                    Client client = new Client(server.address())) {
                assertCompleted(client, operation, live);
            }
        }
    }

    private static JsonNode lastRestore(Client client) throws Exception {
        return client.get("/api/v1/operations?database=pb&kind=restore").json().at("/operations/0");
    }

    private static void assertCompleted(Client client, String operation, Path live) throws Exception {
        assertThat(state(live)).isEqualTo("new");
        awaitFile(live.resolve("told"));
        JsonNode now = lastRestore(client);
        assertThat(now.at("/id").asText()).isEqualTo(operation);
        assertThat(now.at("/state").asText()).isEqualTo("succeeded");
        // What it found out a moment ago may be told a little longer.
        Eventually.get(() -> client.get("/health/readiness").status(), it -> it == 200);
    }

    private static String backUpThenDieInTheRestore(Options options, Path live, String step) throws Exception {
        try (ServerProcess server = ServerProcess.start(options.env("HOLDFAST_FAIL_AT", step));
                Client client = new Client(server.address())) {
            String name = client.backUp("pb");
            for (String database : List.of("data.db", "auxiliary.db")) {
                try (var application = Bank.open(live.resolve(database))) {
                    Bank.transact(application);
                }
            }
            for (String tree : List.of("storage", "themes")) {
                Files.writeString(live.resolve(tree).resolve("file"), "old");
            }
            try {
                Answer answer = client.post("/api/v1/backup/" + name + "/restore?database=pb");
                throw new AssertionError(step + " was not reached: " + answer);
            } catch (IOException e) {
                assertThat(server.awaitEnd()).isEqualTo(137);
            }
            return name;
        }
    }

    private static boolean isReplacing(String step) {
        return !step.equals("backup.copied:2") && !step.equals("restore.secured");
    }

    private static void awaitFile(Path file) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!Files.exists(file)) {
            assertThat(System.nanoTime()).as("no " + file).isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private static String theirFile(Path archive) throws IOException {
        try (var zip = new ZipFile(archive.toFile());
                InputStream in = zip.getInputStream(zip.getEntry("storage/file"))) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    /** One word for all four parts. */
    private static String state(Path live) throws Exception {
        List<String> words = List.of(
                Bank.check(live.resolve("data.db")) == 0 ? "new" : "old",
                Bank.check(live.resolve("auxiliary.db")) == 0 ? "new" : "old",
                Files.readString(live.resolve("storage/file")),
                Files.readString(live.resolve("themes/file")));
        assertThat(words).as("parts of one moment").containsOnly(words.getFirst());
        return words.getFirst();
    }

    private List<Path> leftovers() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(it -> it.toString().contains("/part/")
                            || it.toString().contains("/scratch/restores/")
                            || it.toString().contains("/unpacking/")
                            || it.getFileName().toString().startsWith(".holdfast-"))
                    .toList();
        }
    }
}
