package dev.holdfast.domain.retention;

import java.time.Duration;
import java.util.Optional;

/**
 * How many backups are to stay, by rule. A backup that any of the rules keeps stays. A count of 0 and an absent duration
 * are rules that are not there; without any rule nothing is ever removed.
 *
 * @param last the newest so many
 * @param hourly the newest of each of so many hours that have one; the next four likewise
 * @param weekly of ISO weeks, from Monday
 * @param within all that are at most this much older than the newest. Not than now: where backups fail for a week, a
 *     week is not up yet
 */
public record RetentionPolicy(
        int last, int hourly, int daily, int weekly, int monthly, int yearly, Optional<Duration> within) {
    /** Removes nothing. */
    public static final RetentionPolicy NONE = new RetentionPolicy(0, 0, 0, 0, 0, 0, Optional.empty());

    /** For messages. */
    public static final String EXPECTED = "counts of 0 or more and a duration above zero";

    public RetentionPolicy {
        if (!isValid(last, hourly, daily, weekly, monthly, yearly, within)) {
            throw new IllegalArgumentException("retention: last " + last + ", hourly " + hourly + ", daily " + daily
                    + ", weekly " + weekly + ", monthly " + monthly + ", yearly " + yearly
                    + within.map(it -> ", within " + it).orElse("") + " (expected: " + EXPECTED + ")");
        }
    }

    public static boolean isValid(
            int last, int hourly, int daily, int weekly, int monthly, int yearly, Optional<Duration> within) {
        return Math.min(Math.min(Math.min(last, hourly), Math.min(daily, weekly)), Math.min(monthly, yearly)) >= 0
                && within.filter(it -> !it.isPositive()).isEmpty();
    }

    /** The newest {@code count} alone; {@link #NONE} for 0. */
    public static RetentionPolicy keepLast(int count) {
        return new RetentionPolicy(count, 0, 0, 0, 0, 0, Optional.empty());
    }

    public boolean isEmpty() {
        return equals(NONE);
    }
}
