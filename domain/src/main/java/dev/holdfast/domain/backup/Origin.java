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
    EXTERNAL;

    /** Whether Holdfast made it of the database itself, so that it says something of how that was then. */
    public boolean isOwn() {
        return switch (this) {
            case MANUAL, AUTOMATIC, SAFETY -> true;
            case UPLOADED, EXTERNAL -> false;
        };
    }
}
