package dev.holdfast.files.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.PathRestrictions;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.backup.Compression;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.tree.SecureDirectories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is allowed outside of the source's own folder. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PathRestrictionsTest {
    @TempDir
    Path root;

    private ArchiveFixture fixture;
    private Path storage;
    private Path elsewhere;
    private Path lock;

    @BeforeEach
    void makeSource() throws IOException {
        root = root.toRealPath();
        lock = Files.createDirectories(root.resolve("server")).resolve("holdfast.lock");
        fixture = new ArchiveFixture(root, new OnlyBelow(root.resolve("data"), List.of(lock.getParent(), lock)));
        storage = Files.createDirectories(fixture.data.resolve("storage"));
        Files.writeString(storage.resolve("a"), "first");
        elsewhere = Files.createDirectories(root.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("secret"), "s");
        Files.writeString(lock, "locked");
    }

    private record OnlyBelow(Path folder, List<Path> closed) implements PathRestrictions {
        @Override
        public Optional<String> refusal(Source source, Path directory, Path real) {
            return real.startsWith(folder) ? Optional.empty() : Optional.of(directory + " leads to " + real);
        }
    }

    /** As anybody can who may write to the folder. */
    private void leadElsewhere() throws IOException {
        Files.move(storage, storage.resolveSibling("moved"));
        Files.createSymbolicLink(storage, elsewhere);
    }

    @Test
    void what_a_directory_has_come_to_lead_to_is_not_backed_up() throws IOException {
        Source source = fixture.source("storage");
        leadElsewhere();
        assertThatThrownBy(() -> fixture.write(Layout.POCKETBASE_ZIP, source))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        it -> assertThat(it.problem())
                                .isInstanceOf(Problem.SourceNotAccessible.class)
                                .extracting(Problem::detail)
                                .isEqualTo(storage + " leads to " + elsewhere));
    }

    @Test
    void nor_if_it_came_to_while_the_databases_were_read() {
        Source source = fixture.source("storage");
        var contents = new dev.holdfast.application.archive.Contents(
                source,
                fixture.contents(source, Compression.FAST).databases(),
                ArchiveFixture.AT,
                Compression.FAST,
                false,
                () -> {
                    try {
                        leadElsewhere();
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
        assertThatThrownBy(() -> fixture.write(Layout.POCKETBASE_ZIP, contents, ProgressMonitor.UNWATCHED))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("leads to " + elsewhere);
    }

    @Test
    void a_link_to_what_is_allowed_is_followed() throws IOException {
        Files.move(storage, storage.resolveSibling("moved"));
        Files.createSymbolicLink(storage, storage.resolveSibling("moved"));
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, fixture.source("storage"));
        try (UnpackResult.Parts parts =
                fixture.parts(zip, Layout.POCKETBASE_ZIP, fixture.source("storage"), Extent.RESTORE)) {
            assertThat(parts.directories()).hasSize(1);
        }
    }

    @Test
    void what_must_not_be_opened_is_left_out_by_any_other_name() throws IOException {
        Files.createLink(storage.resolve("innocent"), lock);
        ArchiveFixture.Written written = fixture.write(
                Layout.POCKETBASE_ZIP,
                fixture.contents(fixture.source("storage"), Compression.FAST),
                ProgressMonitor.UNWATCHED);
        assertThat(written.remark())
                .hasValue("storage/innocent is a database in use, or this server's own, and was left out");
        assertThat(written.incomplete()).containsExactly(storage);
    }

    @Test
    void nothing_is_unpacked_to_where_a_directory_has_come_to_lead() throws IOException {
        Source source = fixture.source("storage");
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, source);
        leadElsewhere();
        assertThatThrownBy(() -> fixture.unpack(zip, Layout.POCKETBASE_ZIP, source, Extent.RESTORE))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        it -> assertThat(it.problem())
                                .isInstanceOf(Problem.SourceNotAccessible.class)
                                .extracting(Problem::detail)
                                .isEqualTo(storage + " leads to " + elsewhere));
        assertThat(root)
                .isDirectoryNotContaining(it -> it.getFileName().toString().startsWith(".holdfast"));
        assertThat(elsewhere.resolve("secret")).hasContent("s");
    }

    @Test
    void a_folder_that_is_moved_away_at_any_step_of_the_unpacking_is_filled_or_in_use() throws IOException {
        Files.writeString(Files.createDirectory(storage.resolve("below")).resolve("b"), "second");
        Source source = fixture.source("storage");
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, source);
        Path away = root.resolve("away");
        boolean reached = true;
        for (int step = 1; reached; step++) {
            var moving = new Moving(step, fixture.data, away);
            try {
                UnpackResult unpacking = fixture.archives.unpack(
                        ArchiveFixture.artifact(zip),
                        Layout.POCKETBASE_ZIP,
                        source,
                        Extent.RESTORE,
                        UnpackLimits.NONE,
                        moving);
                assertThat(unpacking).isInstanceOf(UnpackResult.Unpacked.class);
                ((UnpackResult.Unpacked) unpacking).parts().close();
            } catch (ProblemException e) {
                assertThat(e.problem()).isInstanceOfAny(Problem.SourceBusy.class, Problem.BackupIncompatible.class);
            }
            reached = moving.step >= step;
            if (reached) {
                Files.move(away, fixture.data);
            }
            assertThat(fixture.data)
                    .isDirectoryNotContaining(it -> it.getFileName().toString().startsWith(".holdfast"));
        }
        assertThat(storage.resolve("a")).hasContent("first");
    }

    @Test
    void a_folder_that_is_removed_once_its_place_was_allowed_is_in_use() throws IOException {
        Path zip = fixture.write(Layout.POCKETBASE_ZIP, fixture.source("storage"));
        Path volume = root.resolve("volume");
        Source source =
                new Source(fixture.source().main(), fixture.source().extraFiles(), List.of(volume.resolve("storage")));
        List<Class<?>> outcomes = new ArrayList<>();
        for (int question = 1; question <= 2; question++) {
            Files.createDirectories(volume.resolve("storage"));
            var archives = new ArchiveFixture(root, new RemovedWhenAsked(question, volume)).archives;
            assertThatThrownBy(() -> archives.unpack(
                            ArchiveFixture.artifact(zip),
                            Layout.POCKETBASE_ZIP,
                            source,
                            Extent.RESTORE,
                            UnpackLimits.NONE,
                            ProgressMonitor.UNWATCHED))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            it -> outcomes.add(it.problem().getClass()));
        }
        assertThat(outcomes).containsExactly(Problem.BackupIncompatible.class, Problem.SourceBusy.class);
    }

    private static final class RemovedWhenAsked implements PathRestrictions {
        private final int at;
        private final Path folder;
        private int asked;

        RemovedWhenAsked(int at, Path folder) {
            this.at = at;
            this.folder = folder;
        }

        @Override
        public List<Path> closed() {
            return List.of();
        }

        @Override
        public Optional<String> refusal(Source source, Path directory, Path real) {
            asked++;
            if (asked == at) {
                try {
                    SecureDirectories.delete(folder);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            return Optional.empty();
        }
    }

    private static final class Moving implements ProgressMonitor {
        private final int at;
        private final Path from;
        private final Path to;
        private int step;

        Moving(int at, Path from, Path to) {
            this.at = at;
            this.from = from;
            this.to = to;
        }

        @Override
        public void enter(Phase phase, long totalBytes) {}

        @Override
        public void advance(long bytes) {}

        @Override
        public void checkCancelled() {
            step++;
            if (step == at) {
                try {
                    Files.move(from, to);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }
}
