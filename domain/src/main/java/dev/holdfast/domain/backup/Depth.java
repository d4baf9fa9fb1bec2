package dev.holdfast.domain.backup;

/** How deeply an artifact is checked. Each depth includes the one before it. */
public enum Depth {
    /** Its bytes have the recorded SHA-256. */
    CHECKSUM,
    /** SQLite's {@code quick_check} of each database in it: structure, in time linear to its size. */
    QUICK,
    /** {@code integrity_check} and {@code foreign_key_check}: indexes, UNIQUE and foreign keys too. */
    FULL
}
