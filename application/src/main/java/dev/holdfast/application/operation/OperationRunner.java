package dev.holdfast.application.operation;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.filesystem.FileSystemCalls;
import dev.holdfast.application.filesystem.Hang;
import dev.holdfast.application.filesystem.Hangs;
import dev.holdfast.application.operation.OperationLog.Claim;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationKind.Track;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Runs operations, each on a thread of its own: of those that change a database one at a time for each database, and
 * beside it one verification; of all together at most {@link #PARALLEL}, the others wait in their first phase.
 */
public final class OperationRunner implements Operations, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(OperationRunner.class.getName());

    /** Each holds a few megabytes of buffers, and the disk gets slower with more. */
    static final int PARALLEL = 4;

    private static final Duration IDEMPOTENCY_KEPT = Duration.ofHours(24);
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);
    private static final Duration CANCEL_GRACE = Duration.ofSeconds(5);

    private final OperationLog log;
    private final InstantSource clock;
    private final Supplier<OperationId> ids;
    private final ThreadFactory threads;
    private final OperationEvents events;
    private final Duration stopGrace;
    private final Hangs hangs;

    private final Semaphore slots = new Semaphore(PARALLEL, true);

    /** Of their own: a client that sends slowly must not keep a backup waiting. */
    private final Semaphore receivingSlots = new Semaphore(PARALLEL, true);

    private final ReentrantLock startLock = new ReentrantLock();
    private final Map<Lane, OperationId> lanes = new ConcurrentHashMap<>();
    private final Map<OperationId, RunningOperation> running = new ConcurrentHashMap<>();
    private final Map<OperationId, Worker> workers = new ConcurrentHashMap<>();

    /** Those that were cancelled while a file system did not answer, and whose threads still wait for it. */
    private final Map<OperationId, Lane> abandoned = new ConcurrentHashMap<>();

    private final Map<DatabaseName, Problem> heldBack = new ConcurrentHashMap<>();
    private final RecentChanges changes;
    private volatile boolean stopping;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Nobody has cancelled these: the stop ends them. */
    private final Set<OperationId> cutOff = ConcurrentHashMap.newKeySet();

    /** What runs one at a time. */
    private record Lane(DatabaseName database, Track track) {}

    /** An operation and what its thread has taken. */
    private record Worker(RunningOperation operation, Lane lane, Slot slot) {}

    /**
     * @param ids never the same one twice
     * @param stopGrace how long {@link #close} lets operations finish before it cancels them
     */
    public OperationRunner(
            OperationLog log,
            InstantSource clock,
            Supplier<OperationId> ids,
            ThreadFactory threads,
            OperationEvents events,
            Duration stopGrace) {
        this(log, clock, ids, threads, events, stopGrace, Hangs.NONE);
    }

    /** @param hangs which file systems do not answer; see {@link #look} */
    public OperationRunner(
            OperationLog log,
            InstantSource clock,
            Supplier<OperationId> ids,
            ThreadFactory threads,
            OperationEvents events,
            Duration stopGrace,
            Hangs hangs) {
        this.hangs = hangs;
        this.log = log;
        this.clock = clock;
        this.ids = ids;
        this.threads = threads;
        this.events = events;
        this.stopGrace = stopGrace;
        this.changes = new RecentChanges(clock.millis());
    }

    /**
     * What an order has become.
     *
     * @param repeated whether an earlier order has begun it; then the task of this one is not run
     */
    public record Begun(Operation operation, boolean repeated) {}

    /** As {@link #begin}, for whom it is all one who began the operation. */
    public Outcome<Operation> start(OperationRequest order, Task task) {
        return begin(order, task).then(it -> Outcome.done(it.operation()));
    }

    /**
     * Begins the task, or says that it cannot begin now. An order that repeats an earlier one by its idempotency key
     * gets that one's operation, running or ended.
     */
    public Outcome<Begun> begin(OperationRequest order, Task task) {
        startLock.lock();
        try {
            return Outcome.attempt(() -> order.requester()
                    .idempotencyKey()
                    .map(key -> startOnce(order, key, task))
                    .orElseGet(() -> startNew(order, ids.get(), task)));
        } finally {
            startLock.unlock();
        }
    }

    /** Where the operations are recorded. */
    public OperationLog log() {
        return log;
    }

    private Outcome<Begun> startOnce(OperationRequest order, String key, Task task) {
        var now = clock.instant();
        OperationId fresh = ids.get();
        Claim claim =
                log.claim(order.requester().name(), key, order.fingerprint(), fresh, now, now.minus(IDEMPOTENCY_KEPT));
        return switch (claim) {
            case Claim.New() -> startNew(order, fresh, task);
            // Claimed and not to be found means that it could not begin then. It may now.
            case Claim.Repeated(OperationId id) ->
                lookUp(id).map(it -> Outcome.done(new Begun(it, true))).orElseGet(() -> startNew(order, id, task));
            case Claim.Conflicting() -> Outcome.refused(new Problem.IdempotencyConflict());
        };
    }

    private Outcome<Begun> startNew(OperationRequest order, OperationId id, Task task) {
        if (stopping) {
            return Outcome.refused(new Problem.StoreUnavailable("The server is stopping; ask again when it runs."));
        }
        Optional<Problem> obstacle = obstacle(order);
        if (obstacle.isPresent()) {
            return Outcome.refused(obstacle.get());
        }
        var lane = new Lane(order.database(), order.kind().track());
        OperationId occupant = lanes.get(lane);
        if (occupant != null) {
            return Outcome.refused(new Problem.OperationInProgress(order.database(), occupant));
        }
        Operation first = Operation.started(
                id,
                order.kind(),
                order.database(),
                order.subject(),
                order.requester().name(),
                clock.instant());
        saveBeginning(first);
        var operation = new RunningOperation(first, clock, log::save, changes::add);
        changes.add(first);
        lanes.put(lane, id);
        running.put(id, operation);
        boolean begun = false;
        try {
            var worker = new Worker(operation, lane, new Slot(slotsOf(order.kind())));
            workers.put(id, worker);
            Thread thread = threads.newThread(() -> run(worker, task));
            thread.setName("operation-" + id);
            thread.start();
            begun = true;
        } finally {
            if (!begun) {
                workers.remove(id);
                end(operation, lane, failed(first, new Problem.Internal(new IllegalStateException("no thread"))));
            }
        }
        return Outcome.done(new Begun(first, false));
    }

    /** An operation whose beginning cannot be recorded fails. That is reported as any other failure. */
    private void saveBeginning(Operation first) {
        try {
            log.save(first);
        } catch (RuntimeException e) {
            Problem problem = e instanceof ProblemException known ? known.problem() : new Problem.Internal(e);
            try {
                events.ended(failed(first, problem));
            } catch (RuntimeException reporting) {
                e.addSuppressed(reporting); // where nothing can be recorded, a notification may not be either
            }
            throw e;
        }
    }

    /** Why no operation of the database may begin now. */
    private Optional<Problem> obstacle(OperationRequest order) {
        return Optional.ofNullable(heldBack.get(order.database()))
                .or(() -> abandoned.entrySet().stream()
                        .filter(it -> it.getValue().database().equals(order.database()))
                        .map(Map.Entry::getKey)
                        .findAny()
                        .map(id -> stillWaiting(order, id)));
    }

    /** A thread that wakes up late must not find another operation next to it. */
    private Problem stillWaiting(OperationRequest order, OperationId id) {
        Optional<Hang> hang = hangs.of(order.database(), order.kind());
        String detail = "Operation " + id + " of database " + order.database()
                + " was cancelled while a file system did not answer, and its last call to it has not returned. Until it"
                + " has, no other operation of this database begins. Look after the disk, the mount or the network"
                + " server, then ask again; if the mount was replaced meanwhile, restart the server."
                + hang.map(it -> " " + it.text()).orElse("");
        boolean isStore = hang.map(Hang::problem)
                .filter(Problem.StoreUnavailable.class::isInstance)
                .isPresent();
        return isStore ? new Problem.StoreUnavailable(detail) : new Problem.SourceBusy(detail);
    }

    /** Lets no operation of the database begin until {@link #release}: each is refused with the problem. */
    public void holdBack(DatabaseName database, Problem problem) {
        heldBack.put(database, problem);
    }

    /** Lets operations of the database begin. */
    public void release(DatabaseName database) {
        heldBack.remove(database);
    }

    /** Returns why no operation of the database begins; empty if it is not held back. */
    public Optional<Problem> heldBack(DatabaseName database) {
        return Optional.ofNullable(heldBack.get(database));
    }

    /** Returns the number of threads of cancelled operations that still wait for a file system. */
    public int abandoned() {
        return abandoned.size();
    }

    private void run(Worker worker, Task task) {
        RunningOperation operation = worker.operation();
        Ending ending = work(worker, task);
        worker.slot().end();
        workers.remove(operation.current().id());
        if (operation.beginEnd()) {
            end(operation, worker.lane(), ending.of(operation.current()));
        } else {
            awoke(operation, ending);
        }
    }

    /** How the work has ended: what an operation becomes. */
    private interface Ending {
        Operation of(Operation now);
    }

    /** With success. */
    private record Success(Result result, InstantSource clock) implements Ending {
        @Override
        public Operation of(Operation now) {
            return now.succeeded(result, clock.instant());
        }
    }

    /** What came of it after all is recorded; otherwise it ended when it was cancelled. */
    private void awoke(RunningOperation operation, Ending ending) {
        OperationId id = operation.current().id();
        try {
            if (operation.awaitEnd(CANCEL_GRACE) && ending instanceof Success) {
                endAnew(ending.of(operation.current()));
            }
            LOG.log(Level.INFO, "The thread of operation " + id + ", which was cancelled, waits no longer");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            abandoned.remove(id);
        }
    }

    /**
     * Looks which operations wait for a file system that does not answer: they lend their slots, say what they wait for,
     * and end if they were cancelled. To be called about once a second. Waits for nothing.
     */
    public void look() {
        workers.values().forEach(this::look);
    }

    private void look(Worker worker) {
        if (!worker.slot().isWorking()) {
            return; // its thread looks itself
        }
        Operation now = worker.operation().current();
        Optional<Hang> hang = hangs.of(now.database(), now.kind());
        if (hang.isEmpty()) {
            worker.slot().regain();
        } else {
            worker.slot().lend();
            endIfCancelled(worker);
        }
        worker.operation().waitFor(hang.map(Hang::text));
    }

    /** Frees the lane, but for the thread that waits. */
    private void endIfCancelled(Worker worker) {
        RunningOperation operation = worker.operation();
        if (!operation.abandon()) {
            return;
        }
        worker.slot().end();
        Operation now = operation.current();
        abandoned.put(now.id(), worker.lane());
        end(operation, worker.lane(), ended(now));
        if (!workers.containsKey(now.id())) {
            abandoned.remove(now.id());
        }
    }

    /** Whatever fails here, the lane is free afterwards and whoever waits is told. */
    private void end(RunningOperation operation, Lane lane, Operation ended) {
        boolean kept = false;
        try {
            kept = keep(ended);
            events.ended(ended);
        } finally {
            // First free the lane, then tell: whoever waited for the end may begin the next one.
            lanes.remove(lane, ended.id());
            operation.change(it -> ended);
            if (kept) {
                running.remove(ended.id());
            }
        }
    }

    /** Tells and keeps that one that had ended has come to another end since. */
    public void endAnew(Operation ended) {
        if (keep(ended)) {
            running.remove(ended.id()); // where its first end could not be kept
        }
        events.ended(ended);
        changes.add(ended.withRevision(ended.revision() + 1));
    }

    /** Does the work and says how it ended. */
    private Ending work(Worker worker, Task task) {
        try {
            return switch (inSlot(worker, task)) {
                case Outcome.Done<Result>(Result result) -> new Success(result, clock);
                case Outcome.Refused<Result>(Problem problem) -> now -> failed(now, problem);
            };
        } catch (CancelledException e) {
            return this::ended;
        } catch (ProblemException e) {
            LOG.log(Level.DEBUG, "operation " + worker.operation().current().id(), e);
            return now -> failed(now, e.problem());
        } catch (Exception | Error e) {
            return now -> failed(now, new Problem.Internal(e));
        }
    }

    /** As it ends that was cancelled. */
    private Operation ended(Operation cancelled) {
        return cutOff.contains(cancelled.id())
                ? cancelled.failed(Failure.interrupted(cancelled.kind()), clock.instant())
                : cancelled.cancelled(clock.instant());
    }

    /**
     * The work is done or undone whether or not its end can be written down. If it cannot, it stays known in memory;
     * after a restart it will read as interrupted.
     */
    private boolean keep(Operation ended) {
        try {
            log.save(ended.withRevision(ended.revision() + 1));
            return true;
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "The end of operation " + ended.id() + " could not be kept: " + ended.state(), e);
            return false;
        }
    }

    private Semaphore slotsOf(OperationKind kind) {
        return kind.track() == Track.RECEIVING ? receivingSlots : slots;
    }

    private Outcome<Result> inSlot(Worker worker, Task task) throws Exception {
        awaitSlot(worker);
        return FileSystemCalls.waiting(() -> task.run(worker.operation()));
    }

    /** An operation whose file system does not answer does not begin, and takes no slot meanwhile. */
    private void awaitSlot(Worker worker) throws InterruptedException {
        RunningOperation operation = worker.operation();
        Operation now = operation.current();
        while (true) {
            operation.checkCancelled();
            Optional<Hang> hang = hangs.of(now.database(), now.kind());
            if (hang.isPresent()) {
                operation.waitFor(hang.map(Hang::text));
                TimeUnit.NANOSECONDS.sleep(LOOK_EVERY.toNanos());
            } else if (worker.slot().await(LOOK_EVERY)) {
                operation.waitFor(Optional.empty());
                operation.checkCancelled();
                return;
            } else {
                operation.waitFor(Optional.of(queue(worker)));
            }
        }
    }

    /** Why one that is queued waits. */
    private String queue(Worker queued) {
        String ahead = workers.values().stream()
                .filter(it -> it.slot().isWorking() && it.slot().isOfThoseOf(queued.slot()))
                .map(it -> it.operation().current())
                .filter(it -> it.waitingFor().isEmpty())
                .map(it -> it.kind().name().toLowerCase(Locale.ROOT) + " of database " + it.database())
                .sorted()
                .collect(Collectors.joining(", "));
        return "At most " + PARALLEL + " operations run at a time; this one begins when one of them ends: " + ahead
                + ".";
    }

    private Operation failed(Operation operation, Problem problem) {
        String message = operation.kind() + " of database " + operation.database() + " failed, operation "
                + operation.id() + ": " + problem.code().id() + ": " + problem.detail();
        if (problem instanceof Problem.Internal(Throwable cause)) {
            LOG.log(Level.ERROR, message, cause);
        } else {
            LOG.log(Level.WARNING, message);
        }
        return operation.failed(Failure.of(problem), clock.instant());
    }

    private Optional<Operation> lookUp(OperationId id) {
        return Optional.ofNullable(running.get(id))
                .map(RunningOperation::current)
                .or(() -> log.find(id));
    }

    @Override
    public Outcome<Operation> find(String id) {
        return Outcome.attempt(() -> known(id).map(Outcome::done).orElseGet(() -> unknown(id)));
    }

    private Optional<Operation> known(String id) {
        return OperationId.isValid(id) ? lookUp(new OperationId(id)) : Optional.empty();
    }

    private static <T> Outcome<T> unknown(String id) {
        return Outcome.refused(new Problem.OperationNotFound(id));
    }

    /** A page token is the id of the last operation on the page before. */
    @Override
    public Outcome<Page> list(OperationLog.Filter filter, int pageSize, String pageToken) {
        if (pageSize < 0) {
            return Outcome.refused(new Problem.InvalidArgument("page_size", "page_size: expected 0 or more"));
        }
        return Outcome.attempt(() -> {
            Optional<Operation> after = known(pageToken);
            if (after.isEmpty() && !pageToken.isEmpty()) {
                return Outcome.refused(
                        new Problem.InvalidArgument("page_token", "page_token: expected one from the page before"));
            }
            int size = pageSize == 0 ? DEFAULT_PAGE : Math.min(pageSize, LARGEST_PAGE);
            List<Operation> found = log.list(filter, after, size + 1);
            List<Operation> page = found.stream()
                    .limit(size)
                    .map(it -> lookUp(it.id()).orElse(it))
                    .toList();
            return Outcome.done(
                    new Page(page, found.size() > size ? page.getLast().id().value() : ""));
        });
    }

    @Override
    public Outcome<Operation> cancel(String id) {
        return Outcome.attempt(
                () -> known(id).map(it -> Outcome.done(requestCancel(it))).orElseGet(() -> unknown(id)));
    }

    private Operation requestCancel(Operation operation) {
        RunningOperation found = running.get(operation.id());
        if (found == null) {
            return lookUp(operation.id()).orElse(operation);
        }
        found.requestCancel();
        Worker worker = workers.get(operation.id());
        if (worker != null) {
            look(worker);
        }
        return found.current();
    }

    @Override
    public Optional<Operation> awaitChange(OperationId id, long revision, Duration atMost) throws InterruptedException {
        RunningOperation found = running.get(id);
        return found == null
                ? log.find(id).filter(it -> it.revision() > revision)
                : found.awaitChange(revision, atMost);
    }

    @Override
    public Operation awaitEnd(OperationId id) throws InterruptedException {
        RunningOperation found = running.get(id);
        return found == null
                ? log.find(id).orElseThrow(() -> new IllegalStateException("operation " + id + " is not kept"))
                : found.awaitEnd();
    }

    @Override
    public Changes awaitChanges(Optional<DatabaseName> database, String position, Duration atMost)
            throws InterruptedException {
        return changes.await(database, position, atMost);
    }

    /** How many of a kind run now. */
    public long running(OperationKind kind) {
        return running.values().stream()
                .map(RunningOperation::current)
                .filter(it -> it.kind() == kind && !it.state().isFinal())
                .count();
    }

    /**
     * Takes no new orders, lets running operations finish for a while, then ends them as interrupted. Closing again
     * waits for nothing: what has not ended by then will not.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        refuseNewOrders();
        try {
            if (!allEndedWithin(stopGrace)) {
                running.values().stream()
                        .map(RunningOperation::current)
                        .filter(it -> !it.cancelRequested())
                        .map(Operation::id)
                        .forEach(cutOff::add);
                running.values().forEach(RunningOperation::requestCancel);
                look();
                if (!allEndedWithin(CANCEL_GRACE)) {
                    LOG.log(
                            Level.WARNING,
                            "Operations still run at the stop and will read as interrupted: " + running.keySet());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void refuseNewOrders() {
        startLock.lock();
        try {
            stopping = true;
        } finally {
            startLock.unlock();
        }
    }

    private boolean allEndedWithin(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        for (RunningOperation operation : List.copyOf(running.values())) {
            if (!operation.awaitEnd(Duration.ofNanos(end - System.nanoTime()))) {
                return false;
            }
        }
        return true;
    }
}
