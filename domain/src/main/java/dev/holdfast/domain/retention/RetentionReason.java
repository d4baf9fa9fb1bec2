package dev.holdfast.domain.retention;

import java.util.Locale;

/** Why a backup stays. */
public enum RetentionReason {
    /** It is dated after now: a clock was wrong, and nothing can be said about its age. */
    IN_THE_FUTURE,
    /** Retention does not remove backups of this origin in this profile. */
    OUT_OF_SCOPE,
    /** Its metadata says that it was made of another database. */
    FOREIGN,
    /** The policy has no rule. */
    NO_POLICY,
    /** A backup of the database is suspicious, so retention pauses. */
    RETENTION_PAUSED,
    PINNED,
    /** Somebody is reading it: a restore, a download, a check. */
    IN_USE,
    /** The newest that passed a check of any depth. */
    LAST_GOOD,
    /** The newest whose SQLite databases passed a check, not just its checksum. */
    LAST_VERIFIED,
    /** The newest that was made of what a restore replaced: the way back from that restore. */
    LAST_SAFETY,
    LAST,
    HOURLY,
    DAILY,
    WEEKLY,
    MONTHLY,
    YEARLY,
    WITHIN,
    /** It is corrupt, empty, suspicious or was never checked, and a good one in its place would still be kept by a rule. */
    NOT_REPLACED,
    /** It is not good, and no good backup is newer. */
    NO_NEWER_GOOD;

    /** As APIs write it: lower case, words joined by {@code _}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
