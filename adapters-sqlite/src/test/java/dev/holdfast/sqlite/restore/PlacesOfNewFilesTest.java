package dev.holdfast.sqlite.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.location.KnownLocation;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.restore.LiveDatabases.Kept;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.Shell;
import dev.holdfast.sqlite.SqliteEngine;
import dev.holdfast.sqlite.SqliteFixture;
import dev.holdfast.sqlite.file.KnownFiles;
import dev.holdfast.sqlite.file.SqliteSettings;
import dev.holdfast.tree.LinkedPathException;
import dev.holdfast.tree.SiblingPaths;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A restore of a missing database makes nothing, and takes nothing away, where a link of the application's user leads. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PlacesOfNewFilesTest {
    @TempDir
    Path root;

    private Path app;
    private Path file;
    private Path elsewhere;
    private Path backup;

    @BeforeEach
    void a_database_that_is_missing_with_its_folder() throws Exception {
        root = root.toRealPath();
        app = Files.createDirectories(root.resolve("home/app"));
        file = app.resolve("data/app.db");
        elsewhere = Files.createDirectory(root.resolve("elsewhere"));
        backup = root.resolve("backup.db");
        Shell.run(backup, "CREATE TABLE t(x); INSERT INTO t VALUES ('kept')");
    }

    private KnownFiles known() {
        return new KnownFiles(Map.of(file, "database app", root.resolve("other.db"), "database other"), Set.of())
                .with(registered -> registered.equals(file)
                        ? Optional.of(new KnownLocation(new DatabaseName("app"), file, file))
                        : Optional.empty());
    }

    private Outcome<?> restore() throws IOException {
        var settings = new SqliteSettings(root.resolve("scratch"), Duration.ofMillis(500)).with(known());
        return new SqliteFixture(
                        root, SqliteEngine.using(settings, InstantSource.fixed(SqliteFixture.NOW), FailPoints.NONE))
                .restore(file, backup);
    }

    private Problem refusal() throws IOException {
        if (restore() instanceof Outcome.Refused<?>(Problem problem)) {
            return problem;
        }
        throw new AssertionError("was restored");
    }

    private void leadElsewhere() {
        try {
            Files.move(app, app.resolveSibling("moved"));
            Files.createSymbolicLink(app, elsewhere);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void no_folder_is_made_where_a_link_leads() throws IOException {
        Path left = Files.createDirectories(elsewhere.resolve(".holdfast-data.making/theirs"));
        leadElsewhere();
        assertThat(refusal()).isInstanceOf(Problem.LocationChanged.class);
        assertThat(elsewhere).isDirectoryContaining(it -> left.startsWith(it));
        assertThat(elsewhere.resolve("data")).doesNotExist();
        assertThat(left).isDirectory();
    }

    @Test
    void nor_if_the_link_comes_after_the_check() {
        leadElsewhere();
        assertThatThrownBy(() -> NewFolders.make(app.resolve("data"), Optional.empty()))
                .isInstanceOf(LinkedPathException.class);
        assertThat(elsewhere).isEmptyDirectory();
        assertThat(app.resolveSibling("moved")).isEmptyDirectory();
    }

    @Test
    void a_folder_of_the_temporary_name_that_holds_something_stays() throws IOException {
        Path theirs = Files.createDirectories(app.resolve(".holdfast-data.making/theirs"));
        assertThat(restore()).isInstanceOf(Outcome.Done.class);
        assertThat(file).hasSameBinaryContentAs(backup);
        assertThat(theirs).isDirectory();
        assertThat(app).isDirectoryNotContaining("glob:**.making-*");
    }

    @Test
    void the_undo_of_a_restore_follows_no_link_in_the_place_of_the_file_that_it_made() throws IOException {
        Path theirs = Files.copy(backup, elsewhere.resolve("app.db"));
        Files.createDirectory(file.getParent());
        Files.createSymbolicLink(file, theirs);
        NewFileRestore.unmake(file, backup, inode(theirs), "1", known());
        assertThat(elsewhere).isDirectoryContaining(theirs::equals);
        assertThat(theirs).hasSameBinaryContentAs(backup);
        assertThat(file).isSymbolicLink();
    }

    @Test
    void nor_one_in_the_place_of_a_folder_above() throws IOException {
        Path theirs = Files.copy(
                backup, Files.createDirectory(elsewhere.resolve("data")).resolve("app.db"));
        leadElsewhere();
        assertThatThrownBy(() -> NewFileRestore.unmake(file, backup, inode(theirs), "1", known()))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        it -> assertThat(it.problem()).isInstanceOf(Problem.LocationChanged.class));
        assertThat(theirs).hasSameBinaryContentAs(backup);
    }

    @Test
    void the_undo_takes_away_what_the_restore_made() throws IOException {
        Files.createDirectory(file.getParent());
        Files.copy(backup, file);
        NewFileRestore.unmake(file, backup, inode(file), "1", known());
        assertThat(file.getParent()).isEmptyDirectory();
    }

    @Test
    void a_start_removes_nothing_next_to_what_a_link_leads_to() throws Exception {
        file = Files.createDirectory(root.resolve("db")).resolve("app.db");
        Shell.run(file, "CREATE TABLE t(x)");
        Path storage = app.resolve("storage");
        Path left = SiblingPaths.staged(storage);
        settle(storage);
        assertThat(left).doesNotExist();

        Path theirs = SiblingPaths.staged(elsewhere.resolve("storage"));
        leadElsewhere();
        settle(storage);
        assertThat(theirs).isDirectory();
    }

    private void settle(Path directory) throws IOException {
        KnownFiles known = new KnownFiles(Map.of(file, "database app"), Set.of())
                .with(it -> Optional.of(new KnownLocation(new DatabaseName("app"), it, it)));
        var settings = new SqliteSettings(root.resolve("scratch"), Duration.ofMillis(500)).with(known);
        SqliteEngine.using(settings, InstantSource.fixed(SqliteFixture.NOW), FailPoints.NONE)
                .liveDatabases()
                .settle(
                        new Source(file, List.of(), List.of(directory)),
                        (_, _) -> Outcome.done(new Kept<>("kept", true)));
    }

    private static OptionalLong inode(Path path) throws IOException {
        return OptionalLong.of((Long) Files.getAttribute(path, "unix:ino"));
    }
}
