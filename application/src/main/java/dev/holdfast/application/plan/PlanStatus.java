package dev.holdfast.application.plan;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.plan.PlanStore.Drill;
import dev.holdfast.application.plan.Plans.InForce;
import dev.holdfast.domain.operation.Operation;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** Shows plans and how far they have come, and changes them. */
public interface PlanStatus {
    Outcome<View> find(String database);

    View of(RegisteredDatabase registered);

    /** As {@link Plans#change}. */
    Outcome<View> change(String database, Map<String, Optional<String>> change, String who);

    static PlanStatus using(Plans plans, PlanStore store, OperationLog log, InstantSource clock) {
        return new KeptPlanStatus(plans, store, log, clock);
    }

    /**
     * @param nextRun when the next backup is planned
     * @param lastRun the last operation that the plan's schedule began and that has ended
     */
    record View(
            InForce inForce,
            Optional<Instant> nextRun,
            Optional<Operation> lastRun,
            Optional<Instant> nextDrill,
            Optional<Drill> lastDrill) {}
}
