package dev.holdfast.application.audit;

import java.time.Duration;

/**
 * How much of the audit stays.
 *
 * @param keep after the last time that an entry stands for
 * @param count of the newest entries; what strangers and refused calls fill has a tenth of it
 */
public record AuditBounds(Duration keep, int count) {
    public AuditBounds {
        if (!keep.isPositive() || count < 1) {
            throw new IllegalArgumentException("audit: " + keep + ", " + count + " (expected: more than nothing)");
        }
    }

    /** The largest number of failed sign-ins and refusals. */
    public int countedShare() {
        return count / 10;
    }

    /** The largest number of all other entries. */
    public int actionShare() {
        return count - countedShare();
    }
}
