package dev.holdfast.application.restore;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.restore.LiveDatabases.Settled;
import dev.holdfast.domain.database.DatabaseName;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.problem.ProblemException;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Clears up after a server that did not end in order. To be run once, before anything else is. */
public final class Recovery {
    private static final System.Logger LOG = System.getLogger(Recovery.class.getName());

    private final Databases databases;
    private final OperationLog log;
    private final LiveDatabases live;
    private final SafetyBackups safety;
    private final InstantSource clock;

    public Recovery(
            Databases databases, OperationLog log, LiveDatabases live, SafetyBackups safety, InstantSource clock) {
        this.databases = databases;
        this.log = log;
        this.live = live;
        this.safety = safety;
        this.clock = clock;
    }

    /**
     * Sweeps the stores, settles databases that a restore was cut off in, ends what was running: a restore as what it came
     * to, all else as interrupted. A store that does not answer is left for the next start: readiness reports it.
     *
     * @return those that it has ended, as they now are
     */
    public List<Operation> run() {
        databases.all().forEach(Recovery::sweep);
        List<Operation> cutOff = log.unfinished();
        Set<DatabaseName> cutOffIn = cutOff.stream()
                .filter(it -> it.kind() == OperationKind.RESTORE)
                .map(Operation::database)
                .collect(Collectors.toSet());
        Map<DatabaseName, Outcome<Settled>> settled = databases.all().stream()
                .filter(it -> cutOffIn.contains(it.database().name())
                        || live.isUnfinished(it.database().source()))
                .collect(Collectors.toMap(it -> it.database().name(), this::settle));
        live.unfinishedBeside(databases.all().stream()
                        .map(it -> it.database().source())
                        .toList())
                .forEach(it -> LOG.log(
                        Level.ERROR,
                        "A restore was cut off and is of no database that the settings name now. What it was of is part"
                                + " old and part new until it is registered again: " + it));
        return cutOff.stream()
                .map(it -> end(it, Optional.ofNullable(settled.get(it.database()))))
                .toList();
    }

    private static void sweep(RegisteredDatabase registered) {
        try {
            registered.store().sweep();
        } catch (ProblemException e) {
            LOG.log(
                    Level.WARNING,
                    "Leftovers in the store of database "
                            + registered.database().name() + " stay: " + e.getMessage());
        }
    }

    private Outcome<Settled> settle(RegisteredDatabase registered) {
        try {
            return Outcome.done(
                    live.settle(registered.database().source(), current -> safety.make(registered, current)));
        } catch (ProblemException e) {
            LOG.log(
                    Level.ERROR,
                    "A restore of database " + registered.database().name()
                            + " was cut off and could not be completed; the next backup, restore or start tries again: "
                            + e.getMessage(),
                    e);
            return Outcome.refused(e.problem());
        }
    }

    private Operation end(Operation operation, Optional<Outcome<Settled>> settled) {
        LOG.log(
                Level.WARNING,
                "The server had ended during the " + operation.kind() + " of database " + operation.database()
                        + ", operation " + operation.id());
        Operation ended = operation.phase().isCancellable()
                ? operation.failed(Failure.interrupted(operation.kind()), clock.instant())
                : settled.map(it -> ended(operation, it))
                        .orElseGet(() -> operation.failed(Failure.interrupted(operation.kind()), clock.instant()));
        Operation kept = ended.withRevision(ended.revision() + 1);
        log.save(kept);
        return kept;
    }

    private Operation ended(Operation restore, Outcome<Settled> settled) {
        Instant now = clock.instant();
        return switch (settled) {
            case Outcome.Refused<Settled> _ -> restore.failed(Failure.unfinished(), now);
            case Outcome.Done<Settled>(Settled what) ->
                databases.all().stream()
                        .filter(it -> it.database().name().equals(restore.database()))
                        .map(it -> new CutOffRestore(restore, it.store()).ended(what, now))
                        .findAny()
                        .orElseThrow(); // or nothing could have been settled
        };
    }
}
