package dev.holdfast.application.audit;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.DeleteBackup;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.application.backup.RestoreBackup;
import dev.holdfast.application.backup.UpdateBackup;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.plan.PlanStore;
import dev.holdfast.application.plan.RepeatedEntry;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.problem.Problem;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/** Use cases as the APIs get them: each action is in the audit before it is answered. */
public final class AuditedUseCases {
    static final String RESTORE = "restore";

    /** Where an action has no caller, which nothing that an API serves is. */
    private static final RemoteCaller UNKNOWN = new RemoteCaller("unknown", "unknown");

    private final AuditTrail trail;
    private final CurrentCaller callers;
    private final InstantSource clock;

    public AuditedUseCases(AuditTrail trail, CurrentCaller callers, InstantSource clock) {
        this.trail = trail;
        this.callers = callers;
        this.clock = clock;
    }

    public DeleteBackup delete(DeleteBackup useCase) {
        return (database, filename) -> {
            var action = new Action("backup.delete", caller().name(), database, filename, "");
            return recorded(action, () -> useCase.delete(database, filename));
        };
    }

    public UpdateBackup update(UpdateBackup useCase) {
        return (database, filename, change) -> {
            String name = change.pinned()
                    .map(it -> it ? "backup.pin" : "backup.unpin")
                    .orElse("backup.label");
            String detail = change.pinned().isPresent() && change.labels().isPresent() ? "also its labels" : "";
            var action = new Action(name, caller().name(), database, filename, detail);
            return recorded(action, () -> useCase.update(database, filename, change));
        };
    }

    /**
     * The entry of a restore that was begun gets its outcome when the restore has ended. One that has to wait its turn is
     * none yet: its callers try again.
     */
    public RestoreBackup restore(RestoreBackup useCase) {
        return (database, filename, allowed, requester) -> {
            String detail = (allowed.corrupt() ? "even if corrupt" : "")
                    + (allowed.corrupt() && allowed.foreign() ? ", " : "")
                    + (allowed.foreign() ? "even if foreign" : "");
            var action = new Action(RESTORE, requester.name(), database, filename, detail);
            Outcome<Operation> started = useCase.start(database, filename, allowed, requester);
            switch (started) {
                case Outcome.Done<Operation>(Operation operation) ->
                    trail.begun(operation, entry(action, AuditTrail.outcome(operation)));
                case Outcome.Refused<Operation>(Problem.OperationInProgress _) -> {}
                case Outcome.Refused<Operation>(var problem) ->
                    trail.add(entry(action, problem.code().id()));
            }
            return started;
        };
    }

    /** For an API that hands out all that it opens. */
    public OpenBackup open(OpenBackup useCase) {
        return (database, filename, work) -> {
            RemoteCaller caller = caller();
            return useCase.open(database, filename, work).then(opened -> {
                trail.count(RepeatedEntry.download(clock.instant(), caller.name(), caller.address(), opened.backup()));
                return Outcome.done(opened);
            });
        };
    }

    /** The changes of plans with their callers' addresses. */
    public PlanStore plans(PlanStore store) {
        return new AuditedPlans(store, trail);
    }

    private record Action(String name, String who, String database, String object, String detail) {}

    private <T> Outcome<T> recorded(Action action, Supplier<Outcome<T>> steps) {
        Outcome<T> outcome;
        try {
            outcome = steps.get();
        } catch (RuntimeException e) {
            trail.add(entry(action, "internal")); // it may have happened all the same
            throw e;
        }
        trail.add(entry(
                action,
                switch (outcome) {
                    case Outcome.Done<T> _ -> AuditEntry.SUCCEEDED;
                    case Outcome.Refused<T>(var problem) -> problem.code().id();
                }));
        return outcome;
    }

    private AuditEntry entry(Action action, String outcome) {
        return new AuditEntry(
                clock.instant(),
                action.who(),
                action.name(),
                Optional.of(action.database()).filter(DatabaseName::isValid).map(DatabaseName::new),
                Optional.of(action.object()),
                outcome,
                action.detail());
    }

    private RemoteCaller caller() {
        return callers.find().orElse(UNKNOWN);
    }
}
