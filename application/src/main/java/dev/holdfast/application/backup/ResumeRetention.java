package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.identity.DatabaseName;

/** Ends the pause of a database's retention: its present state is what it is meant to be. */
public interface ResumeRetention {
    /**
     * Makes the suspicious backups of the pause good ones, and the reference for later backups. Without a pause nothing
     * changes and nothing is added to the audit.
     *
     * @param who for the audit
     */
    Outcome<DatabaseName> resume(String database, String who);
}
