package dev.holdfast.store.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.KnownStores;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.files.archive.layout.LayoutDetector;
import dev.holdfast.store.directory.FolderingStore.FolderRefusedException;
import dev.holdfast.store.folder.FolderRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder for backups that another user makes while it is being chosen. Only root can give a folder to another user. */
@Tag("adapter")
@Tag("root")
@DisplayNameGeneration(ReplaceUnderscores.class)
class FoldersOfOthersTest {
    private static final int OTHER_USER = 1001;

    @TempDir
    Path temporary;

    private record GivenAway(Path allowed, Path folder) implements FolderRule {
        @Override
        public Optional<String> refusal(Path chosen) {
            return Optional.empty();
        }

        /** The folder is missing when the owners are looked at first. */
        @Override
        public Optional<Path> allowedBy(Path chosen) {
            try {
                if (Files.exists(folder)) {
                    Files.setAttribute(folder, "unix:uid", OTHER_USER);
                }
                return Optional.of(allowed);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public boolean isChoiceInForce() {
            return true;
        }

        @Override
        public void watch(List<Path> folders) {}
    }

    @Test
    void a_folder_that_another_user_has_made_since_the_first_look_is_refused_and_nothing_stays() throws Exception {
        Path root = temporary.toRealPath();
        Path allowed = Files.createDirectory(root.resolve("allowed"));
        Path folder = allowed.resolve("series");
        FolderingStore store = LocalStore.in(
                new LocalStore.Setup(
                        root.resolve("backups"),
                        "server",
                        DatabaseName.DEFAULT,
                        Naming.of(Profile.NATIVE, "app"),
                        Set.of(),
                        Set.of(),
                        root.resolve("source.db"),
                        Set.of(DatabaseName.DEFAULT),
                        KnownStores.inMemory(),
                        new SecureRandom(),
                        new GivenAway(allowed, folder),
                        LayoutDetector::archive),
                InstantSource.fixed(TestStore.NOW),
                FailPoints.NONE);

        assertThatThrownBy(() -> store.choose(folder))
                .isInstanceOf(FolderRefusedException.class)
                .hasMessageContaining("belongs to another user, number " + OTHER_USER);

        assertThat(folder).doesNotExist();
        assertThat(store.chosen()).isEqualTo(root.resolve("backups"));
    }
}
