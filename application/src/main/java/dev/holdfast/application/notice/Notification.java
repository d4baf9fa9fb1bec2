package dev.holdfast.application.notice;

import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * Something that whoever looks after a database should be told.
 *
 * @param at when it happened
 * @param text for a person, one or two sentences; no secret
 */
public record Notification(
        Kind kind,
        DatabaseName database,
        Instant at,
        String text,
        Optional<OperationId> operation,
        Optional<BackupKey> backup) {

    /** What happened. */
    public enum Kind {
        /** A backup was made. */
        SUCCESS,
        /** An operation failed. */
        FAILURE,
        /** A backup that the plan wanted was not begun when it was due, and is not made up for. */
        MISSED,
        /** A stored backup, or a drill's restored copy, is not what was written. */
        CORRUPT,
        /** The first success after one or more failures. */
        RECOVERED,
        /** A backup does not look like the ones before it, so retention pauses. */
        SUSPICIOUS,
        /** A backup was put back: whoever has the database open may have to open it anew. */
        RESTORED;

        /** As settings and messages write it. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
