package dev.holdfast.bootstrap;

import dev.holdfast.application.location.LocationNotices;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks every few seconds whether the paths of the databases lead to where they did. */
final class LocationWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocationWatch.class);
    private static final Duration EVERY = Duration.ofSeconds(5);

    private final LocationNotices notices;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("locations").factory());

    LocationWatch(LocationNotices notices) {
        this.notices = notices;
    }

    void start() {
        var _ = thread.scheduleWithFixedDelay(this::look, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            notices.look();
        } catch (RuntimeException | Error e) {
            LOG.error("The paths of the databases could not be looked at", e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
