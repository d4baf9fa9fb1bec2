package dev.holdfast.store.directory;

import static dev.holdfast.application.store.BackupFixture.put;
import static dev.holdfast.store.directory.TestStore.A;
import static dev.holdfast.store.directory.TestStore.B;
import static dev.holdfast.store.directory.TestStore.keys;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.IdentifiedStore;
import dev.holdfast.application.store.IdentifiedStore.Confirmed;
import dev.holdfast.application.store.KnownStore;
import dev.holdfast.application.store.KnownStores;
import dev.holdfast.application.store.StagedArtifact;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.files.archive.layout.LayoutDetector;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class StoreIdentityTest {
    private static final DatabaseName SHOP = new DatabaseName("shop");
    private static final DatabaseName BLOG = new DatabaseName("blog");
    private static final DatabaseName OUTLET = new DatabaseName("outlet");
    private static final String NOT_THE_DIRECTORY = "is its disk mounted?";
    private static final String OLDER_COPY = "it is an older or newer copy of the directory";

    @TempDir
    private Path place;

    /** As the catalogue of the server. */
    private final KnownStores known = KnownStores.inMemory();

    private Path directory;

    @BeforeEach
    void placeDirectory() {
        directory = place.resolve("backups");
    }

    private IdentifiedStore store() {
        return store(SHOP, Set.of(SHOP, BLOG), known, "server");
    }

    private IdentifiedStore store(
            DatabaseName database, Set<DatabaseName> registered, KnownStores memory, String server) {
        return store(directory, database, registered, memory, server, FailPoints.NONE);
    }

    private IdentifiedStore store(
            Path at,
            DatabaseName database,
            Set<DatabaseName> registered,
            KnownStores memory,
            String server,
            FailPoints failPoints) {
        return LocalStore.in(
                new LocalStore.Setup(
                        at,
                        server,
                        database,
                        Naming.of(Profile.NATIVE, "app"),
                        Set.of(),
                        place.resolve("source.db"),
                        registered,
                        memory,
                        new SecureRandom(),
                        LayoutDetector::archive),
                InstantSource.system(),
                failPoints);
    }

    private static void assertRefused(BackupStore store, String why) {
        ThrowingCallable[] uses = {
            store::list,
            () -> store.find(A),
            () -> store.open(A),
            () -> store.stage(1),
            store::probe,
            () -> store.update(A, it -> it.withPinned(true)),
            () -> store.delete(A),
            () -> store.claim("backup-1"),
            store::sweep
        };
        for (ThrowingCallable use : uses) {
            ProblemException refused = catchThrowableOfType(ProblemException.class, use);
            assertThat(refused).isNotNull();
            assertThat(refused.problem().code()).isEqualTo(ProblemCode.STORE_UNAVAILABLE);
            assertThat(refused)
                    .hasMessageContaining(why)
                    .hasMessageContaining("holdfast store confirm local --database ");
        }
    }

    private void move(Path from, Path to) throws IOException {
        Files.move(from, to);
    }

    private Path copy(Path from, String name) throws Exception {
        Path to = place.resolve(name);
        assertThat(new ProcessBuilder("cp", "-a", from.toString(), to.toString())
                        .start()
                        .waitFor())
                .isZero();
        return to;
    }

    @Test
    void a_first_backup_gives_the_directory_an_id_that_stays() throws IOException {
        IdentifiedStore store = store();
        assertThat(store.list()).isEmpty();
        store.probe();
        store.sweep();
        assertThat(directory.resolve(".holdfast/store.json")).doesNotExist();

        put(store, A, "content");
        String written = Files.readString(directory.resolve(".holdfast/store.json"));
        put(store(), B, "content");

        assertThat(directory.resolve(".holdfast/store.json")).hasContent(written);
        assertThat(written).contains("\"databases\" : [ \"shop\" ]");
        assertThat(known.find(SHOP, KnownStore.LOCAL).orElseThrow().id().value())
                .satisfies(it -> assertThat(written).contains(it));
        assertThat(keys(store())).hasSize(2);
    }

    @Test
    void an_empty_directory_in_place_of_the_store_is_not_an_empty_store() throws IOException {
        put(store(), A, "content");
        move(directory, place.resolve("away"));
        assertRefused(store(), NOT_THE_DIRECTORY);
        Files.createDirectory(directory);
        assertRefused(store(), NOT_THE_DIRECTORY);
        assertThat(directory).isEmptyDirectory();

        Files.delete(directory);
        move(place.resolve("away"), directory);
        assertThat(keys(store())).containsExactly(A.value());
    }

    @Test
    void exchanged_directories_are_noticed_while_the_stores_are_in_use() throws IOException {
        Path other = place.resolve("blog");
        IdentifiedStore shop = store();
        IdentifiedStore blog = store(other, BLOG, Set.of(SHOP, BLOG), known, "server", FailPoints.NONE);
        put(shop, A, "of the shop");
        put(blog, A, "of the blog");
        byte[] content = "content".getBytes(UTF_8);
        try (StagedArtifact staged = shop.stage(content.length)) {
            BackupFixture.write(staged, content);
            staged.seal();
            move(directory, place.resolve("third"));
            move(other, directory);
            move(place.resolve("third"), other);

            assertRefused(shop, NOT_THE_DIRECTORY);
            assertRefused(blog, NOT_THE_DIRECTORY);
            assertThatThrownBy(() -> staged.publish(BackupFixture.backup(B, content)))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining(NOT_THE_DIRECTORY);
            assertThat(directory.resolve(B.value())).doesNotExist();
            assertThat(other.resolve(B.value())).doesNotExist();

            move(directory, place.resolve("third"));
            move(other, directory);
            move(place.resolve("third"), other);
            assertThat(staged.publish(BackupFixture.backup(B, content)))
                    .isEqualTo(new StagedArtifact.Publication.Published());
        }
        assertThat(keys(shop)).containsExactlyInAnyOrder(A.value(), B.value());
        assertThat(keys(blog)).containsExactly(A.value());
    }

    @Test
    void a_backup_is_deleted_also_while_the_disk_of_the_catalogue_is_full() throws Exception {
        put(store(), A, "content");
        Path older = copy(directory, "older");
        var full = new FullMemory(known);
        IdentifiedStore store = store(SHOP, Set.of(SHOP), full, "server");
        assertThatThrownBy(() -> put(store, B, "content")).hasMessage("full");

        store.delete(A);
        assertThat(store.list()).isEmpty();

        full.isFull = false;
        store.sweep();
        put(store, B, "content");
        move(directory, place.resolve("newer"));
        move(older, directory);
        assertRefused(store, OLDER_COPY);
    }

    /** A catalogue that can be read but not written while its disk is full. */
    private static final class FullMemory implements KnownStores {
        private final KnownStores memory;
        private boolean isFull = true;

        FullMemory(KnownStores memory) {
            this.memory = memory;
        }

        @Override
        public Optional<KnownStore> find(DatabaseName database, String store) {
            return memory.find(database, store);
        }

        @Override
        public List<KnownStore> all() {
            return memory.all();
        }

        @Override
        public void remember(KnownStore store) {
            if (isFull) {
                throw new ProblemException(new Problem.InsufficientStorage("full"));
            }
            memory.remember(store);
        }

        @Override
        public boolean replace(Optional<KnownStore> before, KnownStore store) {
            return memory.replace(before, store);
        }

        @Override
        public void rename(DatabaseName former, KnownStore store) {
            memory.rename(former, store);
        }
    }

    @Test
    void an_artifact_that_was_found_is_not_read_from_another_directory() throws IOException {
        put(store(), A, "of the shop");
        Path other = place.resolve("blog");
        put(store(other, BLOG, Set.of(SHOP, BLOG), known, "server", FailPoints.NONE), A, "of the blog");
        Artifact found = store().open(A).orElseThrow();
        move(directory, place.resolve("third"));
        move(other, directory);
        assertThatThrownBy(() -> found.open(0).close())
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining(NOT_THE_DIRECTORY);
        assertThatThrownBy(found::file).isInstanceOf(ProblemException.class);

        move(directory, other);
        move(place.resolve("third"), directory);
        try (InputStream content = found.open(0)) {
            assertThat(content).hasContent("of the shop");
        }
    }

    /** At each step of a publication and of a removal the directory is exchanged for one with a backup of the same name. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "store.sealed",
                "store.mark-written",
                "store.meta-written",
                "store.artifact-removed",
                "store.removal-synced"
            })
    void a_directory_that_is_exchanged_in_the_middle_of_a_change_keeps_the_others_backup(String point)
            throws Exception {
        Path other = place.resolve("blog");
        put(store(other, BLOG, Set.of(SHOP, BLOG), known, "server", FailPoints.NONE), A, "of the blog");
        boolean removing = point.contains("remov");
        if (removing) {
            put(store(), A, "of the shop");
        }
        AtomicInteger exchanged = new AtomicInteger();
        IdentifiedStore shop = store(directory, SHOP, Set.of(SHOP, BLOG), known, "server", reached -> {
            if (reached.equals(point) && exchanged.getAndIncrement() == 0) {
                try {
                    move(directory, place.resolve("third"));
                    move(other, directory);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        assertThatThrownBy(() -> {
                    if (removing) {
                        shop.delete(A);
                    } else {
                        put(shop, A, "of the shop");
                    }
                })
                .isInstanceOf(ProblemException.class);
        assertThat(exchanged).hasValue(1);

        move(directory, other);
        assertThat(other.resolve(A.value())).hasContent("of the blog");
        assertThat(TestStore.filesIn(other)).containsExactly(".holdfast/meta/" + A + ".json", A.value());
    }

    @Test
    void an_older_copy_is_refused_until_it_is_confirmed() throws Exception {
        put(store(), A, "content");
        Path older = copy(directory, "older");
        put(store(), B, "content");
        move(directory, place.resolve("newer"));
        move(older, directory);
        assertRefused(store(), OLDER_COPY);

        Confirmed confirmed = store().confirm(it -> assertThat(it.backups()).isEqualTo(1));
        assertThat(confirmed.databases()).containsExactly(SHOP);
        assertThat(keys(store())).containsExactly(A.value());
        put(store(), B, "again");
        move(directory, place.resolve("confirmed"));
        move(place.resolve("newer"), directory);
        assertRefused(store(), OLDER_COPY);
    }

    @Test
    void a_copy_from_before_a_removal_is_an_older_one() throws Exception {
        put(store(), A, "content");
        Path older = copy(directory, "older");
        store().delete(A);
        move(directory, place.resolve("newer"));
        move(older, directory);
        assertRefused(store(), OLDER_COPY);
    }

    @Test
    void a_copy_with_the_same_content_is_the_store_also_after_a_restart() throws Exception {
        put(store(), A, "content");
        store().sweep();
        Path larger = copy(directory, "larger");
        store().sweep();
        move(directory, place.resolve("smaller"));
        move(larger, directory);
        assertThat(keys(store())).containsExactly(A.value());
        put(store(), B, "content");
    }

    @Test
    void a_copy_that_was_brought_up_to_date_over_an_older_copy_is_the_store() throws Exception {
        put(store(), A, "content");
        Path larger = copy(directory, "larger");
        put(store(), B, "content");
        assertThat(new ProcessBuilder("cp", "-a", directory + "/.", larger.toString())
                        .start()
                        .waitFor())
                .isZero();
        move(directory, place.resolve("smaller"));
        move(larger, directory);
        assertThat(keys(store())).hasSize(2);
        store().delete(A);
        assertThat(directory.resolve(".holdfast/marks")).isDirectoryContaining("glob:**server-*");
        assertThat(directory.resolve(".holdfast/marks").toFile().list()).hasSize(1);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"\"database\" : \"shop\"", "\"unknown\" : \"shop\""})
    void a_store_from_before_ids_is_adopted_if_its_metadata_names_this_database_or_none(String member)
            throws Exception {
        put(store(), A, "content");
        removeId();
        Path metadata = TestStore.metadata(directory, A);
        Files.writeString(metadata, Files.readString(metadata).replace("\"database\" : \"default\"", member));
        KnownStores none = KnownStores.inMemory();

        store(SHOP, Set.of(SHOP), none, "server").sweep();

        assertThat(directory.resolve(".holdfast/store.json")).exists();
        assertThat(none.find(SHOP, KnownStore.LOCAL)).isPresent();
        assertThat(keys(store(SHOP, Set.of(SHOP), none, "server"))).containsExactly(A.value());
    }

    @Test
    void a_store_from_before_ids_with_another_databases_metadata_waits_for_the_confirmation() throws Exception {
        put(store(), A, "content"); // the fixture's metadata names "default"
        removeId();
        KnownStores none = KnownStores.inMemory();
        IdentifiedStore store = store(SHOP, Set.of(SHOP), none, "server");
        assertRefused(store, "holds backups of another database: default");
        assertThat(directory.resolve(".holdfast/store.json")).doesNotExist();

        assertThat(store.confirm(_ -> {}).backups()).isEqualTo(1);
        assertThat(keys(store)).containsExactly(A.value());
        assertThat(store.ownNames()).containsExactly(SHOP);
        assertThat(directory.resolve(".holdfast/store.json")).exists();
    }

    private void removeId() throws IOException {
        Files.delete(directory.resolve(".holdfast/store.json"));
        for (String mark : directory.resolve(".holdfast/marks").toFile().list()) {
            Files.delete(directory.resolve(".holdfast/marks").resolve(mark));
        }
    }

    @Test
    void a_new_catalogue_adopts_a_store_that_serves_the_database() {
        put(store(), A, "content");
        KnownStores none = KnownStores.inMemory();
        assertThat(keys(store(SHOP, Set.of(SHOP), none, "server"))).containsExactly(A.value());
        assertThat(none.find(SHOP, KnownStore.LOCAL)).isEqualTo(known.find(SHOP, KnownStore.LOCAL));
    }

    @Test
    void a_store_of_another_database_waits_for_the_confirmation() {
        put(store(), A, "content");
        KnownStores none = KnownStores.inMemory();
        IdentifiedStore blog = store(BLOG, Set.of(BLOG), none, "another");
        assertRefused(blog, "holds backups of another database: shop");
        Confirmed confirmed = blog.confirm(_ -> {});
        assertThat(confirmed.databases()).containsExactlyInAnyOrder(SHOP, BLOG);
        assertThat(keys(blog)).containsExactly(A.value());
        assertThat(blog.ownNames()).containsExactly(BLOG);
        put(store(), B, "content");
        assertThat(keys(blog)).hasSize(2);
    }

    @Test
    void two_servers_share_a_directory() {
        KnownStores others = KnownStores.inMemory();
        IdentifiedStore one = store();
        IdentifiedStore other = store(SHOP, Set.of(SHOP), others, "other");
        put(one, A, "content");
        put(other, B, "content");
        one.delete(A);
        assertThat(keys(one)).containsExactly(B.value()).isEqualTo(keys(other));
        other.delete(B);
        one.sweep();
        other.sweep();
        assertThat(one.list()).isEmpty();
        assertThat(others.find(SHOP, KnownStore.LOCAL).orElseThrow().id())
                .isEqualTo(known.find(SHOP, KnownStore.LOCAL).orElseThrow().id());
    }

    @Test
    void a_renamed_database_keeps_its_store_and_its_names() throws IOException {
        put(store(), A, "content", it -> it.inStoreOf(SHOP, Optional.empty()));

        IdentifiedStore renamed = store(OUTLET, Set.of(OUTLET, BLOG), known, "server");
        assertThat(keys(renamed)).containsExactly(A.value());
        assertThat(renamed.find(A).orElseThrow().foreign()).isEmpty();
        put(renamed, B, "content", it -> it.inStoreOf(OUTLET, Optional.empty()));

        assertThat(renamed.ownNames()).containsExactlyInAnyOrder(SHOP, OUTLET);
        assertThat(known.find(SHOP, KnownStore.LOCAL)).isEmpty();
        assertThat(Files.readString(directory.resolve(".holdfast/store.json"))).contains("\"outlet\" : [ \"shop\" ]");
        IdentifiedStore withoutCatalogue = store(OUTLET, Set.of(OUTLET), KnownStores.inMemory(), "new");
        assertThat(withoutCatalogue.ownNames()).containsExactlyInAnyOrder(SHOP, OUTLET);
        assertThat(withoutCatalogue.list())
                .hasSize(2)
                .allSatisfy(it -> assertThat(it.foreign()).isEmpty());
    }

    @Test
    void a_renamed_database_does_not_take_an_empty_directory_for_its_store() throws IOException {
        put(store(), A, "content");
        move(directory, place.resolve("away"));
        assertRefused(store(OUTLET, Set.of(OUTLET), known, "server"), NOT_THE_DIRECTORY);
        move(place.resolve("away"), directory);
        assertThat(keys(store(OUTLET, Set.of(OUTLET), known, "server"))).containsExactly(A.value());
    }

    @Test
    void another_database_on_the_directory_of_one_that_is_registered_is_no_rename() {
        put(store(), A, "content");
        assertRefused(store(OUTLET, Set.of(OUTLET, SHOP), known, "server"), "holds backups of another database: shop");
    }

    @Test
    void a_confirmation_does_not_make_the_backups_of_a_live_database_with_its_former_name_its_own() throws IOException {
        put(store(), A, "of the outlet", it -> it.inStoreOf(SHOP, Optional.empty()));
        assertThat(keys(store(OUTLET, Set.of(OUTLET), known, "server"))).containsExactly(A.value());
        Set<DatabaseName> registered = Set.of(OUTLET, SHOP);
        Path other = place.resolve("shop");
        put(
                store(other, SHOP, registered, known, "server", FailPoints.NONE),
                B,
                "of the new shop",
                it -> it.inStoreOf(SHOP, Optional.empty()));
        move(directory, place.resolve("third"));
        move(other, directory);
        move(place.resolve("third"), other);
        IdentifiedStore outlet = store(OUTLET, registered, known, "server");
        assertRefused(outlet, NOT_THE_DIRECTORY);

        outlet.confirm(_ -> {});

        assertThat(outlet.ownNames()).containsExactly(OUTLET);
        assertThat(outlet.find(B).orElseThrow().foreign()).contains(SHOP);
        assertThat(Files.readString(directory.resolve(".holdfast/store.json"))).doesNotContain("\"outlet\" : [");
        IdentifiedStore withoutShop = store(OUTLET, Set.of(OUTLET), known, "server");
        assertThat(withoutShop.ownNames()).containsExactly(OUTLET);
    }

    @Test
    void a_former_name_that_is_registered_again_is_no_longer_an_own_name() throws IOException {
        put(store(), A, "content", it -> it.inStoreOf(SHOP, Optional.empty()));
        put(store(OUTLET, Set.of(OUTLET), known, "server"), B, "content");
        assertThat(Files.readString(directory.resolve(".holdfast/store.json"))).contains("\"outlet\" : [ \"shop\" ]");

        Set<DatabaseName> registered = Set.of(OUTLET, SHOP);
        IdentifiedStore outlet = store(OUTLET, registered, known, "server");
        assertThat(outlet.ownNames()).containsExactly(OUTLET);
        assertThat(outlet.find(A).orElseThrow().foreign()).contains(SHOP);
        outlet.sweep();
        outlet.update(A, it -> it.withPinned(true));

        assertThat(Files.readString(directory.resolve(".holdfast/store.json"))).doesNotContain("\"outlet\" : [");
        assertThat(known.find(OUTLET, KnownStore.LOCAL).orElseThrow().formerNames())
                .isEmpty();
    }

    @Test
    void a_new_database_does_not_adopt_the_directory_of_a_live_one_that_had_its_name() throws IOException {
        put(store(), A, "content", it -> it.inStoreOf(SHOP, Optional.empty()));
        put(store(OUTLET, Set.of(OUTLET), known, "server"), B, "content");

        assertRefused(store(SHOP, Set.of(OUTLET, SHOP), known, "server"), "holds backups of another database: outlet");
    }

    @Test
    void an_empty_directory_is_confirmed_to_start_afresh() throws IOException {
        put(store(), A, "content");
        move(directory, place.resolve("away"));
        Confirmed confirmed = store().confirm(_ -> {});
        assertThat(confirmed.backups()).isZero();
        assertThat(store().list()).isEmpty();
        put(store(), B, "content");
        assertThat(Files.readString(directory.resolve(".holdfast/store.json")))
                .contains(confirmed.id().value());
        move(directory, place.resolve("new"));
        move(place.resolve("away"), directory);
        assertRefused(store(), NOT_THE_DIRECTORY);
    }

    @Test
    void a_confirmation_that_cannot_be_recorded_confirms_nothing() throws IOException {
        put(store(), A, "content");
        move(directory, place.resolve("away"));
        assertThatThrownBy(() -> store().confirm(_ -> {
                    throw new IllegalStateException("no audit");
                }))
                .hasMessage("no audit");
        assertRefused(store(), NOT_THE_DIRECTORY);
    }

    /** As a look at a hung mount that answers after another disk is mounted there. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_directory_that_is_exchanged_during_its_confirmation_is_not_confirmed(boolean toRightOne) throws IOException {
        put(store(), A, "content");
        Path other = place.resolve("blog");
        put(store(other, BLOG, Set.of(SHOP, BLOG), known, "server", FailPoints.NONE), B, "of the blog");
        if (toRightOne) {
            move(directory, place.resolve("away"));
            Files.createDirectory(directory);
        }
        Optional<KnownStore> before = known.find(SHOP, KnownStore.LOCAL);

        assertChangedMeanwhile(() -> {
            move(directory, place.resolve("third"));
            move(toRightOne ? place.resolve("away") : other, directory);
        });

        assertThat(known.find(SHOP, KnownStore.LOCAL)).isEqualTo(before);
        if (toRightOne) {
            assertThat(keys(store())).containsExactly(A.value());
        } else {
            assertRefused(store(), NOT_THE_DIRECTORY);
        }
    }

    /** What the server does while the command line confirms. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"store.mark-remembered", "store.mark-written", "none"})
    void a_store_that_the_server_changes_during_the_confirmation_stays_as_the_server_knows_it(String point)
            throws IOException {
        put(store(), A, "content");
        IdentifiedStore server = store(directory, SHOP, Set.of(SHOP), known, "server", reached -> {
            if (reached.equals(point)) {
                throw new IllegalStateException("in the middle");
            }
        });

        assertChangedMeanwhile(() -> {
            try {
                put(server, B, "content");
            } catch (IllegalStateException e) {
                assertThat(e).hasMessage("in the middle");
            }
        });

        assertThat(keys(store())).contains(A.value());
        store().delete(A);
    }

    /** As if its disk had been unmounted: an empty directory is in its place. */
    @Test
    void nothing_is_made_where_a_store_was_a_moment_ago() throws IOException {
        put(store(), A, "content");
        IdentifiedStore server = exchanging("store.mark-remembered", () -> {
            Files.move(directory, place.resolve("unmounted"));
            Files.createDirectory(directory);
        });

        assertUnavailable(() -> server.delete(A));
        assertThat(directory).isEmptyDirectory();
        Files.delete(directory);
        Files.move(place.resolve("unmounted"), directory);
        assertThat(keys(store())).containsExactly(A.value());
    }

    @Test
    void a_store_that_takes_the_place_of_another_one_gets_no_mark_of_it() throws IOException {
        put(store(), A, "content");
        Path other = place.resolve("other");
        put(store(other, BLOG, Set.of(SHOP, BLOG), known, "server", FailPoints.NONE), B, "content");
        IdentifiedStore server = exchanging("store.mark-remembered", () -> exchange(other));

        assertUnavailable(() -> server.delete(A));
        exchange(other);

        assertThat(keys(store())).containsExactly(A.value());
        assertThat(keys(store(other, BLOG, Set.of(SHOP, BLOG), known, "server", FailPoints.NONE)))
                .containsExactly(B.value());
    }

    private void exchange(Path other) throws IOException {
        Files.move(directory, place.resolve("aside"));
        Files.move(other, directory);
        Files.move(place.resolve("aside"), other);
    }

    private interface Exchange {
        void run() throws IOException;
    }

    private IdentifiedStore exchanging(String point, Exchange exchange) {
        return store(directory, SHOP, Set.of(SHOP, BLOG), known, "server", reached -> {
            if (reached.equals(point)) {
                try {
                    exchange.run();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
    }

    private static void assertUnavailable(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        it -> assertThat(it.problem().code()).isEqualTo(ProblemCode.STORE_UNAVAILABLE));
    }

    private void assertChangedMeanwhile(ThrowingCallable meanwhile) {
        assertThatThrownBy(() -> store().confirm(_ -> {
                    try {
                        meanwhile.call();
                    } catch (Throwable e) {
                        throw new IllegalStateException(e);
                    }
                }))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        it -> assertThat(it.problem().code()).isEqualTo(ProblemCode.STORE_UNAVAILABLE))
                .hasMessageContaining("changed while it was confirmed")
                .hasMessageContaining("confirm it again");
    }

    @Test
    void an_id_that_cannot_be_read_is_kept_when_it_is_confirmed() throws IOException {
        put(store(), A, "content");
        Path id = directory.resolve(".holdfast/store.json");
        Files.writeString(id, "{");
        assertRefused(store(), "does not say which store it is");
        store().confirm(_ -> {});
        assertThat(keys(store())).containsExactly(A.value());
        assertThat(directory.resolve(".holdfast/store.json.unreadable")).hasContent("{");
        assertThat(id).exists();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "store.identity-remembered",
                "store.identity-written",
                "store.identity-settled",
                "store.mark-remembered",
                "store.mark-written"
            })
    void a_server_that_dies_between_two_steps_finds_its_store_again(String point) throws Exception {
        IdentifiedStore dying = store(directory, SHOP, Set.of(SHOP), known, "server", reached -> {
            if (reached.equals(point)) {
                throw new IllegalStateException("dead");
            }
        });
        assertThatThrownBy(() -> put(dying, A, "content")).hasMessage("dead");

        IdentifiedStore restarted = store();
        assertThat(restarted.list()).isEmpty();
        restarted.sweep();
        put(restarted, A, "content");
        Path older = copy(directory, "older");
        if (point.contains("mark")) {
            assertThatThrownBy(() -> dying.delete(A)).hasMessage("dead");
            assertThat(keys(store())).containsExactly(A.value());
            store().sweep();
        }
        put(store(), B, "content");
        move(directory, place.resolve("newer"));
        move(older, directory);
        assertRefused(store(), OLDER_COPY);
    }
}
