package dev.holdfast.application.filesystem;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Calls into one file system that may hang. A call runs on one of a few threads, and its caller stops waiting as soon as
 * the file system does not answer a probe either: slow is not hung. Until the file system answers, later calls fail at
 * once. A call on an operation's own thread runs on that thread and waits as long as it takes: the operation's runner
 * watches it. Safe for use by several threads. See {@code docs/internals/hung-file-systems.md}.
 */
public final class FileSystemCalls {
    /** Bound on the thread of an operation, which may wait for a file system as long as it takes. */
    private static final ScopedValue<Boolean> WAITS = ScopedValue.newInstance();

    private static final Duration IDLE = Duration.ofSeconds(1);

    /** Probes that have not returned, each of another mount at the same place. */
    private static final int MAX_PROBES = 4;

    private final String name;
    private final Runnable look;
    private final BiFunction<Instant, Boolean, Problem> refusal;
    private final CallLimits limits;
    private final InstantSource clock;
    private final Runnable slow;
    private final BooleanSupplier alsoHangs;
    private final ThreadPoolExecutor callers;
    private final Executor probers;
    private final RepeatedProbes repeated;

    // Guarded by this.
    private final Set<Probe> probing = new HashSet<>();
    private final List<Probe> unanswered = new ArrayList<>();
    private final List<Call<?>> abandoned = new ArrayList<>();

    private static final class Probe {
        private final Instant at;
        private final long nanos;
        private boolean answered;

        Probe(Instant at, long nanos) {
            this.at = at;
            this.nanos = nanos;
        }
    }

    /**
     * @param name for threads, and for the place in a message: {@code the backup directory /srv/backups}
     * @param look looks at the file system and changes nothing; a failure is an answer
     * @param refusal what a call fails with: since when there was no answer, and whether this call may still change
     *     something
     * @param probers runs each probe on a thread of its own at once; at most {@value #MAX_PROBES} of them wait
     * @param repeated limits probes of all places that hang already
     * @param slow is called, on a caller's thread, whenever a call takes longer than usual
     * @param alsoHangs whether another file system does not answer that a call may lead to, over a link for example
     */
    public FileSystemCalls(
            String name,
            Runnable look,
            BiFunction<Instant, Boolean, Problem> refusal,
            CallLimits limits,
            InstantSource clock,
            Executor probers,
            RepeatedProbes repeated,
            Runnable slow,
            BooleanSupplier alsoHangs) {
        this.name = name;
        this.look = look;
        this.refusal = refusal;
        this.limits = limits;
        this.clock = clock;
        this.slow = slow;
        this.alsoHangs = alsoHangs;
        this.probers = probers;
        this.repeated = repeated;
        callers = new ThreadPoolExecutor(
                limits.threads(),
                limits.threads(),
                IDLE.toMillis(),
                TimeUnit.MILLISECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name(name + " ", 1).factory());
        callers.allowCoreThreadTimeOut(true);
    }

    /** Runs work on this thread so that its calls wait as long as they take, and use no other thread. */
    public static <T> T waiting(ScopedValue.CallableOp<T, Exception> work) throws Exception {
        return ScopedValue.where(WAITS, true).call(work);
    }

    /** Returns whether calls on this thread wait as long as they take. */
    public static boolean isWaiting() {
        return WAITS.isBound();
    }

    /**
     * Makes a call that changes nothing.
     *
     * @throws ProblemException with the refusal if the file system hangs; whatever {@code work} throws otherwise
     */
    public <T> T read(Supplier<T> work) {
        return call(work, false, _ -> {});
    }

    /** As {@link #read}, also on the thread of an operation: for what it can do without. */
    public <T> T readAtOnce(Supplier<T> work) {
        return bounded(work, false, _ -> {});
    }

    /**
     * Opens something.
     *
     * @param close gives back what comes after its caller has stopped waiting
     * @throws ProblemException as {@link #read} does
     */
    public <T> T open(Supplier<T> work, Consumer<? super T> close) {
        return call(work, false, close);
    }

    /**
     * Makes a call that changes something. If the file system hangs, the change may still happen when it answers again.
     * Until then every other call fails.
     *
     * @throws ProblemException as {@link #read} does
     */
    public <T> T change(Supplier<T> work) {
        return call(work, true, _ -> {});
    }

    /** Closes something, in any case: without waiting for it if the file system hangs. */
    public void close(Runnable close) {
        if (isWaiting()) {
            close.run();
            return;
        }
        var call = new Call<>(
                () -> {
                    close.run();
                    return true;
                },
                false,
                _ -> {},
                clock.instant());
        callers.execute(call);
        try {
            if (hungSince().isEmpty()) {
                call.get(limits.beforeProbe().toNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (TimeoutException | ExecutionException _) {
            // Nothing depends on it.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private <T> T call(Supplier<T> work, boolean changing, Consumer<? super T> close) {
        return isWaiting() ? work.get() : bounded(work, changing, close);
    }

    private <T> T bounded(Supplier<T> work, boolean changing, Consumer<? super T> close) {
        hungSince().ifPresent(since -> {
            throw new ProblemException(refusal.apply(since, false));
        });
        var call = new Call<>(work, changing, close, clock.instant());
        callers.execute(call);
        return await(call);
    }

    private final class Call<T> extends FutureTask<T> {
        private final boolean changing;
        private final Consumer<? super T> close;
        private final Instant at;
        private final long nanos = System.nanoTime();

        // Guarded by the outer object.
        private boolean begun;
        private boolean hung;
        private boolean abandoned;

        Call(Supplier<T> work, boolean changing, Consumer<? super T> close, Instant at) {
            super(work::get);
            this.changing = changing;
            this.close = close;
            this.at = at;
        }

        @Override
        public void run() {
            if (begin(this)) {
                super.run();
                if (returned(this) && state() == State.SUCCESS) {
                    close.accept(resultNow());
                }
            }
        }
    }

    private <T> T await(Call<T> call) {
        try {
            while (true) {
                try {
                    return call.get(limits.beforeProbe().toNanos(), TimeUnit.NANOSECONDS);
                } catch (TimeoutException _) {
                    slow.run();
                    if ((isOverdue(call) || !answers()) && abandon(call, true)) {
                        throw refused(call);
                    }
                }
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException known -> throw known;
                case Error error -> throw error;
                case null, default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abandon(call, false);
            throw refused(call);
        }
    }

    private boolean isOverdue(Call<?> call) {
        return isOlder(call.nanos, limits.call())
                || (isOlder(call.nanos, limits.beforeProbe().plus(limits.probe())) && alsoHangs.getAsBoolean());
    }

    private synchronized ProblemException refused(Call<?> call) {
        return new ProblemException(refusal.apply(call.at, call.changing && call.begun));
    }

    private synchronized boolean begin(Call<?> call) {
        call.begun = !call.abandoned;
        return call.begun;
    }

    /** A call that has not begun never will; one that has begun is waited for by its own thread alone. */
    private synchronized boolean abandon(Call<?> call, boolean hung) {
        if (call.isDone()) {
            return false;
        }
        call.abandoned = true;
        call.hung = hung;
        if (call.begun) {
            abandoned.add(call);
        } else {
            callers.remove(call);
        }
        return true;
    }

    /** @return whether its caller has stopped waiting */
    private synchronized boolean returned(Call<?> call) {
        abandoned.remove(call);
        return call.abandoned;
    }

    /**
     * Begins a probe unless one is under way. Waits for nothing. A probe that gets no thread was not made: the file system
     * is not known to hang because of it, so calls are made and waited for, and the next probe is tried.
     */
    public void probe() {
        var _ = begunProbe();
    }

    private synchronized Optional<Probe> begunProbe() {
        if (!unanswered.isEmpty()) {
            Probe newest = unanswered.getLast();
            if (unanswered.size() >= MAX_PROBES || !isOlder(newest.nanos, repeated.after())) {
                return Optional.of(unanswered.getFirst());
            }
        }
        if (probing.size() == MAX_PROBES) {
            return unanswered.stream().findFirst(); // all of mounts that are gone
        }
        var probe = new Probe(clock.instant(), System.nanoTime());
        if (!unanswered.isEmpty() && !repeated.begin(probe)) {
            return unanswered.stream().findFirst();
        }
        unanswered.add(probe);
        probing.add(probe);
        try {
            probers.execute(() -> look(probe));
        } catch (RuntimeException | Error _) { // there is no thread for it, which says nothing of the file system
            ended(probe);
            unanswered.remove(probe);
        }
        return unanswered.stream().findFirst();
    }

    private void look(Probe probe) {
        try {
            look.run();
        } catch (RuntimeException _) {
            // An answer as well.
        } finally {
            answered(probe);
        }
    }

    private synchronized void ended(Probe probe) {
        probing.remove(probe);
        repeated.ended(probe);
    }

    /** Those before it are of a mount that has been replaced. */
    private synchronized void answered(Probe probe) {
        ended(probe);
        int at = unanswered.indexOf(probe);
        if (at >= 0) {
            List<Probe> answered = unanswered.subList(0, at + 1);
            answered.forEach(it -> it.answered = true);
            answered.clear();
        }
        notifyAll();
    }

    private synchronized boolean answers() {
        Optional<Probe> probe = begunProbe();
        if (probe.isEmpty()) {
            return true;
        }
        try {
            while (!probe.get().answered) {
                long left = probe.get().nanos + limits.probe().toNanos() - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Returns since when the file system has not answered; empty if it answers, as far as is known. Waits for nothing. */
    public synchronized Optional<Instant> hungSince() {
        Optional<Instant> probed = unanswered.stream()
                .findFirst()
                .filter(it -> isOlder(it.nanos, limits.probe()))
                .map(it -> it.at);
        Optional<Instant> called = abandoned.stream()
                .filter(it -> it.hung || isOlder(it.nanos, limits.call()))
                .filter(it -> it.changing || !isOlder(it.nanos, limits.forgiven()))
                .map(it -> it.at)
                .min(Comparator.naturalOrder());
        return probed.isPresent() && called.isPresent() && called.get().isBefore(probed.get())
                ? called
                : probed.or(() -> called);
    }

    /** Returns the number of threads that wait for the file system, or did a moment ago. */
    public synchronized int threads() {
        return callers.getPoolSize() + probing.size();
    }

    private static boolean isOlder(long nanos, Duration age) {
        return System.nanoTime() - nanos > age.toNanos();
    }

    @Override
    public String toString() {
        return name;
    }
}
