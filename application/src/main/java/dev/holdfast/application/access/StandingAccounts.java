package dev.holdfast.application.access;

import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.ServiceToken;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The accounts as they are now, and whether those of a {@link CredentialChain} still are what they were. No other place
 * decides that. While access control is off nothing is asked, and what is obtained then has a mark that no account has.
 */
public final class StandingAccounts {
    private static final String NO_MARK = "";
    private static final String USER = "user ";

    private final boolean enabled;
    private final Optional<String> providerMark;
    private final Accounts accounts;
    private final InstantSource clock;

    /** @param providerMark another one for each identity provider; empty if none is trusted */
    public StandingAccounts(boolean enabled, Optional<String> providerMark, Accounts accounts, InstantSource clock) {
        this.enabled = enabled;
        this.providerMark = providerMark;
        this.accounts = accounts;
        this.clock = clock;
    }

    /** A user with the password that was compared. */
    public CredentialChain.Link of(Account account) {
        String mark = enabled ? USER + account.passwordMark() : NO_MARK;
        return new CredentialChain.Link(
                account.user().name().value(), account.user().role(), mark, Optional.empty());
    }

    public CredentialChain.Link of(ServiceToken token) {
        String mark = enabled ? "token " + token.createdAt() : NO_MARK;
        return new CredentialChain.Link(token.name().value(), token.role(), mark, token.expiresAt());
    }

    /** Of an identity provider nothing can be asked again, so its word counts until it ends. */
    public CredentialChain.Link ofProvider(String subject, Role role, Instant end) {
        String mark = enabled ? providerMark.orElse(NO_MARK) : NO_MARK;
        return new CredentialChain.Link(Identity.PROVIDER_PREFIX + subject, role, mark, Optional.of(end));
    }

    /** The user of that name. While access control is off there is one for every name. */
    public Optional<CredentialChain.Link> user(String name) {
        return enabled
                ? account(name).map(this::of)
                : Optional.of(new CredentialChain.Link(name, Role.ADMIN, NO_MARK, Optional.empty()));
    }

    /** What ends with the password of a user; empty for what is no user. */
    public static Optional<String> passwordMark(CredentialChain.Link link) {
        return link.mark().startsWith(USER) ? Optional.of(link.mark().substring(USER.length())) : Optional.empty();
    }

    /**
     * Whom a credential makes its bearer: the holder with the role of this moment. Empty if an account is gone, has
     * another password, or is a lender with another role than it lent, or with less than the holder has.
     */
    public Optional<Identity> identify(CredentialChain chain) {
        if (!enabled) {
            return Optional.of(new Identity(chain.holder().name(), Role.ADMIN, chain));
        }
        return now(chain.holder())
                .filter(holder ->
                        chain.lenders().stream().allMatch(it -> it.role().includes(holder.role()) && isUnchanged(it)))
                .map(it -> new Identity(it.name(), it.role(), new CredentialChain(it, chain.lenders())));
    }

    /** As {@link #identify}, and only while the holder too has the role of that moment: for what stands in addresses. */
    public Optional<Identity> identifyUnchanged(CredentialChain chain) {
        return identify(chain).filter(_ -> !enabled || isUnchanged(chain.holder()));
    }

    /** Whether only a lender may be the reason that {@link #identifyUnchanged} finds none. */
    public boolean isHolderUnchanged(CredentialChain chain) {
        return isUnchanged(chain.holder());
    }

    private boolean isUnchanged(CredentialChain.Link link) {
        return now(link).filter(it -> it.role() == link.role()).isPresent();
    }

    /** With the role and the end that it has now, if it still is that account. */
    private Optional<CredentialChain.Link> now(CredentialChain.Link link) {
        if (link.name().startsWith(Identity.PROVIDER_PREFIX)) {
            boolean counts = providerMark.filter(it -> it.equals(link.mark())).isPresent()
                    && link.end().filter(it -> clock.instant().isBefore(it)).isPresent();
            return counts ? Optional.of(link) : Optional.empty();
        }
        return account(link.name())
                .map(this::of)
                .or(() -> token(link.name()))
                .filter(it -> it.mark().equals(link.mark()));
    }

    private Optional<Account> account(String name) {
        return AccountName.isValid(name) ? accounts.findAccount(new AccountName(name)) : Optional.empty();
    }

    private Optional<CredentialChain.Link> token(String name) {
        return accounts.tokens().stream()
                .filter(it -> it.name().value().equals(name))
                .filter(it -> it.isValidAt(clock.instant()))
                .map(this::of)
                .findAny();
    }
}
