package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.operation.Operation;
import java.util.Optional;

/** Begins to back up a database. */
public interface CreateBackup {
    /** @return the running operation; its result is {@code BackupMade} */
    default Outcome<Operation> start(String database, Requester requester) {
        return start(database, Origin.MANUAL, Optional.empty(), requester);
    }

    /**
     * @param origin {@code MANUAL}, or {@code AUTOMATIC} if a plan asks
     * @param layout one of the profile's; empty for the database's usual one
     */
    Outcome<Operation> start(String database, Origin origin, Optional<Layout> layout, Requester requester);
}
