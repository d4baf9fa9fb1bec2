package dev.holdfast.grpc.service;

import java.time.Duration;

/** How long clients may send nothing in the middle of a stream: less once the server stops. */
public final class IdleTimeout {
    private static final Duration AT_THE_STOP = Duration.ofSeconds(3);

    private volatile Duration atMost;

    public IdleTimeout(Duration atMost) {
        this.atMost = atMost;
    }

    Duration atMost() {
        return atMost;
    }

    /** What flows goes on; what stands still is not waited for. */
    public void shorten() {
        if (atMost.compareTo(AT_THE_STOP) > 0) {
            atMost = AT_THE_STOP;
        }
    }

    /** Nothing is waited for any more. */
    public void end() {
        atMost = Duration.ZERO;
    }
}
