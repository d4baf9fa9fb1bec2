package dev.holdfast.bootstrap.timer;

import dev.holdfast.application.audit.AuditLog;
import dev.holdfast.application.audit.AuditTrail;
import io.micronaut.scheduling.TaskScheduler;
import java.time.Duration;
import java.time.InstantSource;

/** Writes once a second what the audit counts, and removes once an hour what is too old for it. */
public final class AuditTimer implements AutoCloseable {
    private static final Duration FLUSH = Duration.ofSeconds(1);
    private static final Duration TRIM = Duration.ofHours(1);

    private final AuditTrail trail;
    private final RepeatedTask flushing;
    private final RepeatedTask trimming;

    public AuditTimer(TaskScheduler scheduler, AuditTrail trail, AuditLog log, InstantSource clock) {
        this.trail = trail;
        flushing = new RepeatedTask(scheduler, FLUSH, "Writing the audit", trail::flush);
        trimming = new RepeatedTask(scheduler, TRIM, "Trimming the audit", () -> log.trim(clock.instant()));
    }

    public void start() {
        flushing.start();
        trimming.start();
    }

    /** Writes what is left. */
    @Override
    public void close() {
        trimming.close();
        flushing.close();
        trail.flush();
    }
}
