package dev.holdfast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.plan.PlanProperties;
import dev.holdfast.bootstrap.server.AfterRestore;
import dev.holdfast.bootstrap.server.CommandOutput;
import dev.holdfast.bootstrap.settings.Settings.DatabaseSettings;
import dev.holdfast.domain.backup.Compression;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.profile.Profile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class AfterRestoreTest {
    private static final DatabaseName SHOP = new DatabaseName("shop");
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    /** Says where it is, and goes on when somebody writes into the pipe. */
    private static final String COMMAND = """
            cd "$0"
            mkdir running || : > overlap
            printf '%s ' "$HOLDFAST_BACKUP" >> begun
            cat gate > /dev/null
            rmdir running
            printf '%s ' "$HOLDFAST_BACKUP" >> ended
            """;

    @TempDir
    Path directory;

    @Test
    void the_commands_of_one_database_run_one_after_the_other() throws Exception {
        Process made = new ProcessBuilder("mkfifo", directory.resolve("gate").toString()).start();
        assertThat(made.waitFor()).isZero();
        var after = new AfterRestore(List.of(database(List.of("sh", "-c", COMMAND, directory.toString()))));

        after.ended(restored("first.db"));
        after.ended(restored("second.db"));

        Files.writeString(directory.resolve("gate"), "go on");
        awaitEnded("first.db ");
        Files.writeString(directory.resolve("gate"), "go on");
        awaitEnded("first.db second.db ");
        assertThat(content("begun")).isEqualTo("first.db second.db ");
        assertThat(directory.resolve("overlap")).doesNotExist();
    }

    @Test
    void of_several_that_wait_for_their_turn_the_last_one_runs_for_all() throws Exception {
        Process made = new ProcessBuilder("mkfifo", directory.resolve("gate").toString()).start();
        assertThat(made.waitFor()).isZero();
        var after = new AfterRestore(List.of(database(List.of("sh", "-c", COMMAND, directory.toString()))));

        after.ended(restored("first.db"));
        while (!content("begun").equals("first.db ")) {
            Thread.onSpinWait();
        }
        after.ended(restored("second.db"));
        after.ended(restored("third.db"));
        after.ended(restored("fourth.db"));

        Files.writeString(directory.resolve("gate"), "go on");
        awaitEnded("first.db ");
        Files.writeString(directory.resolve("gate"), "go on");
        awaitEnded("first.db fourth.db ");
        assertThat(content("begun")).isEqualTo("first.db fourth.db ");
    }

    @Test
    void a_command_has_ended_when_its_process_has_whatever_it_left_running() throws Exception {
        Process made = new ProcessBuilder("mkfifo", directory.resolve("gate").toString()).start();
        assertThat(made.waitFor()).isZero();
        // The program in the background keeps the output open until the test writes into the pipe. There is only one,
        // so
        // none writes into the directory after the test.
        String command = """
                cd "$0"
                [ "$HOLDFAST_BACKUP" != first.db ] || (cat gate && printf '%s ' "$HOLDFAST_BACKUP" >> left) &
                printf '%s ' "$HOLDFAST_BACKUP" >> ended
                """;
        var after = new AfterRestore(List.of(database(List.of("sh", "-c", command, directory.toString()))));

        after.ended(restored("first.db"));
        awaitEnded("first.db ");
        after.ended(restored("second.db"));
        awaitEnded("first.db second.db ");

        assertThat(content("left")).isEmpty();
        try (var gate = Files.newOutputStream(directory.resolve("gate"))) {
            gate.write('x');
        }
        while (content("left").isEmpty()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void what_a_program_in_the_background_writes_fills_no_file_and_does_not_stop_it() throws Exception {
        Process made = new ProcessBuilder("mkfifo", directory.resolve("gate").toString()).start();
        assertThat(made.waitFor()).isZero();
        String command = """
                cd "$0"
                [ "$HOLDFAST_BACKUP" != first.db ] ||
                    (cat gate && head -c 5242880 /dev/zero && test -p /dev/stdout && echo more && echo pipe > left) &
                printf '%s ' "$HOLDFAST_BACKUP" >> ended
                """;
        var after = new AfterRestore(List.of(database(List.of("sh", "-c", command, directory.toString()))));

        after.ended(restored("first.db"));
        awaitEnded("first.db ");
        after.ended(restored("second.db")); // begins when the first one counts as ended
        awaitEnded("first.db second.db ");

        try (var gate = Files.newOutputStream(directory.resolve("gate"))) {
            gate.write('x');
        }
        while (content("left").isEmpty()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void of_a_long_output_the_last_lines_are_kept() throws Exception {
        assertThat(output("seq 1 5; echo Größe")).isEqualTo("1\n2\n3\n4\n5\nGröße");
        assertThat(output("head -c 3000000 /dev/zero; seq 1 5000; echo Größe"))
                .startsWith("41")
                .endsWith("\n4999\n5000\nGröße")
                .hasSizeBetween(CommandOutput.KEPT_BYTES - 10, CommandOutput.KEPT_BYTES);
    }

    private static String output(String command) throws Exception {
        CommandOutput output = CommandOutput.open();
        Process process = start(output, command);
        assertThat(process.waitFor()).isZero();
        return output.last(Duration.ofSeconds(50));
    }

    private static Process start(CommandOutput output, String command) throws Exception {
        try (output) {
            return new ProcessBuilder("sh", "-c", command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.redirect())
                    .start();
        }
    }

    @Test
    void of_many_programs_in_the_background_only_the_oldest_one_loses_its_output() throws Exception {
        List<Process> programs = new ArrayList<>();
        try {
            for (int i = 0; i < 17; i++) {
                programs.add(start(
                        CommandOutput.open(),
                        "trap '' PIPE; read times; while [ $((times -= 1)) -ge 0 ]\n" + "do echo x || exit 7; done"));
            }
            for (Process program : programs) {
                program.outputWriter().append("30000\n").close();
            }
            assertThat(programs.getFirst().waitFor()).isEqualTo(7);
            for (Process program : programs.subList(1, programs.size())) {
                assertThat(program.waitFor()).isZero();
            }
        } finally {
            programs.forEach(Process::destroyForcibly);
        }
    }

    private void awaitEnded(String expected) throws Exception {
        while (!content("ended").equals(expected)) {
            Thread.onSpinWait();
        }
    }

    private String content(String name) throws Exception {
        Path file = directory.resolve(name);
        return Files.exists(file) ? Files.readString(file) : "";
    }

    private DatabaseSettings database(List<String> command) {
        return new DatabaseSettings(
                SHOP,
                Source.of(directory.resolve("shop.db")),
                Profile.POCKETBASE,
                "shop",
                Layout.SQLITE,
                Compression.NONE,
                directory,
                PlanProperties.NONE,
                Optional.empty(),
                command,
                Duration.ofMinutes(1),
                false,
                false);
    }

    private static Operation restored(String key) {
        Operation started = Operation.started(
                new OperationId("restore"), OperationKind.RESTORE, SHOP, Optional.of(new BackupKey(key)), "ann", NOON);
        return started.succeeded(new Result.Restored(new BackupKey(key), Optional.empty()), NOON);
    }

    @ParameterizedTest
    @CsvSource({
        "'one\ntwo','one\\ntwo'",
        "'\u001b[31mred\r','\\u{1b}[31mred\\u{d}'",
        "'a\u2028b\u202ec','a\\u{2028}b\\u{202e}c'",
        "'häßlich \\ \ud83d\ude00','häßlich \\ \ud83d\ude00'",
    })
    void what_a_command_says_stays_on_one_line_of_the_log(String said, String shown) {
        assertThat(AfterRestore.printable(said)).isEqualTo(shown);
    }
}
