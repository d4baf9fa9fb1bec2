package dev.holdfast.application.filesystem;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** A file system that answers until it is frozen, with short limits. */
final class FrozenFileSystem {
    static final int THREADS = 2;
    static final CallLimits SHORT = new CallLimits(
            Duration.ofMillis(5), Duration.ofMillis(20), Duration.ofMinutes(1), Duration.ofMinutes(1), THREADS);

    /** For tests whose calls must begin before the file system is taken to hang, also on a busy machine. */
    static final CallLimits LONGER = new CallLimits(
            Duration.ofMillis(5), Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofMinutes(1), THREADS);

    /** For tests in which the file system does not hang, however late a busy machine runs a probe. */
    static final CallLimits PATIENT = new CallLimits(
            Duration.ofMillis(5), Duration.ofSeconds(20), Duration.ofMinutes(1), Duration.ofMinutes(1), THREADS);

    final AtomicInteger probes = new AtomicInteger();
    final FileSystemCalls calls;
    private volatile CountDownLatch thawed = new CountDownLatch(0);

    FrozenFileSystem(CallLimits limits) {
        this(limits, Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory()));
    }

    FrozenFileSystem(CallLimits limits, Executor probers) {
        this(limits, probers, new RepeatedProbes(() -> "unchanged"));
    }

    FrozenFileSystem(CallLimits limits, Executor probers, RepeatedProbes repeated) {
        calls = new FileSystemCalls(
                "frozen",
                () -> {
                    probes.incrementAndGet();
                    waitUntilThawed();
                },
                (since, mayChange) -> new Problem.StoreUnavailable(mayChange ? "may still happen" : "nothing happens"),
                limits,
                InstantSource.system(),
                probers,
                repeated,
                () -> {},
                () -> false);
    }

    void freeze() {
        thawed = new CountDownLatch(1);
    }

    void thaw() {
        thawed.countDown();
    }

    /** As a call of the system that does not return. */
    boolean waitUntilThawed() {
        boolean interrupted = false;
        while (true) {
            try {
                thawed.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return true;
    }

    /** Returns whether a call is made and answered. */
    boolean answers() {
        try {
            return calls.read(() -> true);
        } catch (ProblemException e) {
            return false;
        }
    }

    static void until(BooleanSupplier isSo) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!isSo.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not so within 20 s");
            }
            Thread.onSpinWait();
        }
    }
}
