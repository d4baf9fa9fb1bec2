package dev.holdfast.sqlite.io;

import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.ProgressMonitor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The end of a bounded wait, by the clock that nobody sets. */
public final class Deadline {
    private static final long PAUSE_MILLIS = 5;

    private final Duration allowed;
    private final long start = System.nanoTime();

    private Deadline(Duration allowed) {
        this.allowed = allowed;
    }

    public static Deadline in(Duration allowed) {
        return new Deadline(allowed);
    }

    /** As long as this one was, from now on. */
    public Deadline restarted() {
        return new Deadline(allowed);
    }

    public boolean passed() {
        return System.nanoTime() - start >= allowed.toNanos();
    }

    /** At least 1, so that a last attempt is made. */
    public int millisLeft() {
        long left = allowed.toNanos() - (System.nanoTime() - start);
        return Math.clamp(TimeUnit.NANOSECONDS.toMillis(left), 1, Integer.MAX_VALUE);
    }

    /** Waits a few milliseconds before another attempt. */
    public void pause(ProgressMonitor work) {
        work.checkCancelled();
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancelledException();
        }
    }

    /** For messages: {@code 5.0 s}. */
    public String allowed() {
        return allowed.toMillis() / 1000 + "." + allowed.toMillis() % 1000 / 100 + " s";
    }
}
