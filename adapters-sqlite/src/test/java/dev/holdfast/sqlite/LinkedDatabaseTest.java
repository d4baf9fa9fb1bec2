package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.location.KnownLocation;
import dev.holdfast.application.location.KnownLocations;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.application.snapshot.Snapshots.Taken;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.sqlite.file.KnownFiles;
import dev.holdfast.sqlite.file.ReservedPlaces;
import dev.holdfast.sqlite.file.SqliteSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An application's user puts a link to a file of the server, or of another database, in the place of its own database. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class LinkedDatabaseTest {
    /** In a wal-index: https://sqlite.org/walformat.html#the_wal_index_header. */
    private static final int FIRST_READ_MARK = 100;

    private static final int LAST_READ_MARK = 120;

    @TempDir
    Path root;

    private Path server;
    private Path catalogue;
    private Path otherFolder;
    private Path other;
    private Path folder;
    private Path file;
    private Path backup;
    private Map<String, byte[]> serversFiles;
    private Map<String, byte[]> othersFiles;
    private Shell serversOwn;
    private Shell othersOwn;

    @BeforeEach
    void a_server_and_two_databases_of_the_same_name() throws Exception {
        server = Files.createDirectory(root.resolve("server"));
        catalogue = server.resolve("holdfast.db");
        otherFolder = Files.createDirectory(root.resolve("other"));
        other = otherFolder.resolve("app.db");
        folder = Files.createDirectories(root.resolve("srv/app"));
        file = folder.resolve("app.db");
        backup = root.resolve("backup.db");
        Files.writeString(server.resolve("jwt-secret"), "secret");
        Shell.run(file, "CREATE TABLE t(x); INSERT INTO t VALUES ('own')");
        Shell.run(backup, "CREATE TABLE t(x); INSERT INTO t VALUES ('mallory')");
        serversOwn = Shell.open(catalogue);
        serversOwn.say("PRAGMA journal_mode=WAL; CREATE TABLE users(x); INSERT INTO users VALUES ('admin')");
        othersOwn = Shell.open(other);
        othersOwn.say("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES ('other')");
        serversFiles = SqliteFixture.contents(server);
        othersFiles = SqliteFixture.contents(otherFolder);
    }

    private SqliteFixture engine(FailPoints failPoints) throws IOException {
        var known = new KnownFiles(
                Map.of(
                        file,
                        "database app",
                        folder.resolve("extra.db"),
                        "database app",
                        other,
                        "database other",
                        catalogue,
                        "the server itself"),
                Set.of(),
                new ReservedPlaces(
                        Map.of(server.resolve("jwt-secret"), "the server itself"),
                        Map.of(root.resolve("backups"), "the backups of database other")));
        var settings = new SqliteSettings(root.resolve("scratch"), Duration.ofMillis(500)).with(known);
        return new SqliteFixture(
                root, SqliteEngine.using(settings, InstantSource.fixed(SqliteFixture.NOW), failPoints));
    }

    private SqliteFixture knowing(KnownLocations locations) throws IOException {
        var known = new KnownFiles(
                        Map.of(file, "database app", other, "database other", catalogue, "the server itself"), Set.of())
                .with(locations::find);
        var settings = new SqliteSettings(root.resolve("scratch"), Duration.ofMillis(500)).with(known);
        return new SqliteFixture(
                root, SqliteEngine.using(settings, InstantSource.fixed(SqliteFixture.NOW), FailPoints.NONE));
    }

    private void assertNothingOfOthersWasTouched() throws Exception {
        assertThat(SqliteFixture.contents(server)).containsExactlyEntriesOf(serversFiles);
        assertThat(SqliteFixture.contents(otherFolder)).containsExactlyEntriesOf(othersFiles);
        // Locks that are lost would let another process change the file while its program reads.
        assertThat(serversOwn.say("SELECT x FROM users")).isEqualTo("admin\n");
        assertThat(othersOwn.say("SELECT x FROM t")).isEqualTo("other\n");
    }

    private static void assertRefused(Problem problem, String... words) {
        assertThat(problem)
                .isInstanceOfSatisfying(
                        Problem.SourceNotAccessible.class,
                        it -> assertThat(it.detail()).contains(words));
    }

    private static void assertRefused(Outcome<?> outcome, String... words) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Refused.class, it -> assertRefused(((Outcome.Refused<?>) it).problem(), words));
    }

    /** What the link leads to, and whose that is. */
    enum Target {
        CATALOGUE("server/holdfast.db", "the server itself"),
        WAL_OF_THE_CATALOGUE("server/holdfast.db-wal", "the server itself"),
        SECRET("server/jwt-secret", "the server itself"),
        OTHER_DATABASE("other/app.db", "database other"),
        WAL_OF_THE_OTHER_DATABASE("other/app.db-wal", "database other"),
        BACKUP("backups/app.db", "the backups of database other");

        private final String path;
        private final String owner;

        Target(String path, String owner) {
            this.path = path;
            this.owner = owner;
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_link_in_place_of_the_database_leads_no_operation_to_a_file_of_others(Target target) throws Exception {
        Files.createDirectory(root.resolve("backups"));
        Files.copy(backup, root.resolve("backups/app.db"));
        Files.delete(file);
        Files.createSymbolicLink(file, root.resolve(target.path));
        SqliteFixture engine = engine(FailPoints.NONE);
        assertRefused(engine.refusal(file), file.toString(), target.owner);
        assertRefused(engine.restore(file, backup), file.toString(), target.owner);
        assertNothingOfOthersWasTouched();
    }

    @Test
    void a_link_in_place_of_a_folder_leads_no_operation_to_another_database() throws Exception {
        Files.move(folder, root.resolve("srv/moved"));
        Files.createSymbolicLink(folder, otherFolder);
        SqliteFixture engine = engine(FailPoints.NONE);
        assertRefused(engine.refusal(file), "database other");
        assertRefused(engine.restore(file, backup), "database other");
        assertNothingOfOthersWasTouched();
    }

    @Test
    void a_link_in_place_of_an_extra_file_leads_no_operation_to_the_catalogue() throws Exception {
        Path extra = folder.resolve("extra.db");
        Files.createSymbolicLink(extra, catalogue);
        assertRefused(
                engine(FailPoints.NONE).refusal(new Source(file, List.of(extra), List.of())), "the server itself");
        assertNothingOfOthersWasTouched();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-wal", "-journal"})
    void a_second_name_of_anothers_sidecar_is_no_sidecar_of_the_database(String end) throws Exception {
        Files.createLink(folder.resolve("app.db" + end), otherFolder.resolve("app.db-wal"));
        SqliteFixture engine = engine(FailPoints.NONE);
        assertRefused(engine.refusal(file), "database other");
        assertRefused(engine.restore(file, backup), "database other");
        Files.delete(folder.resolve("app.db" + end));
        assertNothingOfOthersWasTouched();
    }

    /** Exchanges the file, or its folder, for a link, or back. */
    private void exchange(String what) {
        Path name = what.equals("file") ? file : folder;
        Path aside = name.resolveSibling(name.getFileName() + ".aside");
        Path target = what.equals("file") ? other : otherFolder;
        try {
            if (Files.isSymbolicLink(name)) {
                Files.delete(name);
                Files.move(aside, name);
            } else {
                Files.move(name, aside);
                Files.createSymbolicLink(name, target);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void exchangeBack(String what) {
        if (Files.isSymbolicLink(what.equals("file") ? file : folder)) {
            exchange(what);
        }
    }

    private ProgressMonitor exchangingAt(Phase phase, String what) {
        return new ProgressMonitor() {
            private boolean done;

            @Override
            public void enter(Phase entered, long totalBytes) {
                if (entered == phase && !done) {
                    done = true;
                    exchange(what);
                }
            }

            @Override
            public void advance(long bytes) {}

            @Override
            public void checkCancelled() {}
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "folder"})
    void a_link_that_comes_while_a_backup_begins_leads_it_nowhere(String what) throws Exception {
        for (String mode : List.of("DELETE", "WAL")) {
            Shell.run(file, "PRAGMA journal_mode=" + mode);
            assertThat(engine(FailPoints.NONE)
                            .engine()
                            .snapshots()
                            .take(Source.of(file), exchangingAt(Phase.LOCKING_SOURCE, what)))
                    .asString()
                    .contains("database other");
            exchangeBack(what);
        }
        assertNothingOfOthersWasTouched();
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "folder"})
    void a_link_that_comes_during_a_restore_leads_it_nowhere(String what) throws Exception {
        for (String mode : List.of("DELETE", "WAL")) {
            for (Phase phase : List.of(Phase.LOCKING_SOURCE, Phase.REPLACING, Phase.COMPARING)) {
                Shell.run(file, "PRAGMA journal_mode=" + mode);
                Outcome<?> outcome = engine(FailPoints.NONE)
                        .restore(file, SqliteFixture.artifact(backup), exchangingAt(phase, what));
                assertThat(outcome.toString()).doesNotContain("Internal");
                exchangeBack(what);
                assertThat(Shell.run(file, "PRAGMA integrity_check; SELECT x FROM t"))
                        .isIn("ok\nown\n", "ok\nmallory\n");
            }
        }
        assertNothingOfOthersWasTouched();
    }

    @Test
    void a_file_that_is_restored_to_a_missing_place_is_never_made_in_a_folder_of_others() throws Exception {
        Files.delete(file);
        Files.delete(other);
        othersFiles = SqliteFixture.contents(otherFolder);
        Outcome<?> outcome = engine(FailPoints.NONE)
                .restore(file, SqliteFixture.artifact(backup), exchangingAt(Phase.REPLACING, "folder"));
        assertThat(outcome.toString()).doesNotContain("Internal");
        assertThat(SqliteFixture.contents(otherFolder)).containsExactlyEntriesOf(othersFiles);
    }

    @Test
    void a_place_that_was_not_accepted_is_refused_and_a_new_file_at_the_accepted_one_is_not() throws Exception {
        KnownLocations locations = KnownLocations.inMemory();
        locations.remember(new KnownLocation(new DatabaseName("app"), file, file));
        locations.remember(new KnownLocation(new DatabaseName("other"), other, other));
        SqliteFixture engine = knowing(locations);
        Path moved = folder.resolve("moved.db");
        Files.move(file, moved);
        Files.createSymbolicLink(file, moved);
        var changed = new Problem.LocationChanged(new DatabaseName("app"), file, file, moved);
        assertThat(engine.refusal(file)).isEqualTo(changed);
        assertThat(engine.restore(file, backup)).isEqualTo(Outcome.refused(changed));
        assertThat(Shell.run(moved, "SELECT x FROM t")).isEqualTo("own\n");
        locations.remember(new KnownLocation(new DatabaseName("app"), file, moved));
        assertThat(engine.copy(file, "accepted")).isNotEmptyFile();

        Files.delete(file);
        Files.move(moved, file);
        locations.remember(new KnownLocation(new DatabaseName("app"), file, file));
        Files.copy(backup, folder.resolve("new.db"));
        Files.move(folder.resolve("new.db"), file, StandardCopyOption.REPLACE_EXISTING);
        assertThat(engine.copy(file, "by-hand")).isNotEmptyFile();

        // What another database's application does affects that database only.
        Files.move(otherFolder, root.resolve("other.aside"));
        Files.createSymbolicLink(otherFolder, folder);
        assertThat(engine.copy(file, "unaffected")).isNotEmptyFile();
        assertThat(engine.refusal(other)).isInstanceOf(Problem.SourceNotAccessible.class);
    }

    /** The short form of the soak. */
    @Test
    void hundreds_of_exchanges_during_backups_and_restores_touch_nothing_of_others() throws Exception {
        KnownLocations locations = KnownLocations.inMemory();
        locations.remember(new KnownLocation(new DatabaseName("app"), file, file));
        locations.remember(new KnownLocation(new DatabaseName("other"), other, other));
        SqliteFixture engine = knowing(locations);
        var stop = new AtomicBoolean();
        var exchanges = new AtomicInteger();
        Thread mallory = Thread.ofPlatform().start(() -> {
            while (!stop.get()) {
                exchange(exchanges.incrementAndGet() % 4 < 2 ? "file" : "folder");
                LockSupport.parkNanos(exchanges.get() % 2 == 0 ? 3_000_000 : 300_000);
            }
            exchangeBack("folder");
            exchangeBack("file");
        });
        try {
            for (int i = 0; i < 60 || (exchanges.get() < 300 && i < 1000); i++) {
                switch (engine.engine().snapshots().take(Source.of(file), ProgressMonitor.UNWATCHED)) {
                    case Taken.Pinned(Snapshot snapshot) -> {
                        try (snapshot;
                                InputStream in = snapshot.images().getFirst().open()) {
                            assertThat(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
                                    .doesNotContain("other", "admin");
                        }
                    }
                    case Taken.Refused(Problem problem) -> assertThat(problem).isNotInstanceOf(Problem.Internal.class);
                }
                if (i % 4 == 0) {
                    if (engine.restore(file, backup) instanceof Outcome.Refused<?>(Problem problem)) {
                        assertThat(problem).isNotInstanceOf(Problem.Internal.class);
                    }
                }
            }
        } finally {
            stop.set(true);
            mallory.join();
        }
        withoutReadMarks(othersFiles);
        Map<String, byte[]> now = SqliteFixture.contents(otherFolder);
        withoutReadMarks(now);
        assertThat(SqliteFixture.contents(server)).containsExactlyEntriesOf(serversFiles);
        assertThat(now).containsExactlyEntriesOf(othersFiles);
        assertThat(serversOwn.say("SELECT x FROM users")).isEqualTo("admin\n");
        assertThat(othersOwn.say("SELECT x FROM t")).isEqualTo("other\n");
        assertThat(Shell.run(file, "PRAGMA integrity_check; SELECT x FROM t")).isIn("ok\nown\n", "ok\nmallory\n");
    }

    /**
     * SQLite opens the wal-index by its name. A folder that is exchanged in that moment leads it to another one, where it
     * sets a read mark before the backup is refused; see the limits in {@code docs/internals/locations.md}.
     */
    private static void withoutReadMarks(Map<String, byte[]> contents) {
        contents.forEach((name, content) -> {
            if (name.endsWith("-shm")) {
                Arrays.fill(content, FIRST_READ_MARK, LAST_READ_MARK, (byte) 0);
            }
        });
    }
}
