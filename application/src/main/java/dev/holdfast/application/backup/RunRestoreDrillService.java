package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.application.archive.UnpackResult.DatabasePart;
import dev.holdfast.application.archive.UnpackResult.Parts;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.Databases.LocatedBackup;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.OperationRequest;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.plan.PlanStore;
import dev.holdfast.application.plan.PlanStore.Drill;
import dev.holdfast.application.restore.RestoreDrills;
import dev.holdfast.application.restore.RestoreDrills.Tried;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.plan.DrillOutcome;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

record RunRestoreDrillService(
        Databases databases,
        OperationRunner runner,
        BackupCheck check,
        ArtifactChecks checks,
        RestoreDrills trials,
        PlanStore store,
        InstantSource clock)
        implements RunRestoreDrill {
    @Override
    public Outcome<Operation> start(String database, Requester requester) {
        return Outcome.attempt(() -> databases.find(database).then(registered -> start(registered, requester)));
    }

    private Outcome<Operation> start(RegisteredDatabase registered, Requester requester) {
        var order = new OperationRequest(
                OperationKind.DRILL, registered.database().name(), Optional.empty(), "", requester);
        return runner.start(order, work -> Outcome.done(noted(registered, drill(registered, work))));
    }

    /** With what is marked corrupt there is nothing to prove; the one before it may still be what somebody needs. */
    private Result.Drilled drill(RegisteredDatabase registered, ProgressMonitor work) {
        Optional<Backup> newest;
        try {
            newest = registered.store().list().stream()
                    .filter(it -> !(it.verification() instanceof Verification.Corrupt) && it.isConsistent())
                    // What somebody else has put there proves nothing about what is made here.
                    .filter(it -> it.origin().isOwn() && !it.isForeign())
                    // To restore nothing proves nothing.
                    .filter(it -> !it.isEmpty())
                    .findFirst();
        } catch (ProblemException e) {
            return inconclusive(Optional.empty(), e.problem());
        }
        return newest.map(it -> drill(new LocatedBackup(registered, it), work))
                .orElseGet(() -> new Result.Drilled(
                        Optional.empty(), DrillOutcome.INCONCLUSIVE, "There is no backup to restore."));
    }

    private Result.Drilled drill(LocatedBackup located, ProgressMonitor work) {
        Backup backup = located.backup();
        Outcome<Result.Drilled> drilled;
        try {
            drilled =
                    check.reading(located, artifact -> Outcome.done(outcome(located, tried(located, artifact, work))));
        } catch (ProblemException e) {
            return inconclusive(Optional.of(backup), e.problem());
        }
        return switch (drilled) {
            case Outcome.Done<Result.Drilled>(Result.Drilled done) -> done;
            case Outcome.Refused<Result.Drilled>(Problem problem) -> inconclusive(Optional.of(backup), problem);
        };
    }

    /** Of an archive, each database by itself; its members' checksums were compared when it was taken apart. */
    private Tried tried(LocatedBackup located, Artifact artifact, ProgressMonitor work) {
        Backup backup = located.backup();
        if (backup.layout() == Layout.SQLITE) {
            return trials.tryOut(artifact, backup.sha256(), work);
        }
        Optional<String> wrong = check.wrongBytes(located, artifact, work);
        if (wrong.isPresent()) {
            return new Tried.Disproven(wrong.get());
        }
        Source source = located.registered().database().source();
        return switch (checks.unpack(artifact, backup.layout(), source, Extent.TRIAL, checks.limits(backup), work)) {
            case UnpackResult.Unpacked(Parts parts) -> {
                try (parts) {
                    yield parts.obstacle().isPresent()
                            ? new Tried.NotTried(new Problem.BackupIncompatible(
                                    parts.obstacle().get()))
                            : tried(parts, work);
                }
            }
            case UnpackResult.Damaged(String finding) -> new Tried.Disproven(finding);
            case UnpackResult.Invalid(String finding) -> new Tried.Disproven(finding);
            case UnpackResult.TooLarge(String finding) -> new Tried.Disproven(finding);
        };
    }

    private Tried tried(Parts parts, ProgressMonitor work) {
        List<String> remarks = new ArrayList<>();
        for (DatabasePart part : parts.databases()) {
            Tried tried = trials.tryOut(part.image(), Optional.empty(), work);
            if (!(tried instanceof Tried.Proven(Optional<String> remark))) {
                return tried;
            }
            remark.ifPresent(remarks::add);
        }
        parts.remark().ifPresent(remarks::add);
        return new Tried.Proven(remarks.isEmpty() ? Optional.empty() : Optional.of(String.join(" ", remarks)));
    }

    private Result.Drilled outcome(LocatedBackup located, Tried tried) {
        Backup backup = located.backup();
        return switch (tried) {
            case Tried.Proven(Optional<String> remark) ->
                new Result.Drilled(
                        Optional.of(backup.key()),
                        DrillOutcome.PASSED,
                        "It was restored and is whole."
                                + remark.map(it -> " " + it).orElse(""));
            case Tried.Disproven(String finding) -> {
                check.noteIfPossible(located, new Verification.Corrupt(Depth.FULL, clock.instant(), finding));
                yield new Result.Drilled(Optional.of(backup.key()), DrillOutcome.FAILED, finding);
            }
            case Tried.NotTried(Problem problem) -> inconclusive(Optional.of(backup), problem);
        };
    }

    private static Result.Drilled inconclusive(Optional<Backup> backup, Problem problem) {
        return new Result.Drilled(backup.map(Backup::key), DrillOutcome.INCONCLUSIVE, problem.detail());
    }

    private Result noted(RegisteredDatabase registered, Result.Drilled drilled) {
        Instant now = clock.instant();
        Optional<Instant> provenAt = drilled.outcome() == DrillOutcome.PASSED
                ? Optional.of(now)
                : store.lastDrill(registered.database().name()).flatMap(Drill::provenAt);
        store.save(
                registered.database().name(),
                new Drill(drilled.outcome(), now, drilled.backup(), drilled.text(), provenAt));
        return drilled;
    }
}
