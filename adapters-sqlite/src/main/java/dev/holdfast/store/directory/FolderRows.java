package dev.holdfast.store.directory;

import dev.holdfast.application.store.KnownStore;
import dev.holdfast.application.store.KnownStores;
import dev.holdfast.domain.identity.DatabaseName;
import java.util.List;
import java.util.Optional;

/** What is remembered of one folder of a store: rows of their own, which its {@link StoreIdentity} sees as those of a store. */
record FolderRows(KnownStores stores, String folder) implements KnownStores {
    private static final String BEGIN = KnownStore.LOCAL + ":";

    /** The folder that a row is about; empty if it is the backup directory's. */
    static Optional<String> folder(KnownStore row) {
        return row.store().startsWith(BEGIN) ? Optional.of(row.store().substring(BEGIN.length())) : Optional.empty();
    }

    private String name() {
        return BEGIN + folder;
    }

    private static KnownStore named(KnownStore row, String store) {
        return new KnownStore(
                row.database(),
                store,
                row.id(),
                row.stage(),
                row.source(),
                row.directory(),
                row.mark(),
                row.pendingMark(),
                row.formerNames());
    }

    private static KnownStore shown(KnownStore row) {
        return named(row, KnownStore.LOCAL);
    }

    private KnownStore stored(KnownStore row) {
        return named(row, name());
    }

    @Override
    public Optional<KnownStore> find(DatabaseName database, String store) {
        return stores.find(database, name()).map(FolderRows::shown);
    }

    @Override
    public List<KnownStore> all() {
        return stores.all().stream()
                .filter(it -> it.store().equals(name()))
                .map(FolderRows::shown)
                .toList();
    }

    @Override
    public void remember(KnownStore known) {
        stores.remember(stored(known));
    }

    @Override
    public boolean replace(Optional<KnownStore> before, KnownStore known) {
        return stores.replace(before.map(this::stored), stored(known));
    }

    @Override
    public void rememberSoon(KnownStore known) {
        stores.rememberSoon(stored(known));
    }

    @Override
    public void rename(DatabaseName former, KnownStore known) {
        stores.rename(former, stored(known));
    }
}
