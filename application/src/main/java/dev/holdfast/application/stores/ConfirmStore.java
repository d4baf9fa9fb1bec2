package dev.holdfast.application.stores;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.store.IdentifiedStore.Confirmed;
import dev.holdfast.domain.identity.DatabaseName;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.Function;

/** Accepts what is at the place of a database's store now, after it was refused. */
public interface ConfirmStore {
    /**
     * Confirms the store as it is now. It works again at once.
     *
     * @param store its name within the database
     * @param who for the audit
     */
    Outcome<Confirmation> confirm(String store, String database, String who);

    /** What was confirmed, and for which database. */
    record Confirmation(String store, DatabaseName database, Confirmed confirmed) {
        /** The confirmation in one or two sentences. */
        public String detail() {
            String backups = confirmed.backups() == 1 ? "1 backup" : confirmed.backups() + " backups";
            return confirmed.backups() == 0
                    ? "The store holds no backups. Database " + database + " starts afresh there."
                    : "The store with " + backups + " belongs to database " + database + " from now on.";
        }
    }

    /** The stores, by the names of their databases. */
    interface Stores {
        /** As {@link dev.holdfast.application.store.IdentifiedStore#confirm}. */
        Confirmed confirm(DatabaseName database, Consumer<Confirmed> audit);
    }

    /** @param databases finds a registered database by the name that a client sent */
    static ConfirmStore using(
            Function<String, Outcome<DatabaseName>> databases, Stores stores, Audit audit, InstantSource clock) {
        return new ConfirmStoreService(databases, stores, audit, clock);
    }
}
