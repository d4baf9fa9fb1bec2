package dev.holdfast.application.restore;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.restore.LiveDatabases.Settlement;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.problem.ProblemException;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Clears up after a server that did not end in order. To be run once, before any operation is. */
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
     * Recovers every database, one after the other.
     *
     * @return those operations that it has ended, as they now are
     */
    public List<Operation> run() {
        Pass pass = begin();
        List<Operation> ended = new ArrayList<>();
        databases.all().forEach(it -> ended.addAll(pass.recover(it)));
        ended.addAll(pass.endOthers());
        pass.warnOfOthers();
        return ended;
    }

    /** Reads what was running when the server ended. No operation may run yet. */
    public Pass begin() {
        return new Pass(log.unfinished());
    }

    /** The recovery at one start. Databases may be recovered in any order, and at the same time. */
    public final class Pass {
        private final List<Operation> cutOff;

        private Pass(List<Operation> cutOff) {
            this.cutOff = List.copyOf(cutOff);
        }

        /**
         * Sweeps the store, settles the database if a restore was cut off in it, ends what was running: a restore as what it
         * came to, all else as interrupted. A store that refuses is left for the next start: readiness reports it. No
         * operation of the database may begin before this has returned.
         *
         * @return those operations that it has ended, as they now are
         */
        public List<Operation> recover(RegisteredDatabase registered) {
            DatabaseName name = registered.database().name();
            Source source = registered.database().source();
            sweep(registered);
            List<Operation> own =
                    cutOff.stream().filter(it -> it.database().equals(name)).toList();
            boolean unsettled = own.stream().anyMatch(it -> it.kind() == OperationKind.RESTORE)
                    || live.isUnfinished(source)
                    || live.hasLeftovers(source);
            Optional<Outcome<List<Settlement>>> settled =
                    unsettled ? Optional.of(settle(registered)) : Optional.empty();
            Set<OperationId> running = cutOff.stream().map(Operation::id).collect(Collectors.toSet());
            Stream<Operation> now = own.stream().map(it -> end(it, settled));
            Stream<Operation> before = settled.stream().flatMap(it -> endAnew(name, it, running));
            return Stream.concat(now, before).toList();
        }

        /** Ends what was running on databases that the settings name no longer. */
        public List<Operation> endOthers() {
            Set<DatabaseName> known =
                    databases.all().stream().map(it -> it.database().name()).collect(Collectors.toSet());
            return cutOff.stream()
                    .filter(it -> !known.contains(it.database()))
                    .map(it -> end(it, Optional.empty()))
                    .toList();
        }

        /** Logs the restores that were cut off in databases that the settings name no longer. */
        public void warnOfOthers() {
            live.unfinishedBeside(databases.all().stream()
                            .map(it -> it.database().source())
                            .toList())
                    .forEach(it -> LOG.log(
                            Level.ERROR,
                            "A restore was cut off and is of no database that the settings name now. What it was of is"
                                    + " part old and part new until it is registered again: " + it));
        }
    }

    /** What an earlier start could not complete has ended by now, as that. */
    private Stream<Operation> endAnew(
            DatabaseName database, Outcome<List<Settlement>> outcome, Set<OperationId> running) {
        return switch (outcome) {
            case Outcome.Refused<List<Settlement>> _ -> Stream.empty();
            case Outcome.Done<List<Settlement>>(var settlements) ->
                settlements.stream()
                        .flatMap(it -> it
                                .operation()
                                .filter(id -> !running.contains(id))
                                .flatMap(log::find)
                                .filter(operation -> operation.state() != OperationState.SUCCEEDED)
                                .map(operation ->
                                        kept(cutOff(operation, database).ended(it.what(), clock.instant())))
                                .stream());
        };
    }

    private InterruptedRestore cutOff(Operation operation, DatabaseName database) {
        return databases.all().stream()
                .filter(it -> it.database().name().equals(database))
                .map(it -> new InterruptedRestore(operation, it.store()))
                .findAny()
                .orElseThrow(); // or nothing could have been settled
    }

    private Operation kept(Operation ended) {
        Operation kept = ended.withRevision(ended.revision() + 1);
        log.save(kept);
        return kept;
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

    private Outcome<List<Settlement>> settle(RegisteredDatabase registered) {
        try {
            return Outcome.done(live.settle(
                    registered.database().source(),
                    (current, inconsistency) -> safety.make(registered, current, inconsistency)));
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

    private Operation end(Operation operation, Optional<Outcome<List<Settlement>>> settled) {
        LOG.log(
                Level.WARNING,
                "The server had ended during the " + operation.kind() + " of database " + operation.database()
                        + ", operation " + operation.id());
        Operation interrupted = operation.failed(Failure.interrupted(operation.kind()), clock.instant());
        return kept(
                operation.phase().isCancellable()
                        ? interrupted
                        : settled.map(it -> ended(operation, it)).orElse(interrupted));
    }

    /** Of one that had begun to replace. */
    private Operation ended(Operation restore, Outcome<List<Settlement>> settled) {
        Instant now = clock.instant();
        return switch (settled) {
            case Outcome.Refused<List<Settlement>> _ -> restore.failed(Failure.unfinished(), now);
            case Outcome.Done<List<Settlement>>(var settlements) ->
                settlements.stream()
                        .filter(it -> it.operation()
                                .filter(id -> !id.equals(restore.id()))
                                .isEmpty())
                        .findAny()
                        .map(it -> cutOff(restore, restore.database()).ended(it.what(), now))
                        .orElseGet(() -> restore.failed(interrupted(restore), now));
        };
    }

    /** Of one without a journal: only its safety backup is known. */
    private Failure interrupted(Operation restore) {
        Failure failure = cutOff(restore, restore.database())
                .safetyBackup()
                .map(Failure::interrupted)
                .orElseGet(() -> Failure.interrupted(restore.kind()));
        LOG.log(Level.WARNING, "Operation " + restore.id() + ": " + failure.detail());
        return failure;
    }
}
