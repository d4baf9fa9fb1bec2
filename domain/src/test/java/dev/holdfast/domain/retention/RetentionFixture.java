package dev.holdfast.domain.retention;

import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import java.time.Instant;
import java.util.Optional;

/** Backups that say only what a test is about: their name, their time, and what is special about them. */
final class RetentionFixture {
    private RetentionFixture() {}

    /** Automatic, with a checksum that holds. */
    static Backup good(String key, String createdAt) {
        return of(key, Instant.parse(createdAt), Origin.AUTOMATIC, passed(Depth.CHECKSUM));
    }

    static Backup verified(String key, String createdAt) {
        return good(key, createdAt).with(passed(Depth.QUICK));
    }

    static Backup corrupt(String key, String createdAt) {
        return good(key, createdAt).with(new Verification.Corrupt(Depth.QUICK, Instant.EPOCH, "page 3"));
    }

    static Backup of(String key, Instant createdAt, Origin origin, Verification verification) {
        return new Backup(
                new BackupKey(key),
                DatabaseName.DEFAULT,
                4096,
                createdAt,
                Optional.empty(),
                origin,
                Layout.SQLITE,
                verification,
                false,
                Backup.Labels.NONE);
    }

    static Verification passed(Depth depth) {
        return new Verification.Passed(depth, Instant.EPOCH);
    }
}
