package dev.holdfast.domain.backup;

import java.util.Locale;

/** How hard an archive's members are compressed. A plain database is never compressed. */
public enum Compression {
    /** Stored as they are: the fastest, and what to take where the store compresses by itself. */
    NONE,
    /** For most: the disk is the bound, not the processor. */
    FAST,
    /** The smallest, at several times the processor's time. */
    BEST;

    /** As settings write it. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
