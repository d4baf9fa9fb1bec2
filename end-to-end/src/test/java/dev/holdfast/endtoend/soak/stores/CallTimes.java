package dev.holdfast.endtoend.soak.stores;

import java.util.Arrays;
import java.util.Locale;

/** How long calls took. Thread-safe. */
final class CallTimes {
    private static final double NANOS_PER_MILLI = 1e6;

    private long[] nanos = new long[1024];
    private int count;

    synchronized void add(long time) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = time;
    }

    synchronized int count() {
        return count;
    }

    /** @param share from 0 to 1 @return milliseconds within which this share of the calls ended; 0 without calls */
    synchronized double millis(double share) {
        if (count == 0) {
            return 0;
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(share * count) - 1)] / NANOS_PER_MILLI;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d calls, half within %.0f ms, 99 %% within %.0f ms, all within %.0f ms",
                count(),
                millis(0.5),
                millis(0.99),
                millis(1));
    }
}
