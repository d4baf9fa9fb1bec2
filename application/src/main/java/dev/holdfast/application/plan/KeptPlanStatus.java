package dev.holdfast.application.plan;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.plan.PlanStore.Job;
import dev.holdfast.application.plan.PlanStore.Progress;
import dev.holdfast.application.plan.Plans.InForce;
import dev.holdfast.domain.database.DatabaseName;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

record KeptPlanStatus(Plans plans, PlanStore store, OperationLog log, InstantSource clock) implements PlanStatus {
    @Override
    public Outcome<View> find(String database) {
        return plans.find(database).then(it -> Outcome.done(view(it)));
    }

    @Override
    public View of(RegisteredDatabase registered) {
        return view(plans.of(registered));
    }

    @Override
    public Outcome<View> change(String database, Map<String, Optional<String>> change, String who) {
        return plans.change(database, change, who).then(it -> Outcome.done(view(it)));
    }

    private View view(InForce inForce) {
        DatabaseName name = inForce.registered().database().name();
        Instant now = clock.instant();
        return new View(
                inForce,
                inForce.plan().backups().next(now),
                store.progress(name, Job.BACKUP).flatMap(Progress::lastRun).flatMap(log::find),
                inForce.plan().drills().next(now),
                store.lastDrill(name));
    }
}
