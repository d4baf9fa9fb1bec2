package dev.holdfast.notify.webhook;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** How long to wait before each further attempt. */
final class Backoff {
    private static final List<Duration> DELAYS = List.of(
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofMinutes(2),
            Duration.ofMinutes(10));

    /** Attempts in all, the first one counted. */
    static final int ATTEMPTS = DELAYS.size() + 1;

    /** Four fifths of the delay at least: many servers that lost one receiver must not all come back at once. */
    private static final double LEAST = 0.8;

    private final RandomGenerator random;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** @param failed how many attempts have failed; 1 to {@link #ATTEMPTS} - 1 */
    Duration after(int failed) {
        double share = LEAST + random.nextDouble() * 2 * (1 - LEAST);
        return Duration.ofMillis(Math.round(DELAYS.get(failed - 1).toMillis() * share));
    }
}
