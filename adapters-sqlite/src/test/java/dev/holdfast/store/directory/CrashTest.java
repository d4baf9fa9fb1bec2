package dev.holdfast.store.directory;

import static dev.holdfast.application.store.BackupFixture.backup;
import static dev.holdfast.application.store.BackupFixture.put;
import static dev.holdfast.application.store.BackupFixture.read;
import static dev.holdfast.store.directory.CrashingStore.Step.DELETE;
import static dev.holdfast.store.directory.CrashingStore.Step.PUBLISH;
import static dev.holdfast.store.directory.CrashingStore.Step.UPDATE;
import static dev.holdfast.store.directory.TestStore.A;
import static dev.holdfast.store.directory.TestStore.B;
import static dev.holdfast.store.directory.TestStore.filesIn;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.holdfast.application.store.BackupStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.testkit.JavaProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class CrashTest {
    private static final Backup NEW = backup(A, "content".getBytes(UTF_8));
    private static final long LONGEST_SECONDS = 60;

    @TempDir
    private Path directory;

    /** What is there of backup A after the restart. */
    enum Left {
        NOTHING,
        AS_PUBLISHED,
        AS_UPDATED
    }

    @ParameterizedTest(name = "{0} at {1} leaves {2}")
    @MethodSource
    void a_process_that_dies_leaves_all_or_nothing(CrashingStore.Step step, String point, Left left) throws Exception {
        Backup other = put(TestStore.in(directory), B, "other");
        if (step != PUBLISH) {
            put(TestStore.in(directory), A, "content");
        }
        dieAt(step, point);
        Optional<Backup> expected = switch (left) {
            case NOTHING -> Optional.empty();
            case AS_PUBLISHED -> Optional.of(NEW);
            case AS_UPDATED -> Optional.of(NEW.withPinned(true));
        };

        BackupStore restarted = TestStore.in(directory);
        assertThat(restarted.find(A)).isEqualTo(expected);
        restarted.sweep();

        List<Backup> backups = new ArrayList<>(List.of(other));
        expected.ifPresent(backups::add);
        assertThat(restarted.list()).isEqualTo(backups);
        assertThat(filesIn(directory)).isEqualTo(filesOf(backups));
        assertThat(read(restarted, B, 0)).isEqualTo("other");
        if (expected.isPresent()) {
            assertThat(read(restarted, A, 0)).isEqualTo("content");
        } else {
            put(restarted, A, "again");
        }
    }

    static Stream<Arguments> a_process_that_dies_leaves_all_or_nothing() {
        return Stream.of(
                arguments(PUBLISH, "store.part-created", Left.NOTHING),
                arguments(PUBLISH, "store.half-written", Left.NOTHING),
                arguments(PUBLISH, "store.sealed", Left.NOTHING),
                arguments(PUBLISH, "store.meta-part-written", Left.NOTHING),
                arguments(PUBLISH, "store.meta-renamed", Left.NOTHING),
                arguments(PUBLISH, "store.meta-written", Left.NOTHING),
                arguments(PUBLISH, "store.linked", Left.AS_PUBLISHED),
                arguments(PUBLISH, "store.published", Left.AS_PUBLISHED),
                arguments(UPDATE, "store.meta-part-written", Left.AS_PUBLISHED),
                arguments(UPDATE, "store.meta-renamed", Left.AS_UPDATED),
                arguments(UPDATE, "store.updated", Left.AS_UPDATED),
                arguments(DELETE, "store.artifact-removed", Left.NOTHING),
                arguments(DELETE, "store.removal-synced", Left.NOTHING),
                arguments(DELETE, "store.meta-removed", Left.NOTHING),
                arguments(DELETE, "store.deleted", Left.NOTHING));
    }

    @Test
    void a_backups_life_passes_all_fail_points_in_the_order_that_is_written_down() {
        List<String> passed = new ArrayList<>();
        BackupStore store = TestStore.in(directory, passed::add);
        put(store, A, "content");
        store.update(A, it -> it.withPinned(true));
        store.delete(A);
        assertThat(passed)
                .containsExactly(
                        "store.part-created",
                        "store.half-written",
                        "store.sealed",
                        "store.identity-remembered",
                        "store.identity-written",
                        "store.identity-settled",
                        "store.mark-remembered",
                        "store.mark-written",
                        "store.meta-part-written",
                        "store.meta-renamed",
                        "store.meta-written",
                        "store.linked",
                        "store.published",
                        "store.mark-remembered",
                        "store.mark-written",
                        "store.meta-part-written",
                        "store.meta-renamed",
                        "store.updated",
                        "store.mark-remembered",
                        "store.mark-written",
                        "store.artifact-removed",
                        "store.removal-synced",
                        "store.meta-removed",
                        "store.deleted");
    }

    private void dieAt(CrashingStore.Step step, String point) throws Exception {
        Process process = new ProcessBuilder(JavaProcess.command(
                        List.of("-Xshare:auto"),
                        CrashingStore.class,
                        List.of(directory.toString(), step.name(), point)))
                .redirectErrorStream(true)
                .start();
        try {
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(said).isEqualTo(CrashingStore.DIED_AS_PLANNED);
        } finally {
            process.destroyForcibly();
        }
    }

    private static List<String> filesOf(List<Backup> backups) {
        return backups.stream()
                .map(it -> it.key().value())
                .flatMap(it -> Stream.of(it, ".holdfast/meta/" + it + ".json"))
                .sorted()
                .toList();
    }
}
