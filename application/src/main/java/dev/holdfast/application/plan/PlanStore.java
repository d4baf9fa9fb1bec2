package dev.holdfast.application.plan;

import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.plan.DrillOutcome;
import java.time.Instant;
import java.util.Optional;

/**
 * Keeps what was changed about plans, and how far each has come, across restarts. Every method that writes is durable
 * when it returns, or throws. Safe for use by several threads.
 */
public interface PlanStore {
    /** What somebody has changed; empty if nobody has. */
    Optional<Kept> find(DatabaseName database);

    /** Replaces what was kept, and adds {@code entry} to the audit, both or neither. */
    void keep(DatabaseName database, Kept kept, AuditEntry entry);

    /** @param terms over those that are configured */
    record Kept(PlanProperties terms, String changedBy, Instant changedAt) {}

    /** What a plan does by itself. */
    enum Job {
        BACKUP,
        DRILL
    }

    Optional<Progress> progress(DatabaseName database, Job job);

    void save(DatabaseName database, Job job, Progress progress);

    /**
     * How far a job has come.
     *
     * @param timetable that {@code handled} belongs to; another one begins anew
     * @param handled every time up to this one was run, missed or given up
     * @param expiryPending whether backups are to be expired since a planned one was made
     * @param lastRun the last operation that ran for it
     */
    record Progress(String timetable, Instant handled, boolean expiryPending, Optional<OperationId> lastRun) {
        public Progress handled(Instant upTo) {
            return new Progress(timetable, upTo, expiryPending, lastRun);
        }

        public Progress expiry(boolean pending) {
            return new Progress(timetable, handled, pending, lastRun);
        }

        public Progress ran(OperationId operation) {
            return new Progress(timetable, handled, expiryPending, Optional.of(operation));
        }
    }

    Optional<Drill> lastDrill(DatabaseName database);

    void save(DatabaseName database, Drill drill);

    /**
     * The last drill of a database.
     *
     * @param provenAt when a drill last proved that the newest backup can be restored, also one before this
     */
    record Drill(
            DrillOutcome outcome, Instant at, Optional<BackupKey> backup, String text, Optional<Instant> provenAt) {}
}
