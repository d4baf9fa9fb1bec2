package dev.holdfast.store.directory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.KnownStores;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.files.archive.layout.LayoutDetector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an application's user puts in the place of a database leaves all backups within reach. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class LinkedSourceFilesTest {
    @TempDir
    Path root;

    private Path own;
    private Path other;
    private Path directory;
    private Path backup;

    @BeforeEach
    void a_backup() throws IOException {
        root = root.toRealPath();
        own = Files.createDirectory(root.resolve("app")).resolve("app.db");
        other = Files.createDirectory(root.resolve("blog")).resolve("blog.db");
        directory = Files.createDirectory(root.resolve("backups"));
        backup = directory.resolve(TestStore.A.value());
        Files.writeString(backup, "content");
    }

    private BackupStore store(SourceLook look) {
        return FolderedStore.in(
                new LocalStore.Setup(
                        directory,
                        "server",
                        DatabaseName.DEFAULT,
                        Naming.of(Profile.NATIVE, "app"),
                        Set.of(own),
                        Set.of(other),
                        own,
                        Set.of(DatabaseName.DEFAULT),
                        KnownStores.inMemory(),
                        new SecureRandom(),
                        LayoutDetector::archive),
                look,
                InstantSource.system(),
                FailPoints.NONE,
                DirectoryStore.HARD_LINK);
    }

    /** The paths are accepted as they are written. */
    private BackupStore store() {
        return store(work -> work.at(Optional::of));
    }

    private void assertReachable(BackupStore store) {
        assertThat(store.list()).hasSize(1);
        assertThat(store.open(TestStore.A)).isPresent();
    }

    @Test
    void a_link_to_itself_hides_no_backup() throws IOException {
        Files.createSymbolicLink(own, own.getFileName());
        Files.createSymbolicLink(other, other.getFileName());
        assertReachable(store());
        assertReachable(store(SourceLook.DIRECT));
    }

    @Test
    void a_folder_that_leads_to_itself_hides_no_backup() throws IOException {
        Files.delete(own.getParent());
        Files.createSymbolicLink(root.resolve("app"), Path.of("app"));
        assertReachable(store());
        assertReachable(store(SourceLook.DIRECT));
    }

    @Test
    void a_link_to_a_backup_hides_it_in_no_store() throws IOException {
        Files.createSymbolicLink(own, backup);
        assertReachable(store());
        Files.delete(own);
        Files.createSymbolicLink(other, backup);
        assertReachable(store());
        assertThat(store().delete(TestStore.A)).isTrue();
    }

    @Test
    void a_folder_that_leads_to_the_backups_hides_none() throws IOException {
        own = own.resolveSibling(TestStore.A.value());
        Files.delete(own.getParent());
        Files.createSymbolicLink(own.getParent(), directory);
        assertReachable(store());
    }

    @Test
    void a_database_among_the_backups_is_none() throws IOException {
        own = Files.writeString(directory.resolve(TestStore.B.value()), "live");
        other = Files.writeString(root.resolve("blog/live.db"), "live");
        Files.createLink(directory.resolve("app_20260413_120002.db"), other);
        assertThat(store().list()).extracting(it -> it.key()).containsExactly(TestStore.A);
        assertThat(store().find(TestStore.B)).isEmpty();
    }
}
