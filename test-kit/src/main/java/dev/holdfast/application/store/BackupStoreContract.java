package dev.holdfast.application.store;

import static dev.holdfast.application.store.BackupFixture.NOON;
import static dev.holdfast.application.store.BackupFixture.backup;
import static dev.holdfast.application.store.BackupFixture.put;
import static dev.holdfast.application.store.BackupFixture.read;
import static dev.holdfast.application.store.BackupFixture.sha256;
import static dev.holdfast.application.store.BackupFixture.write;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.IntStream.rangeClosed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.store.BackupStore.Deletion;
import dev.holdfast.application.store.StagedArtifact.Publication;
import dev.holdfast.application.store.StagedArtifact.Sealed;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every promise of {@link BackupStore} and of what it hands out. Flat, so that each report names its adapter. */
@DisplayNameGeneration(ReplaceUnderscores.class)
public abstract class BackupStoreContract {
    private static final BackupKey A = new BackupKey("app_20260413_120000.db");
    private static final BackupKey B = new BackupKey("app_20260413_120001.db");
    private static final long LONGEST_SECONDS = 60;

    /** A store at a place where none was before, for database {@link DatabaseName#DEFAULT}. Called once in each test. */
    protected abstract BackupStore emptyStore();

    /** The store at the place of the last {@link #emptyStore()}, as a server finds it after a restart. */
    protected abstract BackupStore reopenedStore();

    /** The store at the same place, as a server with another data directory opens it. */
    protected abstract BackupStore storeOfAnotherServer();

    @Test
    void a_new_store_is_empty() {
        assertThat(emptyStore().list()).isEmpty();
    }

    @Test
    void a_published_backup_is_listed_found_and_read() throws IOException {
        BackupStore store = emptyStore();
        Backup backup = put(store, A, "content");
        assertThat(store.list()).containsExactly(backup);
        assertThat(store.find(A)).contains(backup);
        assertThat(read(store, A, 0)).isEqualTo("content");
    }

    @Test
    void a_backup_of_another_database_stays_one_through_changes_and_a_restart() {
        BackupStore store = emptyStore();
        var madeOf = Optional.of(new DatabaseName("other"));
        put(store, A, "content", it -> it.inStoreOf(DatabaseName.DEFAULT, madeOf));

        store.update(A, it -> labelled(it.withPinned(true), "seen"));

        for (BackupStore it : List.of(store, reopenedStore(), storeOfAnotherServer())) {
            Backup found = it.find(A).orElseThrow();
            assertThat(found.database()).isEqualTo(DatabaseName.DEFAULT);
            assertThat(found.foreign()).isEqualTo(madeOf);
            assertThat(found.pinned()).isTrue();
            assertThat(it.list()).containsExactly(found);
        }
    }

    @Test
    void a_change_cannot_make_a_backup_one_of_another_database_or_take_that_back() {
        BackupStore store = emptyStore();
        var other = new DatabaseName("other");
        Backup own = put(store, A, "content");
        Backup foreign = put(store, B, "content", it -> it.inStoreOf(DatabaseName.DEFAULT, Optional.of(other)));
        Map<BackupKey, UnaryOperator<Backup>> changes = Map.of(
                A,
                it -> it.inStoreOf(DatabaseName.DEFAULT, Optional.of(other)),
                B,
                it -> it.inStoreOf(DatabaseName.DEFAULT, Optional.empty()));

        changes.forEach((key, change) ->
                assertThatThrownBy(() -> store.update(key, change)).isInstanceOf(IllegalArgumentException.class));
        assertThatThrownBy(() -> store.update(A, it -> it.inStoreOf(other, Optional.empty())))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(store.find(A)).contains(own);
        assertThat(store.find(B)).contains(foreign);
    }

    @Test
    void a_published_backup_is_there_after_a_restart() throws IOException {
        Backup backup = put(emptyStore(), A, "content");
        BackupStore reopened = reopenedStore();
        assertThat(reopened.list()).containsExactly(backup);
        assertThat(read(reopened, A, 0)).isEqualTo("content");
    }

    @Test
    void sealing_tells_size_and_sha_256_of_the_content() {
        try (StagedArtifact staged = emptyStore().stage(3)) {
            write(staged, "abc".getBytes(UTF_8));
            assertThat(staged.seal())
                    .isEqualTo(new Sealed(
                            3, new Sha256("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")));
        }
    }

    @Test
    void empty_content_is_content() throws IOException {
        BackupStore store = emptyStore();
        put(store, A, "");
        assertThat(store.find(A).orElseThrow().sha256())
                .contains(new Sha256("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        assertThat(store.open(A).orElseThrow().size()).isZero();
        assertThat(read(store, A, 0)).isEmpty();
    }

    @Test
    void large_content_comes_back_as_it_was_written_in_pieces_of_any_size() throws IOException {
        BackupStore store = emptyStore();
        byte[] content = new byte[9_000_001];
        new Random(1).nextBytes(content);
        try (StagedArtifact staged = store.stage(content.length)) {
            OutputStream out = staged.output();
            int done = 0;
            for (int piece = 1; done < content.length; piece = piece * 3 + 1) {
                int length = Math.min(piece, content.length - done);
                out.write(content, done, length);
                done += length;
                if (done < content.length) {
                    out.write(content[done++]);
                }
            }
            assertThat(staged.seal()).isEqualTo(new Sealed(content.length, sha256(content)));
            staged.publish(backup(A, content));
        }
        try (InputStream in = store.open(A).orElseThrow().open(0)) {
            assertThat(sha256(in.readAllBytes())).isEqualTo(sha256(content));
        }
        try (InputStream in = store.open(A).orElseThrow().open(8_999_000)) {
            assertThat(in.readAllBytes()).hasSize(1_001).endsWith(content[9_000_000]);
        }
    }

    @Test
    void an_artifact_is_read_from_any_offset() throws IOException {
        BackupStore store = emptyStore();
        put(store, A, "0123456789");
        assertThat(read(store, A, 1)).isEqualTo("123456789");
        assertThat(read(store, A, 9)).isEqualTo("9");
        assertThat(read(store, A, 10)).isEmpty();
        assertThat(store.open(A).orElseThrow().size()).isEqualTo(10);
    }

    @Test
    void one_artifact_is_read_by_several_at_once() throws IOException {
        BackupStore store = emptyStore();
        put(store, A, "0123456789");
        Artifact artifact = store.open(A).orElseThrow();
        try (InputStream first = artifact.open(0);
                InputStream second = artifact.open(5)) {
            assertThat(first.read()).isEqualTo('0');
            assertThat(second.read()).isEqualTo('5');
            assertThat(first.read()).isEqualTo('1');
        }
    }

    @Test
    void a_local_file_holds_just_the_artifacts_bytes() throws IOException {
        BackupStore store = emptyStore();
        put(store, A, "content");
        store.open(A).orElseThrow().file().ifPresent(it -> assertThat(it).hasContent("content"));
    }

    @Test
    void a_missing_key_is_neither_found_nor_opened() {
        BackupStore store = emptyStore();
        assertThat(store.find(A)).isEmpty();
        assertThat(store.open(A)).isEmpty();
        put(store, B, "other");
        assertThat(store.find(A)).isEmpty();
        assertThat(store.open(A)).isEmpty();
    }

    @Test
    void a_version_stays_until_the_key_has_other_content() {
        BackupStore store = emptyStore();
        put(store, A, "first");
        String first = store.open(A).orElseThrow().version();
        store.update(A, it -> it.withPinned(true));
        assertThat(store.open(A).orElseThrow().version()).isEqualTo(first);
        assertThat(reopenedStore().open(A).orElseThrow().version()).isEqualTo(first);
        store.delete(A);
        put(store, A, "other");
        assertThat(store.open(A).orElseThrow().version()).isNotEqualTo(first);
    }

    @Test
    void staged_content_is_not_listed_before_it_is_published() {
        BackupStore store = emptyStore();
        try (StagedArtifact staged = store.stage(7)) {
            assertThat(store.list()).isEmpty();
            write(staged, "content".getBytes(UTF_8));
            assertThat(store.list()).isEmpty();
            staged.seal();
            assertThat(store.list()).isEmpty();
            assertThat(store.find(A)).isEmpty();
        }
        assertThat(store.list()).isEmpty();
        assertThat(reopenedStore().list()).isEmpty();
    }

    @Test
    void sealed_content_can_be_read_before_it_is_published() throws IOException {
        try (StagedArtifact staged = emptyStore().stage(7)) {
            write(staged, "content".getBytes(UTF_8));
            staged.seal();
            assertThat(staged.content().size()).isEqualTo(7);
            try (InputStream in = staged.content().open(3)) {
                assertThat(in).hasContent("tent");
            }
        }
    }

    @Test
    void closing_after_the_publication_removes_nothing_however_often() throws IOException {
        BackupStore store = emptyStore();
        byte[] content = "content".getBytes(UTF_8);
        StagedArtifact staged = store.stage(content.length);
        write(staged, content);
        staged.seal();
        staged.publish(backup(A, content));
        staged.close();
        staged.close();
        assertThat(read(store, A, 0)).isEqualTo("content");
        assertThat(store.list()).hasSize(1);
    }

    @Test
    void closing_what_was_never_sealed_is_allowed_however_often() {
        BackupStore store = emptyStore();
        StagedArtifact staged = store.stage(1);
        write(staged, new byte[1]);
        staged.close();
        staged.close();
        assertThat(store.list()).isEmpty();
    }

    @Test
    void a_claim_stays_with_the_first_server_also_after_its_restart() {
        BackupStore first = emptyStore();
        BackupStore second = storeOfAnotherServer();
        assertThat(first.claim("backup-1")).isTrue();
        assertThat(second.claim("backup-1")).isFalse();
        assertThat(second.claim("backup-2")).isTrue();
        assertThat(first.claim("backup-2")).isFalse();
        assertThat(reopenedStore().claim("backup-1")).isTrue();
        assertThat(first.list()).isEmpty();
    }

    @Test
    void of_many_servers_that_claim_at_once_one_gets_it() throws Exception {
        BackupStore first = emptyStore();
        BackupStore second = storeOfAnotherServer();
        try (var threads = Executors.newFixedThreadPool(2)) {
            for (int i = 0; i < 50; i++) {
                String run = "backup-" + i;
                Future<Boolean> one = threads.submit(() -> first.claim(run));
                Future<Boolean> other = threads.submit(() -> second.claim(run));
                assertThat(one.get() ^ other.get()).as(run).isTrue();
            }
        }
    }

    @Test
    void a_store_sweeps_nothing_that_another_server_is_writing() {
        BackupStore first = emptyStore();
        byte[] content = "content".getBytes(UTF_8);
        try (StagedArtifact staged = first.stage(content.length)) {
            write(staged, content);
            staged.seal();
            storeOfAnotherServer().sweep();
            assertThat(staged.publish(backup(A, content))).isEqualTo(new Publication.Published());
        }
        assertThat(storeOfAnotherServer().list()).hasSize(1);
    }

    @Test
    void a_taken_key_keeps_its_first_content_and_what_is_noted_of_it() throws IOException {
        BackupStore store = emptyStore();
        Backup first = put(store, A, "first");
        byte[] second = "the second".getBytes(UTF_8);
        try (StagedArtifact staged = store.stage(second.length)) {
            write(staged, second);
            staged.seal();
            assertThat(staged.publish(backup(A, second).withPinned(true))).isEqualTo(new Publication.KeyTaken(A));
        }
        assertThat(read(store, A, 0)).isEqualTo("first");
        assertThat(store.list()).containsExactly(first);
        assertThat(reopenedStore().list()).containsExactly(first);
    }

    @Test
    void content_whose_key_was_taken_is_published_under_another() throws IOException {
        BackupStore store = emptyStore();
        put(store, A, "first");
        byte[] second = "second".getBytes(UTF_8);
        try (StagedArtifact staged = store.stage(second.length)) {
            write(staged, second);
            staged.seal();
            staged.publish(backup(A, second));
            assertThat(staged.publish(backup(B, second))).isEqualTo(new Publication.Published());
        }
        assertThat(read(store, A, 0)).isEqualTo("first");
        assertThat(read(store, B, 0)).isEqualTo("second");
    }

    @Test
    void of_several_who_publish_one_key_at_once_one_succeeds() throws Exception {
        BackupStore store = emptyStore();
        for (int round = 0; round < 10; round++) {
            BackupKey key = new BackupKey("app_20260413_12000" + round + ".db");
            CyclicBarrier ready = new CyclicBarrier(4);
            List<String> contents = List.of("1", "two", "three", "number four");
            List<Publication> publications = atOnce(contents.stream()
                    .<Callable<Publication>>map(it -> () -> {
                        byte[] content = it.getBytes(UTF_8);
                        try (StagedArtifact staged = store.stage(content.length)) {
                            write(staged, content);
                            staged.seal();
                            ready.await(LONGEST_SECONDS, TimeUnit.SECONDS);
                            return staged.publish(backup(key, content));
                        }
                    })
                    .toList());
            assertThat(publications)
                    .filteredOn(Publication.Published.class::isInstance)
                    .hasSize(1);
            String winner = contents.get(publications.indexOf(new Publication.Published()));
            assertThat(read(store, key, 0)).isEqualTo(winner);
            assertThat(store.find(key)).contains(backup(key, winner.getBytes(UTF_8)));
        }
    }

    @Test
    void a_list_is_newest_first() {
        BackupStore store = emptyStore();
        Backup old = put(store, new BackupKey("z.db"), "1", it -> at(it, NOON.minusNanos(1)));
        Backup newest = put(store, new BackupKey("a.db"), "2", it -> at(it, NOON.plusSeconds(1)));
        Backup sameTimeEarlierName = put(store, new BackupKey("m.db"), "3", it -> at(it, NOON));
        Backup sameTimeLaterName = put(store, new BackupKey("n.db"), "4", it -> at(it, NOON));
        assertThat(store.list()).containsExactly(newest, sameTimeLaterName, sameTimeEarlierName, old);
        assertThat(reopenedStore().list()).containsExactly(newest, sameTimeLaterName, sameTimeEarlierName, old);
    }

    @Test
    void a_list_goes_past_the_first_page_of_1000() {
        BackupStore store = emptyStore();
        List<Backup> newestFirst = new ArrayList<>();
        rangeClosed(1, 1001)
                .forEach(i -> newestFirst.addFirst(
                        put(store, new BackupKey(i + ".db"), "x", it -> at(it, NOON.plusSeconds(i)))));
        assertThat(store.list()).isEqualTo(newestFirst);
        assertThat(reopenedStore().list()).isEqualTo(newestFirst);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void all_that_is_noted_of_a_backup_is_there_after_a_restart(String what, UnaryOperator<Backup> note) {
        Backup noted = put(emptyStore(), A, "content", note);
        assertThat(reopenedStore().find(A)).contains(noted);
    }

    static Stream<Object[]> all_that_is_noted_of_a_backup_is_there_after_a_restart() {
        Instant then = NOON.plusNanos(1);
        return Stream.of(
                note("unchecked", it -> it.with(new Verification.Unchecked())),
                note("passed by its checksum", it -> it.with(new Verification.Passed(Depth.CHECKSUM, then))),
                note("passed in full", it -> it.with(new Verification.Passed(Depth.FULL, then))),
                note(
                        "passed with a remark",
                        it -> it.with(new Verification.Passed(Depth.FULL, then, Optional.of("row 1 of \"ä\"")))),
                note("corrupt", it -> it.with(new Verification.Corrupt(Depth.QUICK, then, "page 7:\n\"é\" \u0001"))),
                note("pinned", it -> it.withPinned(true)),
                note(
                        "labels",
                        it -> it.with(new Backup.Labels(Map.of(
                                "why", "before 2.0", "ключ", "\ud83d\udc18 \"\\", "empty", "", "half", "\ud83d")))),
                note("automatic", it -> BackupFixture.with(it, Origin.AUTOMATIC, Layout.SQLITE)),
                note("uploaded zip", it -> BackupFixture.with(it, Origin.UPLOADED, Layout.POCKETBASE_ZIP)),
                note("safety zip", it -> BackupFixture.with(it, Origin.SAFETY, Layout.DISPATCHARR_ZIP)),
                note("tar.gz", it -> BackupFixture.with(it, Origin.MANUAL, Layout.DISPATCHARR_TAR_GZ)),
                note("whole second", it -> at(it, Instant.parse("2026-04-13T12:00:00Z"))));
    }

    private static Object[] note(String what, UnaryOperator<Backup> note) {
        return new Object[] {what, note};
    }

    @Test
    void an_update_is_seen_at_once_and_after_a_restart() {
        BackupStore store = emptyStore();
        Backup backup = put(store, A, "content");
        Backup other = put(store, B, "other");
        store.list();
        Backup pinned = backup.withPinned(true);
        assertThat(store.update(A, it -> it.withPinned(true))).contains(pinned);
        assertThat(store.find(A)).contains(pinned);
        assertThat(store.list()).containsExactly(other, pinned);
        assertThat(reopenedStore().list()).containsExactly(other, pinned);
    }

    @Test
    void an_update_leaves_the_artifact_as_it_is() throws IOException {
        BackupStore store = emptyStore();
        put(store, A, "content");
        store.update(A, it -> it.with(new Backup.Labels(Map.of("a", "b"))));
        assertThat(read(store, A, 0)).isEqualTo("content");
    }

    @Test
    void an_update_of_a_missing_key_changes_nothing() {
        BackupStore store = emptyStore();
        assertThat(store.update(A, it -> it.withPinned(true))).isEmpty();
        assertThat(store.list()).isEmpty();
    }

    @Test
    void an_update_must_keep_key_and_size() {
        BackupStore store = emptyStore();
        Backup backup = put(store, A, "content");
        assertThatThrownBy(() -> store.update(A, it -> backup(B, "content".getBytes(UTF_8))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.update(A, it -> backup(A, "longer content".getBytes(UTF_8))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(reopenedStore().list()).containsExactly(backup);
    }

    @Test
    void of_many_updates_at_once_none_is_lost() throws Exception {
        BackupStore store = emptyStore();
        put(store, A, "content");
        int updates = Backup.Labels.MOST;
        atOnce(rangeClosed(1, updates)
                .<Callable<Optional<Backup>>>mapToObj(i -> () -> store.update(A, it -> labelled(it, "label" + i)))
                .toList());
        assertThat(store.find(A).orElseThrow().labels().values()).hasSize(updates);
        assertThat(reopenedStore().find(A).orElseThrow().labels().values()).hasSize(updates);
    }

    @Test
    void a_deleted_key_is_absent_also_after_a_restart() {
        BackupStore store = emptyStore();
        put(store, A, "content");
        Backup other = put(store, B, "other");
        assertThat(store.delete(A)).isTrue();
        for (BackupStore it : List.of(store, reopenedStore())) {
            assertThat(it.list()).containsExactly(other);
            assertThat(it.find(A)).isEmpty();
            assertThat(it.open(A)).isEmpty();
        }
    }

    @Test
    void deleting_a_missing_key_says_so() {
        BackupStore store = emptyStore();
        assertThat(store.delete(A)).isFalse();
        put(store, A, "content");
        assertThat(store.delete(A)).isTrue();
        assertThat(store.delete(A)).isFalse();
    }

    @Test
    void a_deletion_whose_condition_does_not_hold_changes_nothing() throws IOException {
        BackupStore store = emptyStore();
        Backup pinned = put(store, A, "content", it -> it.withPinned(true));
        assertThat(store.delete(A, it -> !it.pinned())).isEqualTo(new Deletion.Retained(pinned));
        assertThat(store.delete(B, it -> !it.pinned())).isEqualTo(new Deletion.Absent());
        assertThat(read(store, A, 0)).isEqualTo("content");
        assertThat(reopenedStore().list()).containsExactly(pinned);
        store.update(A, it -> it.withPinned(false));
        assertThat(store.delete(A, it -> !it.pinned())).isEqualTo(new Deletion.Deleted());
        assertThat(reopenedStore().list()).isEmpty();
    }

    @Test
    void no_update_comes_between_the_condition_of_a_deletion_and_the_deletion() throws Exception {
        BackupStore store = emptyStore();
        put(store, A, "content");
        var judging = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(1)) {
            Future<Optional<Backup>> pin = threads.submit(() -> {
                judging.await();
                return store.update(A, it -> it.withPinned(true));
            });
            Deletion deletion = store.delete(A, it -> {
                judging.countDown();
                assertThatThrownBy(() -> pin.get(100, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
                return !it.pinned();
            });
            assertThat(deletion).isEqualTo(new Deletion.Deleted());
            assertThat(pin.get(LONGEST_SECONDS, TimeUnit.SECONDS)).isEmpty();
        }
        assertThat(reopenedStore().list()).isEmpty();
    }

    @Test
    void a_deleted_key_is_free_again_and_nothing_of_the_old_backup_comes_back() throws IOException {
        BackupStore store = emptyStore();
        put(store, A, "first", it -> labelled(it.withPinned(true), "old"));
        store.delete(A);
        Backup second = put(store, A, "second");
        assertThat(read(store, A, 0)).isEqualTo("second");
        assertThat(store.list()).containsExactly(second);
        assertThat(reopenedStore().list()).containsExactly(second);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void any_valid_key_names_a_backup(String name) throws IOException {
        BackupKey key = new BackupKey(name);
        BackupStore store = emptyStore();
        Backup backup = put(store, key, "content");
        assertThat(store.list()).containsExactly(backup);
        assertThat(read(reopenedStore(), key, 3)).isEqualTo("tent");
        assertThat(reopenedStore().find(key)).contains(backup);
        assertThat(store.update(key, it -> it.withPinned(true))).contains(backup.withPinned(true));
        store.sweep();
        assertThat(reopenedStore().find(key)).contains(backup.withPinned(true));
        assertThat(store.delete(key)).isTrue();
        assertThat(reopenedStore().list()).isEmpty();
    }

    static Stream<String> any_valid_key_names_a_backup() {
        return Stream.of(
                "a",
                "@auto_pb_backup_app_20260413120000.zip",
                " leading and trailing ",
                "Übergröße \ud83d\udc18.db",
                "e\u0301.db",
                "x".repeat(BackupKey.LONGEST_BYTES),
                "x".repeat(BackupKey.LONGEST_BYTES - 5),
                "x".repeat(BackupKey.LONGEST_BYTES - 4),
                "é".repeat(127),
                "100%.db",
                "a+b&c=d?e#f.db",
                "a%2Fb.db",
                "quote'\"`$(x);*.db",
                "-rf",
                "~",
                "meta",
                "part",
                "long.json",
                "a.db.json",
                "a..b",
                "a.db.",
                "CON");
    }

    @Test
    void keys_that_differ_in_one_character_are_different() throws IOException {
        BackupStore store = emptyStore();
        List<String> names = List.of(
                "\u00e9.db", "e\u0301.db", "a.db", "a.db ", "a.db.json", "x".repeat(255), "x".repeat(254) + "y");
        for (String name : names) {
            put(store, new BackupKey(name), "content of " + name);
        }
        for (String name : names) {
            assertThat(read(store, new BackupKey(name), 0)).isEqualTo("content of " + name);
        }
        assertThat(reopenedStore().list()).hasSize(names.size());
    }

    @Test
    void sweeping_keeps_what_is_published() throws IOException {
        BackupStore store = emptyStore();
        Backup first = put(store, A, "first", it -> it.withPinned(true));
        Backup second = put(store, B, "second");
        BackupStore reopened = reopenedStore();
        reopened.sweep();
        assertThat(reopened.list()).containsExactly(second, first);
        assertThat(read(reopened, A, 0)).isEqualTo("first");
    }

    @Test
    void sweeping_an_empty_store_is_allowed() {
        BackupStore store = emptyStore();
        store.sweep();
        assertThat(store.list()).isEmpty();
    }

    @Test
    void what_a_killed_process_staged_is_not_there_after_sweeping() {
        StagedArtifact abandoned = emptyStore().stage(7);
        write(abandoned, "content".getBytes(UTF_8));
        abandoned.seal();
        BackupStore reopened = reopenedStore();
        reopened.sweep();
        assertThat(reopened.list()).isEmpty();
        Backup backup = put(reopened, A, "content");
        assertThat(reopened.list()).containsExactly(backup);
        abandoned.close();
        assertThat(reopened.list()).containsExactly(backup);
    }

    @Test
    void a_probe_of_a_working_store_leaves_nothing_listed() {
        BackupStore store = emptyStore();
        store.probe();
        store.probe();
        assertThat(store.list()).isEmpty();
    }

    private static Backup at(Backup backup, Instant createdAt) {
        return new Backup(
                backup.key(),
                backup.database(),
                backup.size(),
                createdAt,
                backup.sha256(),
                backup.origin(),
                backup.layout(),
                backup.verification(),
                backup.pinned(),
                backup.labels());
    }

    private static Backup labelled(Backup backup, String label) {
        Map<String, String> labels = new HashMap<>(backup.labels().values());
        labels.put(label, "");
        return backup.with(new Backup.Labels(labels));
    }

    private static <T> List<T> atOnce(List<Callable<T>> calls) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(calls.size())) {
            List<T> results = new ArrayList<>();
            for (Future<T> call : threads.invokeAll(calls, LONGEST_SECONDS, TimeUnit.SECONDS)) {
                results.add(call.get());
            }
            return results;
        }
    }
}
