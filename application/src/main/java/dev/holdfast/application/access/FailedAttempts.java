package dev.holdfast.application.access;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The latest failures of each key, in memory. Keeps {@code limit} instants for at most {@code mostKeys} keys; beyond
 * that the key whose last failure is longest ago is forgotten, and each one whose failures are all over. No key is kept
 * without a failure. Safe for use by several threads.
 */
final class FailedAttempts {
    private final int limit;
    private final Duration window;
    private final Map<String, Deque<Instant>> failures;

    FailedAttempts(int limit, Duration window, int mostKeys) {
        this.limit = limit;
        this.window = window;
        this.failures = new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Deque<Instant>> eldest) {
                return size() > mostKeys;
            }
        };
    }

    /** How long the key has to wait, if it has to. */
    synchronized Optional<Duration> blockedFor(String key, Instant now) {
        Deque<Instant> known = recent(key, now);
        return known.size() < limit
                ? Optional.empty()
                : Optional.of(Duration.between(now, known.getFirst().plus(window)));
    }

    /**
     * Notes a failure, unless the key is blocked already. Before the attempt is looked at, so that many at once cannot
     * all slip through.
     *
     * @return how long the key has to wait, if it has to
     */
    synchronized Optional<Duration> begin(String key, Instant now) {
        Optional<Duration> blocked = blockedFor(key, now);
        if (blocked.isEmpty()) {
            Deque<Instant> known = recent(key, now);
            known.addLast(now);
            failures.remove(key);
            failures.put(key, known);
            forgetOver(now);
        }
        return blocked;
    }

    /** Takes back what {@link #begin} noted at that time. */
    synchronized void takeBack(String key, Instant then) {
        Deque<Instant> known = failures.get(key);
        if (known != null && known.removeLastOccurrence(then) && known.isEmpty()) {
            failures.remove(key);
        }
    }

    synchronized void forget(String key) {
        failures.remove(key);
    }

    synchronized int keys() {
        return failures.size();
    }

    /** The keys are in the order of their last failures. */
    private void forgetOver(Instant now) {
        Instant oldest = now.minus(window);
        Iterator<Deque<Instant>> eldest = failures.values().iterator();
        while (eldest.hasNext() && !eldest.next().getLast().isAfter(oldest)) {
            eldest.remove();
        }
    }

    private Deque<Instant> recent(String key, Instant now) {
        Deque<Instant> known = failures.getOrDefault(key, new ArrayDeque<>());
        Instant oldest = now.minus(window);
        while (!known.isEmpty() && !known.getFirst().isAfter(oldest)) {
            known.removeFirst();
        }
        if (known.isEmpty()) {
            failures.remove(key);
        }
        return known;
    }
}
