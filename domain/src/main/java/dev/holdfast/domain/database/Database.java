package dev.holdfast.domain.database;

import dev.holdfast.domain.backup.Compression;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.domain.profile.Profile;

/**
 * A registered thing to back up.
 *
 * @param prefix the application's part of a backup's name, where the profile's names have one
 * @param layout what a new backup is, unless somebody asks for another one; one of the profile's
 * @param compression of a new backup that is an archive
 */
public record Database(
        DatabaseName name, Source source, Profile profile, String prefix, Layout layout, Compression compression) {
    public Database {
        if (!profile.layouts().contains(layout)) {
            throw new IllegalArgumentException("layout: " + layout + " (expected: " + profile.layouts() + ")");
        }
    }

    public Database(DatabaseName name, Source source, Profile profile, String prefix) {
        this(name, source, profile, prefix, profile.layout(), Compression.FAST);
    }

    /** How this database's backups are called. */
    public Naming naming() {
        return Naming.of(profile, prefix);
    }
}
