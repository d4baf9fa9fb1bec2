package dev.holdfast.application.plan;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.plan.PlanStore.Drill;
import dev.holdfast.application.plan.Plans.EffectivePlan;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.retention.RetentionPause;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** Shows plans and how far they have come, and changes them. */
public interface PlanService {
    Outcome<View> find(String database);

    /** @param backups all of the database; none if they cannot be listed */
    View of(RegisteredDatabase registered, Collection<Backup> backups);

    /** As {@link Plans#change}. */
    Outcome<View> change(String database, Map<String, Optional<String>> change, String who);

    static PlanService using(Plans plans, PlanStore store, OperationLog log, InstantSource clock) {
        return new DefaultPlanService(plans, store, log, clock);
    }

    /**
     * @param nextRun when the next backup is planned
     * @param lastRun the last operation that the plan's schedule began and that has ended
     * @param retentionPaused since when and why no backup expires; empty also if the store cannot be read
     */
    record View(
            EffectivePlan inForce,
            Optional<Instant> nextRun,
            Optional<Operation> lastRun,
            Optional<Instant> nextDrill,
            Optional<Drill> lastDrill,
            Optional<RetentionPause> retentionPaused) {}
}
