package dev.holdfast.bootstrap.timer;

import io.micronaut.scheduling.TaskScheduler;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task that the framework's scheduler runs at once and then with a pause after each run. Runs never overlap. The
 * scheduler only says when to look: whether something is due is a question for the server's clock.
 * See {@code docs/internals/timers.md}.
 */
public final class RepeatedTask implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RepeatedTask.class);
    private static final Duration MAX_END = Duration.ofSeconds(5);

    private final TaskScheduler scheduler;
    private final Duration pause;
    private final String name;
    private final Runnable task;
    private final Duration maxEnd;
    private final ReentrantLock running = new ReentrantLock();
    private volatile boolean closed;
    private volatile @Nullable Future<?> scheduled;

    /**
     * @param pause from the end of a run to the begin of the next
     * @param name of the task, as the subject of a log line
     */
    public RepeatedTask(TaskScheduler scheduler, Duration pause, String name, Runnable task) {
        this(scheduler, pause, name, task, MAX_END);
    }

    /** @param maxEnd how long {@link #close} waits for a run before it interrupts it */
    public RepeatedTask(TaskScheduler scheduler, Duration pause, String name, Runnable task, Duration maxEnd) {
        this.maxEnd = maxEnd;
        this.scheduler = scheduler;
        this.pause = pause;
        this.name = name;
        this.task = task;
    }

    /** Must be called at most once. */
    public void start() {
        scheduled = scheduler.scheduleWithFixedDelay(Duration.ZERO, pause, this::run);
    }

    /** Throws nothing: an exception would end the timer without a word. */
    private void run() {
        running.lock();
        try {
            if (!closed) {
                task.run();
            }
        } catch (Throwable e) {
            report(e);
        } finally {
            running.unlock();
        }
    }

    private void report(Throwable failure) {
        try {
            if (closed) {
                LOG.debug("{} was cut off by the stop", name, failure);
                return;
            }
            LOG.error("{} failed and is tried again in {} s", name, pause.toSeconds(), failure);
        } catch (Throwable _) {
            // With no memory for a line either, the next run matters more.
        }
    }

    /**
     * Ends the timer. Waits for a run that is under way, and interrupts it only if it takes too long: an interrupted thread
     * loses the files that it works on.
     */
    @Override
    public void close() {
        closed = true;
        Future<?> begun = scheduled;
        if (begun == null) {
            return;
        }
        boolean ended = false;
        try {
            ended = running.tryLock(maxEnd.toMillis(), TimeUnit.MILLISECONDS);
            if (ended) {
                running.unlock();
            } else {
                LOG.warn("{} has not ended within {} s; the stop goes on", name, maxEnd.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            begun.cancel(!ended);
        }
    }
}
