package dev.holdfast.endtoend.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class KilledServerTest {
    private static final List<String> STEPS_OF_A_BACKUP = List.of(
            "backup.pinned",
            "store.part-created",
            "store.half-written",
            "store.sealed",
            "backup.copied",
            "backup.checked",
            "store.meta-written",
            "store.linked",
            "store.published",
            "backup.published");

    @TempDir
    Path directory;

    static List<String> steps_of_a_backup() {
        return STEPS_OF_A_BACKUP;
    }

    @ParameterizedTest(name = "killed at {0}")
    @MethodSource("steps_of_a_backup")
    void a_server_killed_during_a_backup_leaves_a_whole_one_or_none(String step) throws Exception {
        Path bank = filled("WAL");
        // The first backup reaches each step once.
        String first = backUpThenDieAt(step + ":2", client -> {}, (client, name) -> client.post("/api/v1/backup"));

        try (ServerProcess server = ServerProcess.start(options(bank));
                Client client = new Client(server.address())) {
            assertThat(lastOperation(client)).isEqualTo("failed interrupted");
            List<String> names = client.filenames("default");
            assertThat(names).contains(first).hasSizeBetween(1, 2);
            for (String name : names) {
                assertThat(Bank.check(backups().resolve(name))).isEqualTo(5);
                Answer verified = client.post("/api/v1/backup/" + name + "/verify");
                assertThat(verified.status()).isEqualTo(200);
            }
            assertThat(leftovers()).isEmpty();
            assertThat(client.backUp("default")).isNotIn(names);
        }
        assertThat(Bank.check(bank)).isEqualTo(5);
    }

    static Stream<Arguments> steps_of_a_restore() {
        return Stream.of("WAL", "DELETE").flatMap(mode -> RESTORE_STEPS.stream().map(step -> Arguments.of(mode, step)));
    }

    private static final List<String> RESTORE_STEPS = List.of(
            "backup.copied:2",
            "backup.checked:2",
            "restore.secured",
            "restore.replacing",
            "restore.pages",
            "restore.committed",
            "restore.compared");

    @ParameterizedTest(name = "{0}, killed at {1}")
    @MethodSource("steps_of_a_restore")
    void a_server_killed_during_a_restore_leaves_the_old_content_or_the_new(String mode, String step) throws Exception {
        Path bank = filled(mode);
        String five = backUpThenDieAt(
                step,
                client -> transact(bank, 7),
                (client, name) -> client.post("/api/v1/backup/" + name + "/restore"));

        try (ServerProcess server = ServerProcess.start(options(bank));
                Client client = new Client(server.address())) {
            long entries = Bank.check(bank);
            assertThat(entries).isIn(5L, 12L);
            assertThat(leftovers()).isEmpty();
            assertThat(lastOperation(client)).isEqualTo("failed interrupted");
            for (String name : client.filenames("default")) {
                assertThat(Bank.check(backups().resolve(name))).isIn(5L, 12L);
            }
            // The database is not stuck: applications write on, and the restore can be asked for again.
            transact(bank, 1);
            assertThat(client.post("/api/v1/backup/" + five + "/restore").status())
                    .isEqualTo(200);
        }
        assertThat(Bank.check(bank)).isEqualTo(5);
    }

    private static final List<String> STEPS_OF_AN_UPLOAD =
            List.of("store.half-written", "store.sealed", "store.meta-written", "store.linked", "store.published");

    static List<String> steps_of_an_upload() {
        return STEPS_OF_AN_UPLOAD;
    }

    @ParameterizedTest(name = "killed at {0}")
    @MethodSource("steps_of_an_upload")
    void a_server_killed_during_an_upload_leaves_a_whole_backup_or_none(String step) throws Exception {
        Path bank = filled("WAL");
        // The first backup reaches each step once.
        String first = backUpThenDieAt(step + ":2", client -> transact(bank, 7), this::uploadAgain);

        try (ServerProcess server = ServerProcess.start(options(bank));
                Client client = new Client(server.address())) {
            assertThat(lastOperation(client)).isEqualTo("failed interrupted");
            List<String> names = client.filenames("default");
            assertThat(names).contains(first).hasSizeBetween(1, 2);
            for (String name : names) {
                assertThat(Bank.check(backups().resolve(name))).isEqualTo(5);
                assertThat(client.post("/api/v1/backup/" + name + "/verify").status())
                        .isEqualTo(200);
            }
            assertThat(leftovers()).isEmpty();
            assertThat(uploadAgain(client, first).status()).isEqualTo(201);
            assertThat(client.filenames("default")).hasSize(names.size() + 1);
        }
        assertThat(Bank.check(bank)).isEqualTo(12);
    }

    private Answer uploadAgain(Client client, String backup) throws Exception {
        byte[] content = Files.readAllBytes(backups().resolve(backup));
        return client.upload("/api/v1/backup/upload", "sent.db", content);
    }

    private Path filled(String mode) throws Exception {
        Path bank = Bank.create(directory.resolve("app.db"), mode, 1);
        transact(bank, 5);
        return bank;
    }

    private static void transact(Path bank, int times) throws Exception {
        try (var application = Bank.open(bank)) {
            for (int i = 0; i < times; i++) {
                Bank.transact(application);
            }
        }
    }

    private Options options(Path bank) throws IOException {
        return Options.in(directory.resolve("data"))
                .config(
                        directory.resolve("holdfast.yml"),
                        "holdfast: {databases: {default: {file: \"%s\"}}}".formatted(bank));
    }

    private interface Between {
        void run(Client client) throws Exception;
    }

    private interface Call {
        Answer make(Client client, String backup) throws Exception;
    }

    /**
     * Makes a backup, then a call in whose middle the server dies, so that the call has no answer.
     *
     * @return the backup's name
     */
    private String backUpThenDieAt(String step, Between between, Call call) throws Exception {
        Path bank = directory.resolve("app.db");
        try (ServerProcess server = ServerProcess.start(options(bank).env("HOLDFAST_FAIL_AT", step));
                Client client = new Client(server.address())) {
            String name = client.backUp("default");
            between.run(client);
            try {
                Answer answer = call.make(client, name);
                throw new AssertionError(step + " was not reached: " + answer);
            } catch (IOException e) {
                assertThat(server.awaitEnd()).isEqualTo(137);
            }
            return name;
        }
    }

    private Path backups() {
        return directory.resolve("data/backups/default");
    }

    /** Temporary files of ours, wherever the server may have put some. */
    private List<Path> leftovers() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .filter(it -> it.toString().contains("/part/")
                            || it.toString().contains("/scratch/")
                            || it.getFileName().toString().startsWith(".holdfast-"))
                    .toList();
        }
    }

    private static String lastOperation(Client client) throws Exception {
        var last = client.get("/api/v1/operations").json().path("operations").path(0);
        return last.path("state").asText() + " "
                + last.path("error").path("code").asText();
    }
}
