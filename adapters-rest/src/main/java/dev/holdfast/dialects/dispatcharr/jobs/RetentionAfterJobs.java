package dev.holdfast.dialects.dispatcharr.jobs;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.PruneBackups;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.dialects.dispatcharr.DispatcharrDatabase;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.problem.Problem;
import io.micronaut.scheduling.TaskExecutors;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes what is not to be kept after every job that made a backup, as the draft does, not after planned ones alone. */
@Singleton
final class RetentionAfterJobs {
    private static final Logger LOG = LoggerFactory.getLogger(RetentionAfterJobs.class);
    private static final int MOST_ATTEMPTS = 10;

    private final Operations operations;
    private final PruneBackups expireBackups;
    private final PlanService plans;
    private final DispatcharrDatabase database;
    private final ExecutorService threads;

    RetentionAfterJobs(
            Operations operations,
            PruneBackups expireBackups,
            PlanService plans,
            DispatcharrDatabase database,
            @Named(TaskExecutors.BLOCKING) ExecutorService threads) {
        this.operations = operations;
        this.expireBackups = expireBackups;
        this.plans = plans;
        this.database = database;
        this.threads = threads;
    }

    /** Answers at once. */
    void follows(Operation backup) {
        threads.execute(() -> {
            try {
                if (operations.awaitEnd(backup.id()).state() == OperationState.SUCCEEDED && hasPolicy()) {
                    expire(new Requester(backup.requestedBy(), Optional.empty()));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                LOG.warn("Backups that are not to be kept stay until the next one is made", e);
            }
        });
    }

    private boolean hasPolicy() {
        return plans.find(database.name()) instanceof Outcome.Done<PlanService.View>(var view)
                && !view.inForce().plan().retention().isEmpty();
    }

    /** Waits for what somebody else has begun meanwhile. */
    private void expire(Requester requester) throws InterruptedException {
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            switch (expireBackups.start(database.name(), requester)) {
                case Outcome.Done<Operation> _ -> {
                    return;
                }
                case Outcome.Refused<Operation>(Problem.OperationInProgress(var _, var running)) ->
                    operations.awaitEnd(running);
                case Outcome.Refused<Operation>(var problem) -> {
                    LOG.warn("Backups that are not to be kept stay until the next one is made: {}", problem.detail());
                    return;
                }
            }
        }
    }
}
