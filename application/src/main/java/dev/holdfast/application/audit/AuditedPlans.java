package dev.holdfast.application.audit;

import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.plan.PlanStore;
import dev.holdfast.domain.identity.DatabaseName;
import java.util.Optional;

/** A plan and the entry of its change are kept together, so the entry has to be complete before. */
record AuditedPlans(PlanStore store, AuditTrail trail) implements PlanStore {
    @Override
    public Optional<Kept> find(DatabaseName database) {
        return store.find(database);
    }

    @Override
    public void keep(DatabaseName database, Kept kept, AuditEntry entry) {
        store.keep(database, kept, trail.complete(entry));
    }

    @Override
    public Optional<Progress> progress(DatabaseName database, Job job) {
        return store.progress(database, job);
    }

    @Override
    public void save(DatabaseName database, Job job, Progress progress) {
        store.save(database, job, progress);
    }

    @Override
    public Optional<Drill> lastDrill(DatabaseName database) {
        return store.lastDrill(database);
    }

    @Override
    public void save(DatabaseName database, Drill drill) {
        store.save(database, drill);
    }
}
