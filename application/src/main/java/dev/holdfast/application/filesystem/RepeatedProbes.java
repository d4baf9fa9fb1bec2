package dev.holdfast.application.filesystem;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Probes of places whose earlier probe has not returned. Each waits on a thread of its own, so few are made in all.
 * Those that were begun before a change of the mounts count no longer: they may wait for a file system that is gone.
 */
public final class RepeatedProbes {
    static final int MOST = 64;

    private static final Duration AFTER = Duration.ofSeconds(30);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final Duration after;
    private final Duration lookEvery;
    private final Supplier<?> mounts;

    // Guarded by this.
    private final Set<Object> waiting = new HashSet<>();
    private @Nullable Object known;
    private long looked;

    /** @param mounts what is mounted where, comparable; asks no file system */
    public RepeatedProbes(Supplier<?> mounts) {
        this(AFTER, LOOK_EVERY, mounts);
    }

    RepeatedProbes(Duration after, Duration lookEvery, Supplier<?> mounts) {
        this.after = after;
        this.lookEvery = lookEvery;
        this.mounts = mounts;
    }

    /** Returns the time after which an unanswered probe is followed by another one: the mount may have been replaced. */
    Duration after() {
        return after;
    }

    /** @return whether it may be begun; then {@link #ended} has to follow */
    synchronized boolean begin(Object probe) {
        if (known == null || System.nanoTime() - looked >= lookEvery.toNanos()) {
            look();
        }
        return waiting.size() < MOST && waiting.add(probe);
    }

    private void look() {
        Object now = mounts.get();
        looked = System.nanoTime();
        if (!now.equals(known)) {
            known = now;
            waiting.clear();
        }
    }

    synchronized void ended(Object probe) {
        waiting.remove(probe);
    }
}
