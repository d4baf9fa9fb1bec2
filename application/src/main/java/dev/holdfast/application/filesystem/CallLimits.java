package dev.holdfast.application.filesystem;

import java.time.Duration;

/**
 * How long calls into one file system may take, and how many threads may wait for it.
 *
 * @param beforeProbe the time for which a call is waited for before a probe finds out whether the file system answers
 * @param probe the time within which a probe is answered unless the file system hangs
 * @param call the time for which a call is waited for while the file system answers its probes
 * @param forgiven the time after which a call that has not returned counts no longer, if it changes nothing and the file
 *     system answers its probes: it may belong to a mount that has been replaced
 * @param threads the number of calls that run at the same time
 */
public record CallLimits(Duration beforeProbe, Duration probe, Duration call, Duration forgiven, int threads) {
    /** The first call to a file system that hangs fails within 800 ms, each later one at once. */
    public static final CallLimits USUAL = new CallLimits(
            Duration.ofMillis(300), Duration.ofMillis(500), Duration.ofSeconds(30), Duration.ofMinutes(5), 8);

    public CallLimits {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: " + threads + " (expected: at least 1)");
        }
    }
}
