package dev.holdfast.application.access;

import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.access.Role;
import java.util.Optional;

/**
 * Who asks, and what they may do.
 *
 * @param name a user's or service token's name, {@link Requester#ANONYMOUS}, or an identity provider's name for somebody
 * @param chain whom the credential depends on that was shown, and so all that is obtained with it
 */
public record Identity(String name, Role role, CredentialChain chain) {
    /** No account can be called so; {@code requested_by} tells the two apart. */
    public static final String PROVIDER_PREFIX = "provider:";

    /** Everybody, while access control is off. */
    public static final Identity ANONYMOUS = new Identity(Requester.ANONYMOUS, Role.ADMIN);

    /** With nothing that a credential could depend on: what is obtained so is worth nothing while access control is on. */
    public Identity(String name, Role role) {
        this(name, role, CredentialChain.of(new CredentialChain.Link(name, role, "", Optional.empty())));
    }

    /** Of an account that has just shown who it is. */
    public Identity(CredentialChain.Link link) {
        this(link.name(), link.role(), CredentialChain.of(link));
    }
}
