package dev.holdfast.application.plan;

import dev.holdfast.domain.identity.DatabaseName;
import java.time.Instant;
import java.util.Optional;

/**
 * Who did what, when, from where, and with which outcome. Texts from outside are cut to {@link #MAX_TEXT}. It never
 * holds a secret, a token or a password.
 *
 * @param at when it happened first
 * @param until when it happened last; {@code at} for what happened once
 * @param who a user's or token's name, or {@code anonymous}; the name that was tried for a failed sign-in
 * @param address of the client; empty for what happened without one
 * @param action such as {@code plan.change} or {@code token.impersonate}
 * @param object what was acted on, such as a backup or a user
 * @param outcome {@link #SUCCEEDED}, {@link #STARTED}, {@code cancelled} or the code of a problem
 * @param count how many times it happened
 * @param detail for a person
 */
public record AuditEntry(
        Instant at,
        Instant until,
        String who,
        Optional<String> address,
        String action,
        Optional<DatabaseName> database,
        Optional<String> object,
        String outcome,
        long count,
        String detail) {
    public static final String SUCCEEDED = "succeeded";

    /** The action is an operation that has not ended. */
    public static final String STARTED = "started";

    /** In characters of Java: the longest name and address from outside. */
    public static final int MAX_TEXT = 200;

    public AuditEntry {
        who = cut(who);
        address = address.map(AuditEntry::cut);
        object = object.map(AuditEntry::cut);
    }

    /** Of an action on a database that succeeded. */
    public AuditEntry(Instant at, String who, String action, DatabaseName database, String detail) {
        this(at, who, action, Optional.of(database), Optional.empty(), SUCCEEDED, detail);
    }

    /** Of one action. Its client's address is still unknown. */
    public AuditEntry(
            Instant at,
            String who,
            String action,
            Optional<DatabaseName> database,
            Optional<String> object,
            String outcome,
            String detail) {
        this(at, at, who, Optional.empty(), action, database, object, outcome, 1, detail);
    }

    public AuditEntry from(String clientAddress) {
        return new AuditEntry(
                at, until, who, Optional.of(clientAddress), action, database, object, outcome, count, detail);
    }

    /** Together with what happened again at {@code other}'s time. */
    public AuditEntry and(AuditEntry other) {
        String known = other.address.equals(address)
                ? detail
                : other.address.map(it -> "last from " + it).orElse(detail);
        return new AuditEntry(
                at, other.until, who, address, action, database, object, outcome, count + other.count, known);
    }

    private static String cut(String text) {
        if (text.length() <= MAX_TEXT) {
            return text;
        }
        // Half of a character outside of the BMP would not survive being written as UTF-8.
        return text.substring(0, Character.isHighSurrogate(text.charAt(MAX_TEXT - 1)) ? MAX_TEXT - 1 : MAX_TEXT);
    }
}
