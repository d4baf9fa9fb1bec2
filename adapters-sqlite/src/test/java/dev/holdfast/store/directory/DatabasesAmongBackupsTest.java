package dev.holdfast.store.directory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.KnownStores;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.files.archive.layout.LayoutDetector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another database of the server that a mount or a link brings into the backup directory. Mounts really. */
@Tag("adapter")
@Tag("root")
@DisplayNameGeneration(ReplaceUnderscores.class)
class DatabasesAmongBackupsTest {
    private static final BackupKey KEY = new BackupKey("app_20261121_080000.db");

    @TempDir
    Path root;

    private Path database;
    private Path directory;
    private BackupStore store;

    @BeforeEach
    void a_store_of_another_database() throws Exception {
        database = Files.writeString(root.resolve("live.db"), "live");
        directory = Files.createDirectory(root.resolve("backups"));
        store = LocalStore.in(
                new LocalStore.Setup(
                        directory,
                        "server",
                        DatabaseName.DEFAULT,
                        Naming.of(Profile.NATIVE, "app"),
                        Set.of(root.resolve("own.db")),
                        Set.of(database, root.resolve("missing.db")),
                        root.resolve("own.db"),
                        Set.of(DatabaseName.DEFAULT),
                        KnownStores.inMemory(),
                        new SecureRandom(),
                        LayoutDetector::archive),
                InstantSource.system(),
                FailPoints.NONE);
    }

    private void assertHidden() {
        assertThat(store.list()).isEmpty();
        assertThat(store.find(KEY)).isEmpty();
        assertThat(store.open(KEY)).isEmpty();
        assertThat(store.delete(KEY)).isFalse();
        assertThat(database).hasContent("live");
    }

    @Test
    void a_file_that_is_mounted_over_a_backup_is_hidden_as_long_as_it_is_there() throws Exception {
        Path backup = Files.writeString(directory.resolve(KEY.value()), "backup");
        assertThat(store.find(KEY)).isPresent();
        try (BoundFile _ = BoundFile.mount(database, backup)) {
            assertHidden();
        }
        assertThat(store.open(KEY)).isPresent();
    }

    @Test
    void a_hard_link_is_hidden() throws Exception {
        Files.createLink(directory.resolve(KEY.value()), database);
        assertHidden();
    }
}
