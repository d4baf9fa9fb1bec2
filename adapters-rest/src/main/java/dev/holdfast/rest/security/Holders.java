package dev.holdfast.rest.security;

import dev.holdfast.application.access.Account;
import dev.holdfast.application.access.Accounts;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.ServiceToken;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Whom tokens are issued to: whoever asked for one has to be there still when it is used, the same user with the same
 * password, the same service token. Of an identity provider's people nothing can be asked again, so such a token is good
 * for its lifetime.
 */
record Holders(AccessControl access, Accounts accounts, InstantSource clock) {
    /**
     * @param mark another one for each password, and for each service token of the same name
     * @param end when it ends by itself, if it does
     */
    record Holder(Role role, String mark, Optional<Instant> end) {
        private static Holder of(Account account) {
            return new Holder(account.user().role(), "user " + account.passwordMark(), Optional.empty());
        }

        private static Holder of(ServiceToken token) {
            return new Holder(token.role(), "token " + token.createdAt(), token.expiresAt());
        }
    }

    /** @param name as an identity has it */
    Optional<Holder> find(String name) {
        if (name.startsWith(ProviderTokens.NAME_PREFIX)) {
            return access.identityProvider().map(_ -> new Holder(Role.OPERATOR, "provider", Optional.empty()));
        }
        if (!AccountName.isValid(name)) {
            return Optional.empty();
        }
        return accounts.findAccount(new AccountName(name))
                .map(Holder::of)
                .or(() -> accounts.tokens().stream()
                        .filter(it -> it.name().value().equals(name))
                        .filter(it -> it.isValidAt(clock.instant()))
                        .map(Holder::of)
                        .findAny());
    }
}
