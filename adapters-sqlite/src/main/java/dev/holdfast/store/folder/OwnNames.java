package dev.holdfast.store.folder;

import dev.holdfast.domain.identity.DatabaseName;
import java.util.Set;
import java.util.TreeSet;

/** The names in metadata that mean the database of a store: its own, and its former ones once they are known. */
public final class OwnNames {
    private final DatabaseName database;
    private volatile Set<DatabaseName> names;

    public OwnNames(DatabaseName database) {
        this.database = database;
        this.names = Set.of(database);
    }

    public boolean contains(DatabaseName name) {
        return names.contains(name);
    }

    public Set<DatabaseName> all() {
        return names;
    }

    /** @return whether the names are others than before */
    public boolean become(Set<DatabaseName> former) {
        Set<DatabaseName> all = new TreeSet<>(former);
        all.add(database);
        if (all.equals(names)) {
            return false;
        }
        names = Set.copyOf(all);
        return true;
    }
}
