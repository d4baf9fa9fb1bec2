package dev.holdfast.application.plan;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.plan.PlanStore.Job;
import dev.holdfast.application.plan.PlanStore.Progress;
import dev.holdfast.application.plan.Plans.EffectivePlan;
import dev.holdfast.application.retention.SourceHistories;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.ProblemException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

record DefaultPlanService(Plans plans, PlanStore store, OperationLog log, InstantSource clock) implements PlanService {
    @Override
    public Outcome<View> find(String database) {
        return plans.find(database).then(it -> Outcome.done(view(it)));
    }

    @Override
    public View of(RegisteredDatabase registered, Collection<Backup> backups) {
        return view(plans.of(registered), backups);
    }

    @Override
    public Outcome<View> change(String database, Map<String, Optional<String>> change, String who) {
        return plans.change(database, change, who).then(it -> Outcome.done(view(it)));
    }

    private View view(EffectivePlan inForce) {
        return view(inForce, backups(inForce.registered()));
    }

    /** A plan is shown also while its store cannot be read, which readiness reports. */
    private static List<Backup> backups(RegisteredDatabase registered) {
        try {
            return registered.store().list();
        } catch (ProblemException e) {
            return List.of();
        }
    }

    private View view(EffectivePlan inForce, Collection<Backup> backups) {
        DatabaseName name = inForce.registered().database().name();
        Instant now = clock.instant();
        return new View(
                inForce,
                inForce.plan().backups().next(now),
                store.progress(name, Job.BACKUP).flatMap(Progress::lastRun).flatMap(log::find),
                inForce.plan().drills().next(now),
                store.lastDrill(name),
                new SourceHistories(log).pause(name, backups));
    }
}
