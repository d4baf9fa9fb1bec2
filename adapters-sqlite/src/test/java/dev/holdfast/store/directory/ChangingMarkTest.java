package dev.holdfast.store.directory;

import static dev.holdfast.application.store.BackupFixture.put;
import static dev.holdfast.store.directory.TestStore.A;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.KnownStore;
import dev.holdfast.application.store.KnownStores;
import dev.holdfast.domain.identity.DatabaseName;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that is read while another thread changes its mark. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ChangingMarkTest {
    /** Does something once, when the memory is read next. */
    private static final class Interrupted implements KnownStores {
        private final KnownStores memory = KnownStores.inMemory();
        private Runnable meanwhile = () -> {};

        void atNextRead(Runnable work) {
            meanwhile = work;
        }

        @Override
        public Optional<KnownStore> find(DatabaseName database, String store) {
            Runnable work = meanwhile;
            meanwhile = () -> {};
            work.run();
            return memory.find(database, store);
        }

        @Override
        public List<KnownStore> all() {
            return memory.all();
        }

        @Override
        public void remember(KnownStore known) {
            memory.remember(known);
        }

        @Override
        public boolean replace(Optional<KnownStore> before, KnownStore known) {
            return memory.replace(before, known);
        }

        @Override
        public void rename(DatabaseName former, KnownStore known) {
            memory.rename(former, known);
        }
    }

    @TempDir
    private Path directory;

    @Test
    void changes_between_the_two_looks_of_a_reader_make_no_older_copy_of_the_directory() {
        var known = new Interrupted();
        BackupStore store =
                LocalStore.in(TestStore.setup(directory, "server", known), InstantSource.system(), FailPoints.NONE);
        put(store, A, "content");

        known.atNextRead(() -> {
            store.update(A, it -> it.withPinned(true));
            store.update(A, it -> it.withPinned(false));
        });

        assertThat(store.find(A)).isPresent();
    }
}
