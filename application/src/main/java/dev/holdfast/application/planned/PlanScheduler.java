package dev.holdfast.application.planned;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.CreateBackup;
import dev.holdfast.application.backup.PruneBackups;
import dev.holdfast.application.backup.RunRestoreDrill;
import dev.holdfast.application.backup.VerifyBackup;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.filesystem.Hangs;
import dev.holdfast.application.notice.Notification;
import dev.holdfast.application.notice.Notifier;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.plan.PlanStore;
import dev.holdfast.application.plan.PlanStore.Job;
import dev.holdfast.application.plan.PlanStore.Progress;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.plan.Plan;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.domain.schedule.Timetable;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/**
 * Does what the plans say, each time it is asked to look. A time that has come is done with once its operation has
 * ended, however it did, and only then noted so: what a crash cuts off is due again at the next start.
 *
 * <p>One for the whole server; one thread asks, about once a second.
 */
public final class PlanScheduler {
    private static final System.Logger LOG = System.getLogger(PlanScheduler.class.getName());

    /** Who asks for what nobody asked for. */
    public static final Requester PLAN = new Requester("plan", Optional.empty());

    /**
     * How late a time may be looked at and still count as come just now, where missed ones are not made up for. What has
     * been looked at in time waits as long as other operations are in the way.
     */
    private static final Duration LATE = Duration.ofMinutes(2);

    private static final DateTimeFormatter CLAIMED =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private static final Duration REST_AFTER_TROUBLE = Duration.ofMinutes(1);

    private final Databases databases;
    private final Plans plans;
    private final PlanStore store;
    private final Operations operations;
    private final CreateBackup create;
    private final PruneBackups expire;
    private final RunRestoreDrill drill;
    private final PeriodicVerification rechecks;
    private final Notifier notices;
    private final InstantSource clock;

    private final Hangs hangs;

    private final Map<Errand, Running> running = new ConcurrentHashMap<>();

    /** Times that were looked at when they came. */
    private final Map<Errand, Instant> seen = new ConcurrentHashMap<>();

    private final Map<DatabaseName, Instant> restingUntil = new ConcurrentHashMap<>();

    /** Those that are being looked at. */
    private final Set<DatabaseName> looking = ConcurrentHashMap.newKeySet();

    /** What runs for a database, one of each at a time. */
    private record Errand(DatabaseName database, Kind kind) {
        enum Kind {
            BACKUP,
            EXPIRY,
            DRILL
        }
    }

    /** @param due the time that it runs for */
    private record Running(OperationId operation, Instant due) {}

    public PlanScheduler(
            Databases databases,
            Plans plans,
            PlanStore store,
            Operations operations,
            CreateBackup create,
            PruneBackups expire,
            VerifyBackup verify,
            RunRestoreDrill drill,
            Notifier notices,
            InstantSource clock) {
        this(databases, plans, store, operations, create, expire, verify, drill, notices, clock, Hangs.NONE);
    }

    /** @param hangs which stores and sources do not answer */
    public PlanScheduler(
            Databases databases,
            Plans plans,
            PlanStore store,
            Operations operations,
            CreateBackup create,
            PruneBackups expire,
            VerifyBackup verify,
            RunRestoreDrill drill,
            Notifier notices,
            InstantSource clock,
            Hangs hangs) {
        this.hangs = hangs;
        this.databases = databases;
        this.plans = plans;
        this.store = store;
        this.operations = operations;
        this.create = create;
        this.expire = expire;
        this.drill = drill;
        this.rechecks = new PeriodicVerification(operations, verify);
        this.notices = notices;
        this.clock = clock;
    }

    /** Begins what is due. Trouble with one database keeps no other one waiting. */
    public void look() {
        look(Runnable::run);
    }

    /** @param threads looks at one database each: one whose store is slow holds up no other one */
    public void look(Executor threads) {
        Instant now = clock.instant();
        for (RegisteredDatabase registered : databases.all()) {
            DatabaseName name = registered.database().name();
            if (!looking.add(name)) {
                continue; // the last look goes on
            }
            boolean begun = false;
            try {
                threads.execute(() -> {
                    try {
                        lookUnlessResting(registered, now);
                    } finally {
                        looking.remove(name);
                    }
                });
                begun = true;
            } finally {
                if (!begun) {
                    looking.remove(name);
                }
            }
        }
    }

    private void lookUnlessResting(RegisteredDatabase registered, Instant now) {
        DatabaseName name = registered.database().name();
        Instant until = restingUntil.get(name);
        // The upper bound is for a clock that was set back.
        if (until != null && now.isBefore(until) && now.isAfter(until.minus(REST_AFTER_TROUBLE))) {
            return;
        }
        restingUntil.remove(name);
        try {
            look(registered, now);
        } catch (ProblemException e) {
            LOG.log(
                    Level.WARNING,
                    "The plan of database " + name + " is looked at again in a minute: " + e.getMessage());
            restingUntil.put(name, now.plus(REST_AFTER_TROUBLE));
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "The plan of database " + name + " is looked at again in a minute", e);
            restingUntil.put(name, now.plus(REST_AFTER_TROUBLE));
        }
    }

    /** What is due while its store or source does not answer begins when it answers again, however late that is. */
    private boolean rests(RegisteredDatabase registered, Plan plan, Instant now) {
        DatabaseName name = registered.database().name();
        if (hangs.of(name, OperationKind.BACKUP).isEmpty()) {
            return false;
        }
        var _ = due(new Errand(name, Errand.Kind.BACKUP), Job.BACKUP, plan, now, _ -> true);
        var _ = due(new Errand(name, Errand.Kind.DRILL), Job.DRILL, plan, now, _ -> true);
        return true;
    }

    private void look(RegisteredDatabase registered, Instant now) {
        Plan plan = plans.of(registered).plan();
        if (rests(registered, plan, now)) {
            return;
        }
        // An ended expiry first, for it has seen nothing of a backup that ended after it.
        noteExpiry(registered, plan, now);
        boolean free =
                isFree(new Errand(registered.database().name(), Errand.Kind.BACKUP), Job.BACKUP, plan.backups(), now);
        // Before the next backup: where each takes longer than its schedule allows, expiry would never have its turn.
        expire(registered, plan, now);
        if (free) {
            backUp(registered, plan, now);
        }
        drill(registered, plan, now);
        rechecks.look(registered, plan, now);
    }

    private void backUp(RegisteredDatabase registered, Plan plan, Instant now) {
        Database database = registered.database();
        var errand = new Errand(database.name(), Errand.Kind.BACKUP);
        due(errand, Job.BACKUP, plan, now, due -> isMade(registered, due, now)).ifPresent(due -> {
            Progress progress = progress(database.name(), Job.BACKUP, plan.backups(), now);
            if (isMade(registered, due, now)) {
                store.save(database.name(), Job.BACKUP, progress.handled(due).expiry(true));
            } else if (isAnothers(registered, due)) {
                store.save(database.name(), Job.BACKUP, progress.handled(due));
            } else if (!hangs(registered)) {
                begin(errand, due, create.start(database.name().value(), Origin.AUTOMATIC, Optional.empty(), PLAN));
            }
        });
    }

    /**
     * Whether the backup of this time is there already: one that was listed just before the server was killed, or where
     * a profile has one name a day, a good one that has it, whoever made it.
     */
    private static boolean isMade(RegisteredDatabase registered, Instant due, Instant now) {
        try {
            return isThere(registered, due, now);
        } catch (ProblemException e) {
            return false; // the operation will fail for the same reason, and be heard of
        }
    }

    /** Whether the store has stopped answering during this look: then its content is unknown. */
    private boolean hangs(RegisteredDatabase registered) {
        return hangs.of(registered.database().name(), OperationKind.BACKUP).isPresent();
    }

    /** Whether another server that writes to the same store makes the backup of this time. */
    private static boolean isAnothers(RegisteredDatabase registered, Instant due) {
        try {
            boolean ours = registered.store().claim("backup-" + CLAIMED.format(due));
            if (!ours) {
                LOG.log(
                        Level.INFO,
                        "The backup of database " + registered.database().name() + " that is due at " + due
                                + " is made by another server that writes to the same place");
            }
            return !ours;
        } catch (ProblemException e) {
            return false;
        }
    }

    private static boolean isThere(RegisteredDatabase registered, Instant due, Instant now) {
        Database database = registered.database();
        List<BackupKey> names = database.naming()
                .proposals(Origin.AUTOMATIC, database.layout(), now)
                .limit(2)
                .toList();
        if (names.size() == 1
                && registered
                        .store()
                        .find(names.getFirst())
                        .filter(it -> it.verification() instanceof Verification.Passed && !it.isForeign())
                        .isPresent()) {
            return true;
        }
        return registered.store().list().stream()
                .anyMatch(it -> isFromPlan(it)
                        && !it.createdAt().isBefore(due)
                        && !it.createdAt().isAfter(now));
    }

    /**
     * Anything else is none: then the operation begins, and fails loudly if a name is in its way. What the source held
     * does not matter: the time is done with.
     */
    private static boolean isFromPlan(Backup backup) {
        return backup.origin() == Origin.AUTOMATIC
                && backup.verification() instanceof Verification.Passed
                && !backup.isForeign();
    }

    private void noteExpiry(RegisteredDatabase registered, Plan plan, Instant now) {
        DatabaseName name = registered.database().name();
        var errand = new Errand(name, Errand.Kind.EXPIRY);
        Running run = running.get(errand);
        if (run != null && ended(run).isPresent()) {
            // Also if it failed: what could not be removed is tried again after the next planned backup.
            store.save(
                    name,
                    Job.BACKUP,
                    progress(name, Job.BACKUP, plan.backups(), now).expiry(false));
            running.remove(errand);
        }
    }

    private void expire(RegisteredDatabase registered, Plan plan, Instant now) {
        DatabaseName name = registered.database().name();
        var errand = new Errand(name, Errand.Kind.EXPIRY);
        Progress progress = progress(name, Job.BACKUP, plan.backups(), now);
        if (!progress.expiryPending() || running.containsKey(errand)) {
            return;
        }
        if (plan.retention().isEmpty()) {
            store.save(name, Job.BACKUP, progress.expiry(false));
        } else {
            begin(errand, now, expire.start(name.value(), PLAN));
        }
    }

    private void drill(RegisteredDatabase registered, Plan plan, Instant now) {
        var errand = new Errand(registered.database().name(), Errand.Kind.DRILL);
        if (isFree(errand, Job.DRILL, plan.drills(), now)) {
            due(errand, Job.DRILL, plan, now, _ -> false)
                    .ifPresent(due ->
                            begin(errand, due, drill.start(errand.database().value(), PLAN)));
        }
    }

    /** Notes what has ended since. */
    private boolean isFree(Errand errand, Job job, Timetable timetable, Instant now) {
        Running run = running.get(errand);
        if (run == null) {
            return true;
        }
        Optional<OperationState> ended = ended(run);
        if (ended.isEmpty()) {
            return false;
        }
        boolean succeeded = ended.get() == OperationState.SUCCEEDED;
        Progress progress = progress(errand.database(), job, timetable, now);
        Instant handled = progress.handled().isAfter(run.due()) ? progress.handled() : run.due();
        store.save(
                errand.database(),
                job,
                progress.handled(handled)
                        .ran(run.operation())
                        .expiry(progress.expiryPending() || (succeeded && job == Job.BACKUP)));
        running.remove(errand);
        return true;
    }

    /** One that is not known any more has ended, and nobody can say how. */
    private Optional<OperationState> ended(Running run) {
        return switch (operations.find(run.operation().value())) {
            case Outcome.Done<Operation>(Operation operation) ->
                Optional.of(operation.state()).filter(OperationState::isFinal);
            case Outcome.Refused<Operation> _ -> Optional.of(OperationState.FAILED);
        };
    }

    private void begin(Errand errand, Instant due, Outcome<Operation> started) {
        switch (started) {
            case Outcome.Done<Operation>(Operation operation) -> running.put(errand, new Running(operation.id(), due));
            // It is still due when whoever is in the way has ended.
            case Outcome.Refused<Operation>(Problem.OperationInProgress _) -> {}
            case Outcome.Refused<Operation>(Problem problem) -> {
                LOG.log(
                        Level.WARNING,
                        "The planned " + errand.kind() + " of database " + errand.database() + " waits a minute: "
                                + problem.detail());
                restingUntil.put(errand.database(), clock.instant().plus(REST_AFTER_TROUBLE));
            }
        }
    }

    /**
     * The time that has come, unless it is given up because nobody looked when it did.
     *
     * @param made whether what was to be done at a time is done
     */
    private Optional<Instant> due(Errand errand, Job job, Plan plan, Instant now, Predicate<Instant> made) {
        Timetable timetable = job == Job.BACKUP ? plan.backups() : plan.drills();
        Progress progress = progress(errand.database(), job, timetable, now);
        Optional<Instant> due = DueTimes.latest(timetable, progress.handled(), now);
        due.filter(it -> !it.plus(LATE).isBefore(now)).ifPresent(it -> seen.put(errand, it));
        if (due.isPresent() && !plan.catchUp() && !due.get().equals(seen.get(errand)) && !made.test(due.get())) {
            store.save(errand.database(), job, progress.handled(due.get()));
            missed(errand, due.get(), now);
            return Optional.empty();
        }
        return due;
    }

    private void missed(Errand errand, Instant due, Instant now) {
        String text = "The " + (errand.kind() == Errand.Kind.DRILL ? "restore drill" : "backup") + " of database "
                + errand.database() + " that was due at " + due + " did not begin in time and is left out.";
        LOG.log(Level.WARNING, text);
        notices.tell(new Notification(
                Notification.Kind.MISSED, errand.database(), now, text, Optional.empty(), Optional.empty()));
    }

    /** Of this very timetable: another one, and a clock that is behind what was handled, begin again from now on. */
    private Progress progress(DatabaseName database, Job job, Timetable timetable, Instant now) {
        String text = TimetableText.of(timetable);
        Optional<Progress> kept = store.progress(database, job);
        Optional<Progress> same = kept.filter(it ->
                TimetableText.isOf(it.timetable(), timetable) && !it.handled().isAfter(now));
        if (same.filter(it -> it.timetable().equals(text)).isPresent()) {
            return same.get();
        }
        var begun = new Progress(
                text,
                same.map(Progress::handled).orElse(now),
                kept.map(Progress::expiryPending).orElse(false),
                kept.flatMap(Progress::lastRun));
        store.save(database, job, begun);
        return begun;
    }
}
