package dev.holdfast.application.access;

import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.access.Role;

/**
 * Who asks, and what they may do.
 *
 * @param name a user's or service token's name, {@link Requester#ANONYMOUS}, or an identity provider's name for somebody
 */
public record Identity(String name, Role role) {
    /** Everybody, while access control is off. */
    public static final Identity ANONYMOUS = new Identity(Requester.ANONYMOUS, Role.ADMIN);
}
