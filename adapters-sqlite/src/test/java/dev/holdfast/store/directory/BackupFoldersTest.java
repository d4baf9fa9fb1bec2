package dev.holdfast.store.directory;

import static dev.holdfast.application.store.BackupFixture.put;
import static dev.holdfast.application.store.BackupFixture.read;
import static dev.holdfast.store.directory.TestStore.filesIn;
import static dev.holdfast.store.directory.TestStore.keys;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.BackupStore.Deletion;
import dev.holdfast.application.store.IdentifiedStore.Confirmed;
import dev.holdfast.application.store.KnownStores;
import dev.holdfast.application.store.StagedArtifact;
import dev.holdfast.application.store.StagedArtifact.Publication;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.files.archive.layout.LayoutDetector;
import dev.holdfast.store.directory.FolderingStore.FolderRefusedException;
import dev.holdfast.store.folder.FolderRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One store in a backup directory and in folders that were chosen since, on a real file system. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class BackupFoldersTest {
    private static final BackupKey FIRST = new BackupKey("app_20260413_120000.db");
    private static final BackupKey SECOND = new BackupKey("app_20260413_120001.db");
    private static final BackupKey THIRD = new BackupKey("app_20260413_120002.db");

    @TempDir
    private Path temporary;

    private Path root;
    private Path main;
    private Path allowed;
    private final Rule rule = new Rule();
    private KnownStores catalogue = KnownStores.inMemory();
    private FolderingStore store;

    private static final class Rule implements FolderRule {
        private volatile Optional<String> refusal = Optional.empty();
        private volatile boolean inForce = true;
        private volatile List<Path> watched = List.of();

        @Override
        public Optional<String> refusal(Path folder) {
            return refusal;
        }

        @Override
        public Optional<Path> allowedBy(Path folder) {
            return Optional.empty();
        }

        @Override
        public boolean isChoiceInForce() {
            return inForce;
        }

        @Override
        public void watch(List<Path> folders) {
            watched = folders;
        }
    }

    @BeforeEach
    void begin() throws IOException {
        root = temporary.toRealPath();
        main = root.resolve("backups");
        allowed = Files.createDirectory(root.resolve("allowed"));
        store = reopened();
    }

    private FolderingStore reopened() {
        return opened(main, DatabaseName.DEFAULT, catalogue);
    }

    private FolderingStore opened(Path directory, DatabaseName database, KnownStores known) {
        return LocalStore.in(
                new LocalStore.Setup(
                        directory,
                        "server",
                        database,
                        Naming.of(Profile.NATIVE, "app"),
                        Set.of(),
                        Set.of(),
                        root.resolve("source.db"),
                        Set.of(database),
                        known,
                        new SecureRandom(),
                        rule,
                        LayoutDetector::archive),
                InstantSource.fixed(TestStore.NOW),
                FailPoints.NONE);
    }

    private void choose(Path folder) throws FolderRefusedException {
        store.choose(folder).commit();
    }

    private FolderRefusedException refusal(Path folder) {
        return catchThrowableOfType(FolderRefusedException.class, () -> store.choose(folder));
    }

    private static Problem.StoreUnavailable unavailable(FolderingStore store) {
        return (Problem.StoreUnavailable)
                catchThrowableOfType(ProblemException.class, store::list).problem();
    }

    /** One backup in each of three folders. */
    private void fill() throws Exception {
        put(store, FIRST, "one");
        choose(main.resolve("monthly/a"));
        put(store, SECOND, "two");
        choose(allowed.resolve("b"));
        put(store, THIRD, "three");
    }

    private void assertFilled(FolderingStore filled) throws IOException {
        assertThat(keys(filled)).containsExactly(THIRD.value(), SECOND.value(), FIRST.value());
        assertThat(read(filled, FIRST, 0)).isEqualTo("one");
        assertThat(read(filled, SECOND, 0)).isEqualTo("two");
        assertThat(read(filled, THIRD, 0)).isEqualTo("three");
    }

    @Test
    void new_backups_go_to_the_chosen_folder_and_old_ones_stay_listed() throws Exception {
        assertThat(store.chosen()).isEqualTo(main);
        fill();
        assertThat(store.chosen()).isEqualTo(allowed.resolve("b"));
        assertThat(store.folders()).containsExactly(main.resolve("monthly/a"), allowed.resolve("b"));
        assertThat(rule.watched).isEqualTo(store.folders());
        assertThat(main.resolve(FIRST.value())).hasContent("one");
        assertThat(main.resolve("monthly/a").resolve(SECOND.value())).hasContent("two");
        assertThat(allowed.resolve("b").resolve(THIRD.value())).hasContent("three");
        for (Path made : List.of(main.resolve("monthly"), main.resolve("monthly/a"), allowed.resolve("b"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                    .isEqualTo("rwx------");
        }
        assertFilled(store);
        assertFilled(reopened());
        choose(main);
        put(store, new BackupKey("app_20260413_120003.db"), "four");
        assertThat(main.resolve("app_20260413_120003.db")).hasContent("four");
        assertThat(keys(store)).hasSize(4);
    }

    @Test
    void a_backup_is_found_changed_and_deleted_wherever_it_is() throws Exception {
        fill();
        for (BackupKey key : List.of(FIRST, SECOND, THIRD)) {
            assertThat(store.update(key, it -> it.withPinned(true)))
                    .map(Backup::pinned)
                    .contains(true);
            assertThat(store.find(key)).map(Backup::pinned).contains(true);
            assertThat(reopened().find(key)).map(Backup::pinned).contains(true);
            assertThat(store.open(key).orElseThrow().modified())
                    .contains(store.modificationTimes().get(key));
            assertThat(store.delete(key, it -> !it.pinned())).isInstanceOf(Deletion.Retained.class);
            assertThat(store.delete(key)).isTrue();
            assertThat(store.find(key)).isEmpty();
            assertThat(store.open(key)).isEmpty();
        }
        assertThat(store.list()).isEmpty();
        assertThat(filesIn(allowed.resolve("b"))).isEmpty();
    }

    @Test
    void a_name_is_taken_in_all_folders() throws Exception {
        fill();
        for (BackupKey key : List.of(FIRST, SECOND, THIRD)) {
            for (Path folder : List.of(main, main.resolve("monthly/a"), allowed.resolve("b"))) {
                choose(folder);
                Backup backup = store.find(key).orElseThrow();
                try (StagedArtifact staged = store.stage(backup.size())) {
                    staged.output().write(read(store, key, 0).getBytes(UTF_8));
                    staged.seal();
                    assertThat(staged.publish(backup)).isEqualTo(new Publication.KeyTaken(key));
                }
            }
        }
        assertFilled(store);
    }

    @Test
    void a_lost_catalogue_loses_no_folder_and_neither_does_a_lost_record() throws Exception {
        fill();
        assertThat(main.resolve(".holdfast/folders.json"))
                .content()
                .contains("\"monthly/a\"", "\"" + allowed.resolve("b") + "\"");
        catalogue = KnownStores.inMemory();
        assertFilled(reopened());
        assertThat(reopened().chosen()).isEqualTo(allowed.resolve("b"));
        Files.delete(main.resolve(".holdfast/folders.json"));
        FolderingStore again = reopened();
        assertFilled(again);
        again.sweep();
        catalogue = KnownStores.inMemory();
        assertFilled(reopened());
    }

    @Test
    void folders_below_a_backup_directory_move_with_it() throws Exception {
        put(store, FIRST, "one");
        choose(main.resolve("a"));
        put(store, SECOND, "two");
        Path moved = Files.move(main, root.resolve("moved"));
        FolderingStore there = opened(moved, DatabaseName.DEFAULT, catalogue);
        assertThat(keys(there)).containsExactly(SECOND.value(), FIRST.value());
        assertThat(there.chosen()).isEqualTo(moved.resolve("a"));
        put(there, THIRD, "three");
        assertThat(moved.resolve("a").resolve(THIRD.value())).hasContent("three");
    }

    @Test
    void a_choice_that_is_not_in_force_leaves_new_backups_in_the_backup_directory() throws Exception {
        put(store, FIRST, "one");
        choose(allowed.resolve("b"));
        put(store, SECOND, "two");
        rule.inForce = false;
        assertThat(store.chosen()).isEqualTo(main);
        put(store, THIRD, "three");
        assertThat(main.resolve(THIRD.value())).hasContent("three");
        assertThat(keys(store)).hasSize(3);
    }

    @Test
    void a_folder_that_is_gone_or_another_one_stops_all_until_it_is_confirmed() throws Exception {
        fill();
        Path folder = allowed.resolve("b");
        Path away = Files.move(folder, root.resolve("away"));
        assertThat(unavailable(store).detail())
                .startsWith("The folder " + folder + " holds backups of database default and is not there")
                .contains("holdfast store confirm local");
        assertThatThrownBy(() -> store.stage(1)).isInstanceOf(ProblemException.class);
        Files.createDirectory(folder);
        assertThat(unavailable(store).detail())
                .startsWith("The backup directory " + folder + " is not the directory that was here before");
        Files.delete(folder);
        var audited = new ArrayList<Confirmed>();
        store.confirm(audited::add);
        assertThat(audited).extracting(Confirmed::backups).containsExactly(2);
        assertThat(keys(store)).containsExactly(SECOND.value(), FIRST.value());
        var fourth = new BackupKey("app_20260413_120003.db");
        put(store, fourth, "four");
        assertThat(main.resolve(fourth.value())).hasContent("four");
        Files.move(away, folder);
        assertThat(unavailable(store).detail()).contains("is another directory than the one that was here before");
        store.confirm(audited::add);
        assertThat(audited).extracting(Confirmed::backups).containsExactly(2, 4);
        assertThat(keys(store)).contains(THIRD.value()).hasSize(4);
        assertThat(read(store, THIRD, 0)).isEqualTo("three");
    }

    @Test
    void a_folder_that_is_not_allowed_any_more_is_not_touched() throws Exception {
        fill();
        rule.refusal = Optional.of("is not below a folder of holdfast.allowed-folders");
        assertThat(unavailable(store).detail()).contains("is not below a folder of holdfast.allowed-folders");
        rule.refusal = Optional.empty();
        assertFilled(store);
    }

    @Test
    void a_folder_of_another_store_or_below_a_link_or_a_file_is_refused_and_nothing_is_made() throws Exception {
        Path elsewhere = Files.createDirectory(root.resolve("elsewhere"));
        Files.createSymbolicLink(allowed.resolve("link"), elsewhere);
        Files.createSymbolicLink(allowed.resolve("dangling"), root.resolve("nowhere"));
        Files.createSymbolicLink(allowed.resolve("loop"), allowed.resolve("loop"));
        Files.writeString(allowed.resolve("file"), "x");
        for (String name : List.of("link", "link/x", "dangling", "dangling/x/y", "loop", "loop/x", "file", "file/x")) {
            assertThat(refusal(allowed.resolve(name)).isForbidden()).as(name).isTrue();
        }
        FolderingStore other = opened(allowed.resolve("other"), new DatabaseName("other"), KnownStores.inMemory());
        put(other, FIRST, "of another");
        assertThat(refusal(allowed.resolve("other")).reason()).contains("another database");
        rule.refusal = Optional.of("is not allowed");
        assertThat(refusal(allowed.resolve("new/folder")).reason()).endsWith("is not allowed");
        rule.refusal = Optional.empty();
        assertThat(refusal(allowed.resolve("new/" + "x".repeat(256))).isForbidden())
                .isFalse();
        assertThat(allowed.resolve("new")).doesNotExist();
        assertThat(elsewhere).isEmptyDirectory();
        store.choose(allowed.resolve("undone/twice")).undo();
        assertThat(allowed.resolve("undone")).doesNotExist();
        assertThat(store.chosen()).isEqualTo(main);
        put(store, FIRST, "one");
        assertThat(main.resolve(FIRST.value())).hasContent("one");
    }

    /** The link leads to the backups of another database. It comes between two backups, and within each. */
    @Test
    void a_link_that_takes_the_place_of_a_folder_leads_nowhere() throws Exception {
        Path decoy = root.resolve("decoy");
        Path victim = decoy.resolve("folder");
        FolderingStore other = opened(victim, new DatabaseName("other"), KnownStores.inMemory());
        put(other, THIRD, "the victim's");
        List<String> before = filesIn(victim);
        Path above = Files.createDirectory(allowed.resolve("above"));
        choose(above.resolve("folder"));
        put(store, FIRST, "one");
        int made = 1;
        int refused = 0;
        var ended = new AtomicBoolean();
        var attack = new FutureTask<>(() -> swap(above, decoy, ended));
        Thread.ofPlatform().start(attack);
        try {
            for (int i = 0; i < 2000 && (i < 100 || made < 5 || refused < 5); i++) {
                try {
                    put(store, new BackupKey("app_20260414_%06d.db".formatted(i)), "bytes");
                    made++;
                } catch (ProblemException e) {
                    assertThat(e.problem()).isInstanceOf(Problem.StoreUnavailable.class);
                    refused++;
                }
                try {
                    assertThat(store.delete(THIRD)).isFalse();
                    assertThat(store.find(THIRD)).isEmpty();
                } catch (ProblemException e) {
                    assertThat(e.problem()).isInstanceOf(Problem.StoreUnavailable.class);
                }
            }
        } finally {
            ended.set(true);
            attack.get();
        }
        assertThat(made).isGreaterThanOrEqualTo(5);
        assertThat(refused).isGreaterThanOrEqualTo(5);
        assertThat(filesIn(victim)).isEqualTo(before);
        assertThat(read(other, THIRD, 0)).isEqualTo("the victim's");
        assertThat(store.list()).hasSizeGreaterThanOrEqualTo(made);
    }

    private static boolean swap(Path above, Path decoy, AtomicBoolean ended) throws IOException {
        Path hidden = above.resolveSibling("hidden");
        while (!ended.get()) {
            Files.move(above, hidden);
            Files.createSymbolicLink(above, decoy);
            Files.delete(above);
            Files.move(hidden, above);
            LockSupport.parkNanos(2_000_000); // time enough for some backups
        }
        return true;
    }

    @Test
    void between_two_uses_no_folder_is_open() throws Exception {
        fill();
        try (StagedArtifact staged = store.stage(3)) {
            assertThat(openBelow(allowed)).isNotEmpty();
            staged.output().write(new byte[3]);
        }
        assertFilled(store);
        assertThat(openBelow(allowed)).isEmpty();
    }

    private static List<Path> openBelow(Path folder) throws IOException {
        List<Path> open = new ArrayList<>();
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                try {
                    Path file = Files.readSymbolicLink(descriptor);
                    if (file.startsWith(folder)) {
                        open.add(file);
                    }
                } catch (IOException e) {
                    // Closed meanwhile.
                }
            }
        }
        return open;
    }
}
