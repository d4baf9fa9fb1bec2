package dev.holdfast.application.audit;

import java.time.Duration;

/**
 * How much of the audit stays.
 *
 * @param keep after the last time that an entry stands for
 * @param count of the newest entries, divided into shares that never take room from each other
 */
public record AuditBounds(Duration keep, int count) {
    private static final int TENTH = 10;

    public AuditBounds {
        if (!keep.isPositive() || count < 1) {
            throw new IllegalArgumentException("audit: " + keep + ", " + count + " (expected: more than nothing)");
        }
    }

    /** The largest number of failed sign-ins and refusals. */
    public int countedShare() {
        return count / TENTH;
    }

    /** The largest number of refusals of one account. */
    public int refusalsOfOneAccount() {
        return atLeastOneOf(countedShare(), countedShare() / TENTH);
    }

    /** The largest number of actions of all accounts without the role admin. */
    public int accountsShare() {
        return (int) (count * 3L / TENTH);
    }

    /** The largest number of actions of one account without the role admin. */
    public int actionsOfOneAccount() {
        return atLeastOneOf(accountsShare(), accountsShare() / 3);
    }

    /** The largest number of all other entries: of admins, commands and the server itself. */
    public int actionShare() {
        return count - countedShare() - accountsShare();
    }

    private static int atLeastOneOf(int share, int part) {
        return share == 0 ? 0 : Math.max(1, part);
    }
}
