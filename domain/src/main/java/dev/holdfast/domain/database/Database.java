package dev.holdfast.domain.database;

import dev.holdfast.domain.naming.Naming;
import dev.holdfast.domain.naming.Profile;

/**
 * A registered thing to back up.
 *
 * @param prefix the application's part of a backup's name, where the profile's names have one
 */
public record Database(DatabaseName name, Source source, Profile profile, String prefix) {
    /** How this database's backups are called. */
    public Naming naming() {
        return Naming.of(profile, prefix);
    }
}
