package dev.holdfast.domain.backup;

/** Where a backup comes from. */
public enum Origin {
    /** Somebody asked for it. */
    MANUAL,
    /** A plan asked for it. */
    AUTOMATIC,
    /** Somebody sent it. */
    UPLOADED,
    /** A restore made it before it replaced anything. */
    SAFETY,
    /** Somebody put the file there; Holdfast did not write it. */
    EXTERNAL
}
