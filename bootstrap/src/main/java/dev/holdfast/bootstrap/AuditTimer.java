package dev.holdfast.bootstrap;

import dev.holdfast.application.audit.AuditLog;
import dev.holdfast.application.audit.AuditTrail;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes once a second what the audit counts, and removes once an hour what is too old for it. */
final class AuditTimer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AuditTimer.class);
    private static final Duration FLUSH = Duration.ofSeconds(1);
    private static final Duration TRIM = Duration.ofHours(1);
    private static final Duration LONGEST_END = Duration.ofSeconds(10);

    private final AuditTrail trail;
    private final AuditLog log;
    private final InstantSource clock;

    /** A daemon, as SQLite holds the thread that carries it; see the runner's. */
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("audit").factory());

    AuditTimer(AuditTrail trail, AuditLog log, InstantSource clock) {
        this.trail = trail;
        this.log = log;
        this.clock = clock;
    }

    /** To be called once. */
    void start() {
        // The tasks log their own failures.
        var _ = timer.scheduleWithFixedDelay(trail::flush, 0, FLUSH.toMillis(), TimeUnit.MILLISECONDS);
        var _ = timer.scheduleWithFixedDelay(this::trim, 0, TRIM.toSeconds(), TimeUnit.SECONDS);
    }

    /** Logs a failure and tries again in an hour; an exception would end the timer silently. */
    private void trim() {
        try {
            log.trim(clock.instant());
        } catch (RuntimeException e) {
            LOG.warn("The audit could not be trimmed; it is tried again in an hour", e);
        }
    }

    /** Writes what is left. */
    @Override
    public void close() {
        timer.shutdownNow();
        try {
            if (!timer.awaitTermination(LONGEST_END.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn("writing the audit has not ended");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        trail.flush();
    }
}
