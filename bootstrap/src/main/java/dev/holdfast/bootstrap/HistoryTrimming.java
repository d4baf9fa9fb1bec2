package dev.holdfast.bootstrap;

import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.bootstrap.settings.Settings.History;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes operations that the history does not keep: at the start, then once an hour. */
final class HistoryTrimming implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HistoryTrimming.class);
    private static final Duration STEP = Duration.ofHours(1);
    private static final Duration LONGEST_END = Duration.ofSeconds(10);

    private final OperationLog log;
    private final History history;
    private final InstantSource clock;

    /** A daemon, as SQLite holds the thread that carries it; see the runner's. */
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("history").factory());

    HistoryTrimming(OperationLog log, History history, InstantSource clock) {
        this.log = log;
        this.history = history;
        this.clock = clock;
    }

    /** To be called once. */
    void start() {
        // Nothing to ask it for: what fails is told by the task itself.
        var _ = timer.scheduleWithFixedDelay(this::trim, 0, STEP.toSeconds(), TimeUnit.SECONDS);
    }

    /** What fails is told and tried again in an hour; thrown, it would end the timer silently. */
    private void trim() {
        try {
            int removed = log.trim(clock.instant().minus(history.keep()), history.keepCount());
            if (removed > 0) {
                LOG.info("removed {} old operations from the history", removed);
            }
        } catch (RuntimeException e) {
            LOG.warn("the history of operations could not be trimmed; it is tried again in an hour", e);
        }
    }

    /** Waits for a removal that is under way. */
    @Override
    public void close() {
        timer.shutdownNow();
        try {
            if (!timer.awaitTermination(LONGEST_END.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn("trimming the history has not ended");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
