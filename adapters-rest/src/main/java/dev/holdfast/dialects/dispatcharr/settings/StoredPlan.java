package dev.holdfast.dialects.dispatcharr.settings;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.application.settings.DialectDocuments;
import dev.holdfast.dialects.dispatcharr.DispatcharrDatabase;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The plan and what is kept beside it, which both APIs change: the schedule of the released one and the settings of the
 * job API. One change at a time.
 */
@Singleton
final class StoredPlan {
    private final DialectDocuments documents;
    private final PlanService plans;
    private final DispatcharrDatabase database;
    private final Audit audit;
    private final InstantSource clock;
    private final ReentrantLock changing = new ReentrantLock();

    StoredPlan(
            DialectDocuments documents,
            PlanService plans,
            DispatcharrDatabase database,
            Audit audit,
            InstantSource clock) {
        this.documents = documents;
        this.plans = plans;
        this.database = database;
        this.audit = audit;
        this.clock = clock;
    }

    /** With nobody else's change in between. */
    <T> T changing(Supplier<T> change) {
        changing.lock();
        try {
            return change.get();
        } finally {
            changing.unlock();
        }
    }

    Outcome<PlanService.View> plan() {
        return plans.find(database.name());
    }

    DirectoryChoice choice() {
        return DirectoryChoice.find(documents, database.key());
    }

    Optional<String> document(String name) {
        return documents.find(database.key(), name);
    }

    /**
     * What is kept is read before the plan is changed, and written only if that was accepted.
     *
     * @param terms what is to change of the plan; may be nothing
     * @param document what the client has set, to be shown again
     */
    Outcome<PlanService.View> change(
            Map<String, Optional<String>> terms,
            UnaryOperator<DirectoryChoice> choose,
            String name,
            String document,
            String who) {
        return changing(() -> {
            DirectoryChoice before = choice();
            Optional<String> shown = document(name);
            DirectoryChoice after = choose.apply(before);
            Outcome<PlanService.View> plan = terms.isEmpty() ? plan() : plans.change(database.name(), terms, who);
            return plan.then(changed -> {
                if (!after.equals(before)) {
                    after.keep(documents, database.key());
                }
                documents.keep(database.key(), name, document);
                // A change of the plan is in the audit as such, and decides on its own which archives are made.
                List<String> names = new ArrayList<>(after.changesOf(before));
                if (terms.isEmpty() && !shown.equals(Optional.of(document))) {
                    names.add("schedule");
                }
                audit(who, names);
                return Outcome.done(changed);
            });
        });
    }

    /** @param names of the settings that have changed, without their values; may be empty */
    void audit(String who, List<String> names) {
        if (!names.isEmpty()) {
            audit.add(new AuditEntry(
                    clock.instant(),
                    who,
                    "settings.change",
                    database.key(),
                    "of Dispatcharr: " + String.join(", ", names)));
        }
    }
}
