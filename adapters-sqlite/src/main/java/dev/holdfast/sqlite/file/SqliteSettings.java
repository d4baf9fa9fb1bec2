package dev.holdfast.sqlite.file;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What the engine needs to know.
 *
 * @param scratch a directory for private copies, on the disk that has room for a database; belongs to one engine
 *     alone, which empties it when it starts
 * @param busyTimeout how long a lock of another program is waited for, in all
 * @param longestLog in bytes; a lone file with a longer write-ahead log is copied by SQLite's backup instead
 * @param known the files that must stay apart
 */
public record SqliteSettings(Path scratch, Duration busyTimeout, long longestLog, KnownFiles known) {
    /** 256 MiB. */
    public static final long DEFAULT_LONGEST_LOG = 256L << 20;

    public SqliteSettings {
        if (busyTimeout.isNegative()) {
            throw new IllegalArgumentException("busyTimeout: " + busyTimeout + " (expected: 0 or more)");
        }
        if (longestLog < 0) {
            throw new IllegalArgumentException("longestLog: " + longestLog + " (expected: 0 or more)");
        }
    }

    /** Where a restore of several parts notes how far it has come. Outlives the process, unlike the private copies. */
    public Path restores() {
        return scratch.resolve("restores");
    }

    public SqliteSettings(Path scratch, Duration busyTimeout) {
        this(scratch, busyTimeout, DEFAULT_LONGEST_LOG);
    }

    public SqliteSettings(Path scratch, Duration busyTimeout, long longestLog) {
        this(scratch, busyTimeout, longestLog, KnownFiles.NONE);
    }

    public SqliteSettings with(KnownFiles newKnown) {
        return new SqliteSettings(scratch, busyTimeout, longestLog, newKnown);
    }
}
