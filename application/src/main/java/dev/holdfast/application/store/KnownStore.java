package dev.holdfast.application.store;

import dev.holdfast.domain.identity.DatabaseName;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What this server remembers of one database's store.
 *
 * @param store the store's name within the database
 * @param stage whether the store itself has the id yet
 * @param source the main SQLite file, with links resolved
 * @param directory where the store was when the id was remembered
 * @param mark the last value of this server's mark in the store; empty if the store had none
 * @param pendingMark a value that the mark may have got already; empty if no change was cut off
 * @param formerNames earlier names of the database, whose backups are its own
 */
public record KnownStore(
        DatabaseName database,
        String store,
        StoreId id,
        Stage stage,
        Path source,
        Path directory,
        Optional<String> mark,
        Optional<String> pendingMark,
        Set<DatabaseName> formerNames) {
    /** The name of the store in the backup directory of a database. */
    public static final String LOCAL = "local";

    /** How far the id has come into the store. */
    public enum Stage {
        /** The store has no id yet and held no backup when it was remembered. */
        FRESH,
        /** The store has no id yet and held backups when it was remembered. */
        ADOPTED,
        /** The id is in the store. */
        WRITTEN
    }

    public KnownStore {
        formerNames = Set.copyOf(formerNames);
    }

    public boolean isWritten() {
        return stage == Stage.WRITTEN;
    }

    /** Returns whether the store has the mark that this server has written last, or may have. */
    public boolean accepts(Set<String> present) {
        return present.isEmpty() ? mark.isEmpty() : current(present).isPresent();
    }

    /** The mark that the store has now; empty if it has none that is accepted. */
    private Optional<String> current(Set<String> present) {
        return pendingMark.filter(present::contains).or(() -> mark.filter(present::contains));
    }

    /** As the store of the same database under another name. */
    public KnownStore renamed(DatabaseName name) {
        Set<DatabaseName> former = new TreeSet<>(formerNames);
        former.add(database);
        former.remove(name);
        return new KnownStore(name, store, id, stage, source, directory, mark, pendingMark, former);
    }

    public KnownStore calledBefore(Set<DatabaseName> former) {
        return new KnownStore(database, store, id, stage, source, directory, mark, pendingMark, former);
    }

    public KnownStore written(StoreId written) {
        return new KnownStore(
                database, store, written, Stage.WRITTEN, source, directory, mark, pendingMark, formerNames);
    }

    public KnownStore at(Path newSource, Path newDirectory) {
        return new KnownStore(database, store, id, stage, newSource, newDirectory, mark, pendingMark, formerNames);
    }

    /** @param present the values that the store has now */
    public KnownStore changing(Set<String> present, String next) {
        return new KnownStore(
                database, store, id, stage, source, directory, current(present), Optional.of(next), formerNames);
    }

    public KnownStore marked(String now) {
        return new KnownStore(
                database, store, id, stage, source, directory, Optional.of(now), Optional.empty(), formerNames);
    }
}
