package dev.holdfast.application.operation;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The right of one operation to work, which it lends to others while it waits for a file system. Thread-safe. */
final class Slot {
    private final Semaphore slots;
    private boolean held;
    private boolean begun;
    private boolean ended;

    Slot(Semaphore slots) {
        this.slots = slots;
    }

    /** Waits for the right to begin. Returns whether it came in time. */
    boolean await(Duration atMost) throws InterruptedException {
        if (!slots.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
            return false;
        }
        synchronized (this) {
            held = true;
            begun = true;
        }
        return true;
    }

    boolean isOfThoseOf(Slot other) {
        return slots == other.slots;
    }

    /** Whether the operation has begun to work and has not ended. */
    synchronized boolean isWorking() {
        return begun && !ended;
    }

    /** Lets another operation work meanwhile. */
    synchronized void lend() {
        if (held) {
            held = false;
            slots.release();
        }
    }

    /** Takes the right back if it is free. Otherwise the operation goes on without it: it may hold locks. */
    synchronized void regain() {
        if (begun && !held && !ended) {
            held = slots.tryAcquire();
        }
    }

    /** Gives the right back for good. */
    synchronized void end() {
        ended = true;
        lend();
    }
}
