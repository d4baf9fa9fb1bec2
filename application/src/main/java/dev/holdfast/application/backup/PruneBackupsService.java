package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.OperationRequest;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.retention.SourceHistories;
import dev.holdfast.application.store.BackupStore.Deletion;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.plan.Plan;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.retention.Retention;
import dev.holdfast.domain.retention.RetentionDecision;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The preview and the real run judge alike, by one method. */
record PruneBackupsService(
        Databases databases,
        Plans plans,
        OperationRunner runner,
        Leases leases,
        SourceHistories histories,
        BackupUpdates changing,
        InstantSource clock,
        FailPoints failPoints)
        implements PruneBackups {
    private static final System.Logger LOG = System.getLogger(PruneBackupsService.class.getName());

    @Override
    public Outcome<Operation> start(String database, Requester requester) {
        return Outcome.attempt(() -> databases.find(database).then(registered -> start(registered, requester)));
    }

    private Outcome<Operation> start(RegisteredDatabase registered, Requester requester) {
        var order = new OperationRequest(
                OperationKind.EXPIRE, registered.database().name(), Optional.empty(), "", requester);
        return runner.start(order, work -> Outcome.done(expire(registered, work)));
    }

    @Override
    public Outcome<List<RetentionDecision>> preview(String database, Map<String, Optional<String>> change) {
        return Outcome.attempt(() ->
                plans.preview(database, change).then(plan -> Outcome.done(judge(plan.registered(), plan.plan()))));
    }

    private List<RetentionDecision> judge(RegisteredDatabase registered, Plan plan) {
        DatabaseName name = registered.database().name();
        List<Backup> backups = registered.store().list();
        return Retention.of(
                        plan.retention(), registered.database(), plan.backups().zone())
                .judge(
                        backups,
                        leases.inUse(name),
                        clock.instant(),
                        histories.pause(name, backups).isPresent());
    }

    private Result expire(RegisteredDatabase registered, ProgressMonitor work) {
        work.enter(Phase.REMOVING, 0);
        List<BackupKey> removed = new ArrayList<>();
        List<BackupKey> failed = new ArrayList<>();
        // Oldest first: whatever stops it halfway, the newer ones are there.
        for (RetentionDecision verdict :
                judge(registered, plans.of(registered).plan()).reversed()) {
            work.checkCancelled();
            if (verdict instanceof RetentionDecision.Remove(Backup backup)) {
                remove(registered, backup, removed, failed, work);
                failPoints.reached("expire.removed");
            }
        }
        return new Result.Expired(removed.reversed(), failed.reversed());
    }

    /**
     * Judges again right before the removal, while the store lets no update or deletion of this backup through. A run
     * takes its time: meanwhile a client may have pinned the backup, the newest one may have proved corrupt or been
     * deleted, and the plan may be another.
     */
    private boolean isStillToGo(RegisteredDatabase registered, Backup now, ProgressMonitor work) {
        work.checkCancelled(); // the operation may have ended while the store did not answer
        return !now.pinned()
                && judge(registered, plans.of(registered).plan()).contains(new RetentionDecision.Remove(now));
    }

    /** One that cannot be removed holds up no other. */
    private void remove(
            RegisteredDatabase registered,
            Backup backup,
            List<BackupKey> removed,
            List<BackupKey> failed,
            ProgressMonitor work) {
        BackupKey key = backup.key();
        String what = "Backup " + key + " of database " + registered.database().name();
        Outcome<Deletion> outcome =
                Outcome.attempt(() -> changing.delete(registered, key, now -> isStillToGo(registered, now, work)));
        switch (outcome) {
            case Outcome.Done<Deletion>(Deletion.Deleted _) -> {
                LOG.log(Level.INFO, what + " has expired and is removed");
                removed.add(key);
            }
            // Another caller has deleted it.
            case Outcome.Done<Deletion>(Deletion.Absent _) -> {}
            case Outcome.Done<Deletion>(Deletion.Retained _) ->
                LOG.log(Level.INFO, what + " stays: it, another backup or the plan has changed since the run began");
            case Outcome.Refused<Deletion>(Problem problem) -> {
                LOG.log(Level.WARNING, what + " has expired but cannot be removed: " + problem.detail());
                failed.add(key);
            }
        }
    }
}
