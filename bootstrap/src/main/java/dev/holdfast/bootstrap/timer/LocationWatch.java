package dev.holdfast.bootstrap.timer;

import dev.holdfast.application.location.LocationNotices;
import io.micronaut.scheduling.TaskScheduler;
import java.time.Duration;

/** Looks every few seconds whether the paths of the databases lead to where they did. */
public final class LocationWatch implements AutoCloseable {
    private static final Duration EVERY = Duration.ofSeconds(5);

    private final RepeatedTask task;

    public LocationWatch(TaskScheduler scheduler, LocationNotices notices) {
        task = new RepeatedTask(scheduler, EVERY, "Looking at the paths of the databases", notices::look);
    }

    public void start() {
        task.start();
    }

    @Override
    public void close() {
        task.close();
    }
}
