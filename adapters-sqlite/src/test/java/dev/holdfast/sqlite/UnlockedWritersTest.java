package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.snapshot.Confirmation;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.sqlite.UnlockedWriterProcess.Way;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Programs that write to a database in a rollback mode without SQLite's locks. */
@Tag("adapter")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class UnlockedWritersTest {
    private static final String NAME = "app_20261129_120000.db";

    @TempDir
    Path root;

    private Path live;
    private Path database;
    private Path backup;

    @BeforeEach
    void directory() throws Exception {
        live = Files.createDirectory(root.resolve("live"));
        database = live.resolve("app.db");
        backup = root.resolve("backup.db");
        Shell.run(backup, "CREATE TABLE t(x); INSERT INTO t VALUES ('backup')");
    }

    private static void make(Path file, String content) throws Exception {
        Shell.run(
                file,
                "CREATE TABLE t(x); INSERT INTO t VALUES ('" + content + "'); INSERT INTO t VALUES (zeroblob(90000))");
    }

    /** What another program does while a copy is made. */
    private interface Change {
        void run() throws Exception;
    }

    private static FailPoints at(String step, int times, Change change) {
        AtomicInteger left = new AtomicInteger(times);
        return reached -> {
            if (reached.equals(step) && left.getAndDecrement() > 0) {
                try {
                    change.run();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }

    private void replaceByRename() throws Exception {
        Path fresh = live.resolve("fresh");
        make(fresh, "renamed");
        Files.move(fresh, database, StandardCopyOption.ATOMIC_MOVE);
    }

    /** With the same size and the old modification time. */
    private void changeOneByte() throws IOException {
        FileTime time = Files.getLastModifiedTime(database);
        byte[] image = Files.readAllBytes(database);
        image[image.length - 1]++;
        try (var channel = Files.newByteChannel(database, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(image));
        }
        Files.setLastModifiedTime(database, time);
    }

    private Operation backUp(Profile profile, FailPoints points) throws Exception {
        Source source = Source.of(database);
        try (UseCasesFixture backups = UseCasesFixture.in(root, source, profile, Duration.ofSeconds(20), points)) {
            return profile == Profile.NATIVE ? backups.backUp(NAME) : backups.backUp();
        }
    }

    private List<Path> listed() throws IOException {
        if (!Files.isDirectory(root.resolve("backups"))) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(root.resolve("backups"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void a_copy_during_which_a_file_was_renamed_into_place_is_made_again() throws Exception {
        make(database, "old");
        Operation ended = backUp(Profile.NATIVE, at("backup.pinned", 1, this::replaceByRename));
        assertThat(ended.state()).isEqualTo(OperationState.SUCCEEDED);
        assertThat(Shell.run(root.resolve("backups").resolve(NAME), "SELECT x FROM t LIMIT 1"))
                .isEqualTo("renamed\n");
    }

    @Test
    void a_copy_during_which_a_byte_changed_is_made_again_although_size_and_time_are_the_same() throws Exception {
        make(database, "old");
        Operation ended = backUp(Profile.NATIVE, at("backup.pinned", 3, this::changeOneByte));
        assertThat(ended.state()).isEqualTo(OperationState.SUCCEEDED);
        assertThat(Files.mismatch(root.resolve("backups").resolve(NAME), database))
                .isEqualTo(-1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Profile.class,
            names = {"NATIVE", "POCKETBASE", "DISPATCHARR"})
    void a_source_that_changes_during_each_copy_is_busy_and_nothing_is_listed(Profile profile) throws Exception {
        make(database, "old");
        AtomicInteger copies = new AtomicInteger();
        Operation ended = backUp(profile, at("backup.pinned", 100, () -> {
            copies.incrementAndGet();
            changeOneByte();
        }));
        assertThat(ended.failure().orElseThrow().code()).isEqualTo("source-busy");
        assertThat(ended.failure().orElseThrow().detail())
                .contains("writes to it without SQLite's locks", "no backup was listed")
                .doesNotContain("repair", ".recover");
        assertThat(copies).hasValue(4);
        assertThat(listed()).isEmpty();
        assertThat(root.resolve("backups/.holdfast/part")).isEmptyDirectory();
    }

    @Test
    void a_second_file_of_the_source_changes_after_it_was_copied() throws Exception {
        make(database, "old");
        Path further = live.resolve("further.db");
        make(further, "old");
        Source source = new Source(database, List.of(further), List.of());
        try (UseCasesFixture backups = UseCasesFixture.in(
                root,
                source,
                Profile.POCKETBASE,
                Duration.ofSeconds(20),
                at("backup.pinned", 100, () -> Files.setLastModifiedTime(further, FileTime.fromMillis(0))))) {
            assertThat(backups.backUp().failure().orElseThrow().detail()).contains(further.toString());
        }
        assertThat(listed()).isEmpty();
    }

    @Test
    void a_file_truncated_during_the_copy_is_a_change_and_no_damage() throws Exception {
        make(database, "old");
        byte[] image = Files.readAllBytes(database);
        Operation ended = backUp(Profile.NATIVE, at("backup.pinned", 1, () -> {
            Files.write(database, new byte[0]);
            // What the program writes next, once the next attempt has seen the empty file.
            Thread.ofPlatform().start(() -> write(image));
        }));
        assertThat(ended.state()).isEqualTo(OperationState.SUCCEEDED);
        assertThat(root.resolve("backups").resolve(NAME)).hasBinaryContent(image);
    }

    private void write(byte[] image) {
        try {
            Files.write(database, image);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_lock_folder_next_to_the_file_refuses_backup_and_restore() throws Exception {
        make(database, "old");
        Path lock = Files.createDirectory(live.resolve("app.db.lock"));
        byte[] before = Files.readAllBytes(database);
        SqliteFixture fixture = SqliteFixture.impatient(root);
        assertThat(fixture.refusal(database))
                .isInstanceOfSatisfying(
                        Problem.SourceBusy.class, it -> assertThat(it.detail()).contains(lock + " exists"));
        assertThat(fixture.restore(database, backup))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        it -> assertThat(((Outcome.Refused<?>) it).problem().detail())
                                .contains(lock + " exists"));
        assertThat(Files.readAllBytes(database)).isEqualTo(before);
        Files.delete(lock);
        assertThat(fixture.restore(database, backup)).isInstanceOf(Outcome.Done.class);
    }

    @Test
    void a_journal_under_a_lock_folder_is_not_rolled_back_at_the_start() throws Exception {
        make(database, "old");
        try (Shell shell = Shell.open(database)) {
            shell.say("PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN; UPDATE t SET x = zeroblob(80000)");
        }
        assertThat(live.resolve("app.db-journal")).isNotEmptyFile();
        Files.createDirectory(live.resolve("app.db.lock"));
        byte[] before = Files.readAllBytes(database);
        SqliteFixture.impatient(root).settle(database);
        assertThat(Files.readAllBytes(database)).isEqualTo(before);
        assertThat(live.resolve("app.db-journal")).isNotEmptyFile();
    }

    @Test
    void a_lock_folder_that_appears_during_the_copy_discards_it() throws Exception {
        make(database, "old");
        try (Snapshot snapshot = SqliteFixture.in(root).pin(database)) {
            assertThat(snapshot.images().getFirst().confirm()).isEqualTo(Confirmation.UNCHANGED);
            Files.createFile(live.resolve("app.db.lock"));
            assertThat(snapshot.images().getFirst().confirm()).isInstanceOf(Confirmation.Changed.class);
        }
    }

    @Test
    void a_restore_writes_nothing_over_a_file_that_changed_while_the_safety_backup_was_made() throws Exception {
        make(database, "old");
        SqliteFixture fixture = SqliteFixture.in(root);
        byte[][] changed = new byte[1][];
        var outcome = fixture.replace(
                database,
                SqliteFixture.artifact(backup),
                image -> {
                    try {
                        changeOneByte();
                        changed[0] = Files.readAllBytes(database);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    return fixture.keep(image);
                },
                ProgressMonitor.UNWATCHED);
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        it -> assertThat(((Outcome.Refused<?>) it).problem()).isInstanceOf(Problem.SourceBusy.class));
        assertThat(Files.readAllBytes(database)).isEqualTo(changed[0]);
    }

    @Test
    void a_program_that_keeps_the_locks_is_no_reason_to_refuse() throws Exception {
        WriterProcess.prepare(database, "delete");
        try (WriterProcess writer = WriterProcess.start(database, "delete");
                UseCasesFixture backups =
                        UseCasesFixture.in(root, Source.of(database), Profile.NATIVE, Duration.ofSeconds(20))) {
            for (int i = 0; i < 10; i++) {
                String name = "app_20261129_12000" + i + ".db";
                assertThat(backups.backUp(name).state()).isEqualTo(OperationState.SUCCEEDED);
                WriterProcess.assertInvariants(root.resolve("backups").resolve(name));
            }
            assertThat(writer.isAlive()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Way.class,
            names = {"REWRITE", "RENAME", "LOCK_FOLDER"})
    void every_listed_backup_is_a_state_of_the_writer(Way way) throws Exception {
        var figures = UnlockedWriterSoak.run(way, root, 8, Duration.ofSeconds(5));
        assertThat(figures.foreign()).isEmpty();
        assertThat(figures.otherFailures()).isEmpty();
        assertThat(figures.listed()).isPositive();
    }
}
