package dev.holdfast.domain.access;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What an account may do. Each role may do what the one before it may. */
public enum Role {
    /** Sees databases, backups and operations. */
    VIEWER,
    /** Also creates, downloads and verifies backups, and cancels operations. */
    OPERATOR,
    /** Also restores, deletes and changes. */
    ADMIN;

    public boolean includes(Role other) {
        return compareTo(other) >= 0;
    }

    /** As settings and APIs write it. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Role> of(String id) {
        return Stream.of(values()).filter(it -> it.id().equals(id)).findAny();
    }
}
