package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.operation.Operation;

/** Begins to put a backup back into the database in whose store it is. */
public interface RestoreBackup {
    /**
     * What a restore is refused for unless the caller insists.
     *
     * @param corrupt go on with a backup that is marked corrupt or proves to be, wherever it can be read; else it is
     *     refused with {@code BackupCorrupt}
     * @param foreign go on with a backup that was made of another database; else it is refused with
     *     {@code BackupIncompatible}
     */
    record Allowed(boolean corrupt, boolean foreign) {
        public static final Allowed NOTHING = new Allowed(false, false);

        /** Tells orders apart. The form of the first two is that of earlier versions, whose keys may come again. */
        String variant() {
            return (corrupt ? "even if corrupt" : "") + (foreign ? ", even if foreign" : "");
        }
    }

    /** @return the running operation; its result is {@code Restored} */
    Outcome<Operation> start(String database, String filename, Allowed allowed, Requester requester);
}
