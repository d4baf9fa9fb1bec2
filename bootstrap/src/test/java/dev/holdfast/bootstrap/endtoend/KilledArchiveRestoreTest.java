package dev.holdfast.bootstrap.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.bootstrap.endtoend.Client.Answer;
import dev.holdfast.bootstrap.endtoend.ServerProcess.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server that is killed while it restores an archive leaves, after its next start, all of it old or all of it new. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class KilledArchiveRestoreTest {
    @TempDir
    Path directory;

    @ParameterizedTest(name = "killed at {0}")
    @CsvSource({
        "backup.copied:2, old",
        "restore.secured, old",
        "restore.group.prepared, old",
        "restore.group.swapped, old",
        "restore.group.swapped:2, old",
        "restore.group.committed, new",
        "restore.pages.1, new",
        "restore.committed.1, new",
        "restore.group.replaced, new",
        "restore.pages, new",
        "restore.committed, new",
        "restore.group.cleared, new"
    })
    void databases_and_directories_are_all_old_or_all_new_after_the_next_start(String step, String expected)
            throws Exception {
        Path live = Files.createDirectory(directory.resolve("pb_data"));
        Bank.create(live.resolve("data.db"), "WAL", 1);
        Bank.create(live.resolve("auxiliary.db"), "WAL", 1);
        for (String name : List.of("storage", "themes")) {
            Files.writeString(Files.createDirectory(live.resolve(name)).resolve("file"), "new");
        }
        Options options =
                Options.in(directory.resolve("server")).config(directory.resolve("holdfast.yml"), """
                        holdfast:
                          databases:
                            pb:
                              file: "%1$s/data.db"
                              extra-files: ["%1$s/auxiliary.db"]
                              directories: ["%1$s/storage", "%1$s/themes"]
                              profile: pocketbase
                        """.formatted(live));
        String name = backUpThenDieInTheRestore(options, live, step);

        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address())) {
            assertThat(state(live)).isEqualTo(expected);
            assertThat(leftovers()).isEmpty();
            Answer operations = client.get("/api/v1/operations?database=pb");
            assertThat(operations.json().at("/operations/0/error/code").asText())
                    .isEqualTo("interrupted");
            // Nothing is stuck: it can be asked for again.
            Answer again = client.post("/api/v1/backup/" + name + "/restore?database=pb");
            assertThat(again.status()).as(again.toString()).isEqualTo(200);
            assertThat(state(live)).isEqualTo("new");
        }
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
