package dev.holdfast.notify.webhook;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How time passes between two attempts. */
@FunctionalInterface
interface Pause {
    Pause REAL = (closing, duration) -> closing.await(duration.toNanos(), TimeUnit.NANOSECONDS);

    /** Returns after {@code duration}, or as soon as {@code closing} is at 0. @return whether it is at 0 */
    boolean endedBy(CountDownLatch closing, Duration duration) throws InterruptedException;
}
