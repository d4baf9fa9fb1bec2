package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.testkit.JavaProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A restore of a group that fails leaves everything as it was, or says what each file holds. */
@Tag("adapter")
@Tag("slow")
class FailedGroupRestoreTest extends GroupRestoreFixture {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "restore.group.kept",
                "restore.group.prepared",
                "restore.group.swapped",
                "restore.group.committed",
                "restore.replacing.1",
                "restore.pages.1",
                "restore.committed.1",
                "restore.compared.1",
                "restore.group.replaced",
                "restore.replacing",
                "restore.pages",
                "restore.committed",
                "restore.compared"
            })
    void whatever_fails_in_the_middle_everything_is_as_it_was(String step) throws Exception {
        for (String modes : List.of("WAL WAL", "DELETE DELETE")) {
            Group one = new Group(Files.createDirectories(root.resolve(modes)));
            one.fill(modes.substring(0, modes.indexOf(' ')), modes.substring(modes.indexOf(' ') + 1));
            FailPoints failing = reached -> {
                if (reached.equals(step)) {
                    throw new UncheckedIOException(new IOException("as it were"));
                }
            };

            assertThat(one.restore(failing))
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            it -> assertThat(it.problem()).isInstanceOf(Problem.Internal.class));

            removeStaged(one);
            assertThat(one.state()).as(modes).isEqualTo("old");
        }
    }

    @Test
    void an_error_in_the_middle_leaves_everything_as_it_was() throws Exception {
        group.fill("WAL", "WAL");
        assertThatThrownBy(() -> group.restore(step -> {
                    if (step.equals("restore.replacing")) {
                        throw new OutOfMemoryError("as it were");
                    }
                }))
                .isInstanceOf(OutOfMemoryError.class);
        removeStaged(group);
        assertThat(group.state()).isEqualTo("old");
    }

    @Test
    void a_new_directory_that_is_gone_stops_the_restore_before_the_old_one_is_touched() throws Exception {
        group.fill("WAL", "WAL");

        assertThat(group.restore(step -> {
                    if (step.equals("restore.group.prepared")) {
                        delete(Group.staged(group.storage()));
                    }
                }))
                .isInstanceOf(Outcome.Refused.class);

        removeStaged(group);
        assertThat(group.state()).isEqualTo("old");
    }

    @Test
    void a_restore_that_could_not_be_undone_says_what_each_file_holds() throws Exception {
        group.fill("WAL", "DELETE");

        assertThat(group.restore(reached -> {
                    if (reached.equals("restore.compared") || reached.equals("undo.restore.replacing")) {
                        throw new UncheckedIOException(new IOException("as it were"));
                    }
                }))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        it -> assertThat(it.problem().detail())
                                .contains(
                                        group.main() + " holds the backup or what it held before",
                                        group.storage() + " is the backup's directory"));
    }

    /** Each call fails once, in the middle of what SQLite does to commit. */
    @ParameterizedTest
    @CsvSource({
        "ftruncate,auxiliary.db,1",
        "fsync,auxiliary.db,1",
        "fsync,auxiliary.db-journal,1",
        "fsync,auxiliary.db-journal,3",
        "pwrite64,auxiliary.db-journal,2"
    })
    void the_answer_is_what_the_files_hold_when_a_call_of_sqlite_fails(String call, String file, int time)
            throws Exception {
        group.fill("WAL", "DELETE", 1500, 900);
        String calls = call.equals("fsync") ? "fsync,fdatasync" : call;
        List<String> strace = List.of(
                "strace",
                "-f",
                "--seccomp-bpf",
                "-qq",
                "-o",
                root.resolve("strace").toString(),
                "-P",
                root.resolve("live").resolve(file).toString(),
                "-e",
                "trace=" + calls,
                "-e",
                "inject=" + calls + ":error=EIO:when=" + time);
        Process process = JavaProcess.startUnder(
                strace, GroupRestoreProcess.class, List.of(root.toString(), "restore", "none", "1"));
        process.waitFor();
        String answer = Files.readString(root.resolve("answer"));
        assertThat(Files.readString(root.resolve("strace"))).contains("INJECTED");
        removeStaged(group);
        if (!group.fixture(FailPoints.NONE).engine().liveDatabases().isUnfinished(group.source())) {
            assertThat(group.state(1500, 900)).isEqualTo(answer.startsWith("Done") ? "new" : "old");
        }
    }

    @Test
    void a_busy_second_database_leaves_everything_as_it_was() throws Exception {
        group.fill("WAL", "WAL");
        try (Shell other = Shell.open(group.extra())) {
            other.say("BEGIN IMMEDIATE; INSERT INTO t VALUES ('half', '')");
            SqliteFixture impatient =
                    SqliteFixture.in(root.resolve("server"), 1 << 20, Duration.ofMillis(300), FailPoints.NONE);
            assertThat(impatient
                            .engine()
                            .liveDatabases()
                            .replace(group.source(), group.content(), group::keep, ProgressMonitor.UNWATCHED))
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            it -> assertThat(it.problem()).isInstanceOf(Problem.SourceBusy.class));
        }
        removeStaged(group);
        assertThat(group.state()).isEqualTo("old");
    }
}
