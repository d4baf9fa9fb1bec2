package dev.holdfast.application.store;

import dev.holdfast.domain.identity.DatabaseName;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A store that knows which one it is. As {@link BackupStore} it throws {@code StoreUnavailable} where another store, none
 * or an older copy of it is at its place, until {@link #confirm} accepts that.
 */
public interface IdentifiedStore extends BackupStore {
    /** The names under which the store's backups of this database are recorded: its own, and earlier ones. */
    Set<DatabaseName> ownNames();

    /**
     * Accepts the store as it is now, and remembers it as this database's.
     *
     * @param audit receives what is confirmed, before it is; if it throws, nothing is confirmed
     */
    Confirmed confirm(Consumer<Confirmed> audit);

    /**
     * What was confirmed.
     *
     * @param id of the store; a new one if it had none
     * @param databases that the store serves, by its own record
     * @param backups the number of backups in it
     */
    record Confirmed(StoreId id, Set<DatabaseName> databases, int backups) {
        public Confirmed {
            databases = Set.copyOf(databases);
        }
    }
}
