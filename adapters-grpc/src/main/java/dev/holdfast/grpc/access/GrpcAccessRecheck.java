package dev.holdfast.grpc.access;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Whether who makes a call may still make it: looked at again and again, as long as a stream lasts. */
public final class GrpcAccessRecheck {
    public static final Duration EVERY = Duration.ofSeconds(30);

    private final Runnable check;
    private final InstantSource clock;
    private Instant next;

    /** @param check throws what the call is to be ended with */
    GrpcAccessRecheck(Runnable check, InstantSource clock) {
        this.check = check;
        this.clock = clock;
        this.next = clock.instant().plus(EVERY);
    }

    /** Looks if the last time is long enough ago. */
    public synchronized void look() {
        Instant now = clock.instant();
        if (!now.isBefore(next)) {
            next = now.plus(EVERY);
            check.run();
        }
    }
}
