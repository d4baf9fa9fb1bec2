package dev.holdfast.bootstrap.timer;

import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.bootstrap.settings.Settings.History;
import io.micronaut.scheduling.TaskScheduler;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes operations that the history does not keep: at the start, then once an hour. */
public final class HistoryTrimming implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HistoryTrimming.class);
    private static final Duration EVERY = Duration.ofHours(1);

    private final OperationLog log;
    private final History history;
    private final InstantSource clock;
    private final RepeatedTask task;

    public HistoryTrimming(TaskScheduler scheduler, OperationLog log, History history, InstantSource clock) {
        this.log = log;
        this.history = history;
        this.clock = clock;
        task = new RepeatedTask(scheduler, EVERY, "Trimming the history of operations", this::trim);
    }

    public void start() {
        task.start();
    }

    private void trim() {
        int removed = log.trim(clock.instant().minus(history.keep()), history.keepCount());
        if (removed > 0) {
            LOG.info("removed {} old operations from the history", removed);
        }
    }

    /** Waits for a removal that is under way. */
    @Override
    public void close() {
        task.close();
    }
}
