package dev.holdfast.store.directory;

import static dev.holdfast.application.store.BackupFixture.put;
import static dev.holdfast.store.directory.TestStore.A;
import static dev.holdfast.store.directory.TestStore.B;
import static dev.holdfast.store.directory.TestStore.NOW;
import static dev.holdfast.store.directory.TestStore.metadata;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.IdentifiedStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.files.archive.layout.LayoutDetector;
import dev.holdfast.store.folder.Folders;
import dev.holdfast.store.folder.KeyLocks;
import dev.holdfast.store.metadata.Absences;
import dev.holdfast.store.metadata.MetadataFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backup directories whose metadata names another database than the one they are registered for. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ForeignBackupsTest {
    private static final DatabaseName SHOP = new DatabaseName("shop");
    private static final Verification PASSED = new Verification.Passed(Depth.FULL, NOW);

    @TempDir
    private Path root;

    private IdentifiedStore storeOf(DatabaseName database, Path directory) {
        return LocalStore.in(
                directory,
                "server",
                database,
                Naming.of(Profile.NATIVE, "app"),
                Set.of(),
                InstantSource.fixed(NOW),
                FailPoints.NONE,
                LayoutDetector::archive);
    }

    @Test
    void backups_of_exchanged_directories_that_were_confirmed_are_foreign_and_their_own_ones_again_afterwards()
            throws IOException {
        Path defaults = root.resolve("default");
        Path shops = root.resolve("shop");
        IdentifiedStore ofDefault = storeOf(DatabaseName.DEFAULT, defaults);
        IdentifiedStore ofShop = storeOf(SHOP, shops);
        Backup own = put(ofDefault, A, "content");
        Backup shop = put(ofShop, A, "other content", it -> it.inStoreOf(SHOP, Optional.empty()));
        assertThat(ofDefault.list()).containsExactly(own);
        assertThat(ofShop.list()).containsExactly(shop);

        exchange(defaults, shops);
        confirm(ofDefault, ofShop);

        Backup foreign = shop.inStoreOf(DatabaseName.DEFAULT, Optional.of(SHOP));
        assertThat(ofDefault.find(A)).contains(foreign);
        assertThat(ofDefault.list()).containsExactly(foreign);
        assertThat(ofShop.list()).containsExactly(own.inStoreOf(SHOP, Optional.of(DatabaseName.DEFAULT)));
        ofDefault.update(A, it -> it.withPinned(true).with(PASSED));

        exchange(defaults, shops);
        confirm(ofDefault, ofShop);

        assertThat(ofDefault.list()).containsExactly(own);
        assertThat(ofShop.list()).containsExactly(shop.withPinned(true).with(PASSED));
    }

    private static void confirm(IdentifiedStore... stores) {
        for (IdentifiedStore store : stores) {
            store.confirm(_ -> {});
        }
    }

    private static void exchange(Path one, Path other) throws IOException {
        Path between = one.resolveSibling("between");
        Files.move(one, between);
        Files.move(other, one);
        Files.move(between, other);
    }

    @Test
    void a_file_that_is_copied_in_with_its_metadata_is_foreign_and_without_it_is_external() throws IOException {
        Path shops = root.resolve("shop");
        put(storeOf(SHOP, shops), A, "content", it -> it.inStoreOf(SHOP, Optional.empty()));
        Path defaults = root.resolve("default");
        BackupStore store = storeOf(DatabaseName.DEFAULT, defaults);
        put(store, B, "own content");
        Files.copy(shops.resolve(A.value()), defaults.resolve(A.value()));
        assertThat(store.find(A).orElseThrow().origin()).isEqualTo(Origin.EXTERNAL);
        assertThat(store.find(A).orElseThrow().isForeign()).isFalse();

        Files.copy(metadata(shops, A), metadata(defaults, A));

        Backup found = store.find(A).orElseThrow();
        assertThat(found.database()).isEqualTo(DatabaseName.DEFAULT);
        assertThat(found.foreign()).contains(SHOP);
        assertThat(found.origin()).isEqualTo(Origin.MANUAL);
        assertThat(found.isGood()).isFalse();
    }

    @Test
    void a_foreign_file_of_another_size_is_foreign_still() throws IOException {
        BackupStore store = storeOf(DatabaseName.DEFAULT, root);
        put(store, A, "content", it -> it.inStoreOf(DatabaseName.DEFAULT, Optional.of(SHOP)));
        Path description = metadata(root, A);
        Files.writeString(description, Files.readString(description).replace("\"manual\"", "\"external\""));

        Files.writeString(root.resolve(A.value()), "more content");

        assertThat(store.find(A).orElseThrow().foreign()).contains(SHOP);
    }

    @Test
    void a_store_that_knows_further_names_of_its_database_takes_their_backups_for_its_own() throws IOException {
        BackupStore store = storeOf(DatabaseName.DEFAULT, root);
        put(store, A, "content", it -> it.inStoreOf(DatabaseName.DEFAULT, Optional.of(SHOP)));
        Set<DatabaseName> names = new HashSet<>(Set.of(DatabaseName.DEFAULT));
        Folders folders = new Folders(root, "server");
        MetadataFiles metadata = new MetadataFiles(folders, FailPoints.NONE);
        InstantSource clock = InstantSource.fixed(NOW);
        Listing listing = new Listing(
                folders,
                metadata,
                DatabaseName.DEFAULT,
                names::contains,
                Naming.of(Profile.NATIVE, "app"),
                Set.of(),
                Set.of(),
                clock,
                new Absences(folders, metadata, new KeyLocks(), clock),
                SourceLook.DIRECT,
                LayoutDetector::archive);
        assertThat(listing.all()).allMatch(Backup::isForeign).hasSize(1);

        names.add(SHOP);
        listing.namesChanged();

        assertThat(listing.all())
                .hasSize(1)
                .allMatch(it -> !it.isForeign() && it.database().equals(DatabaseName.DEFAULT));
    }

    @Test
    void a_name_that_no_database_can_have_makes_the_backup_external_as_before() throws IOException {
        BackupStore store = storeOf(DatabaseName.DEFAULT, root);
        put(store, A, "content");
        Path description = metadata(root, A);
        Path edited = root.resolve("edited");
        Files.writeString(
                edited, Files.readString(description).replace("\"database\" : \"default\"", "\"database\" : \"a b\""));
        Files.move(edited, description, StandardCopyOption.REPLACE_EXISTING);

        Backup found = store.find(A).orElseThrow();
        assertThat(found.origin()).isEqualTo(Origin.EXTERNAL);
        assertThat(found.isForeign()).isFalse();
    }
}
