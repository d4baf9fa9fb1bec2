package dev.holdfast.application.access;

import dev.holdfast.application.access.AdministerAccounts.Change.Made;
import dev.holdfast.application.access.AdministerAccounts.Change.Refused;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.ServiceToken;
import dev.holdfast.domain.access.User;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

final class AdministerAccountsService implements AdministerAccounts {
    private final Accounts accounts;
    private final PasswordHashing hashing;
    private final InstantSource clock;
    private final Supplier<String> newToken;

    AdministerAccountsService(
            Accounts accounts, PasswordHashing hashing, InstantSource clock, Supplier<String> newToken) {
        this.accounts = accounts;
        this.hashing = hashing;
        this.clock = clock;
        this.newToken = newToken;
    }

    @Override
    public Change<User> addUser(String text, Role role, String password) {
        return withFreeName(
                text,
                name -> withFitPassword(password, () -> {
                    var user = new User(name, role, now());
                    return accounts.addUser(user, hashing.hash(password)) ? new Made<>(user) : taken(name);
                }));
    }

    @Override
    public List<User> users() {
        return accounts.users();
    }

    @Override
    public Change<AccountName> removeUser(String text) {
        // Two processes that each remove one of the last two admins at once both succeed; the command line mends that.
        List<AccountName> admins = accounts.users().stream()
                .filter(it -> it.role() == Role.ADMIN)
                .map(User::name)
                .toList();
        return admins.size() == 1 && admins.getFirst().value().equals(text)
                ? new Refused<>(new Reason.LastAdmin(admins.getFirst()))
                : changeExisting(text, accounts::removeUser);
    }

    @Override
    public Change<AccountName> setPassword(String text, String password) {
        return withFitPassword(
                password,
                () -> changeExisting(
                        text,
                        name -> accounts.findUser(name).isPresent()
                                && accounts.setPasswordHash(name, hashing.hash(password))));
    }

    @Override
    public Change<Optional<User>> addFirstAdmin(String name, String password) {
        if (accounts.users().stream().anyMatch(it -> it.role() == Role.ADMIN)) {
            return new Made<>(Optional.empty());
        }
        return switch (addUser(name, Role.ADMIN, password)) {
            case Made<User>(User user) -> new Made<>(Optional.of(user));
            case Refused<User>(Reason reason) -> new Refused<>(reason);
        };
    }

    @Override
    public Change<NewToken> createToken(String text, Role role, Optional<Duration> validity) {
        if (validity.filter(it -> it.toSeconds() < 1 || it.compareTo(LONGEST_VALIDITY) > 0)
                .isPresent()) {
            return new Refused<>(new Reason.ValidityUnfit());
        }
        return withFreeName(text, name -> {
            Instant now = now();
            var token = new ServiceToken(name, role, now, validity.map(now::plus));
            String secret = newToken.get();
            return accounts.addToken(token, TokenText.sha256(secret).orElseThrow())
                    ? new Made<>(new NewToken(token, secret))
                    : taken(name);
        });
    }

    @Override
    public List<ServiceToken> tokens() {
        return accounts.tokens();
    }

    @Override
    public Change<AccountName> revokeToken(String text) {
        return changeExisting(text, accounts::removeToken);
    }

    private <T> Change<T> withFreeName(String text, Function<AccountName, Change<T>> change) {
        if (!AccountName.isValid(text)) {
            return new Refused<>(new Reason.NameUnfit());
        }
        var name = new AccountName(text);
        boolean isTaken = accounts.findUser(name).isPresent()
                || accounts.tokens().stream().anyMatch(it -> it.name().equals(name));
        return isTaken ? taken(name) : change.apply(name);
    }

    private static <T> Change<T> withFitPassword(String password, Supplier<Change<T>> change) {
        if (password.length() < SHORTEST_PASSWORD || password.length() > SignIn.LONGEST_PASSWORD) {
            return new Refused<>(new Reason.PasswordUnfit("A password has " + SHORTEST_PASSWORD + " to "
                    + SignIn.LONGEST_PASSWORD + " characters; this one has " + password.length() + "."));
        }
        return password.chars().anyMatch(Character::isISOControl)
                ? new Refused<>(new Reason.PasswordUnfit("A password has no control characters."))
                : change.get();
    }

    private static Change<AccountName> changeExisting(String text, Predicate<AccountName> change) {
        return AccountName.isValid(text) && change.test(new AccountName(text))
                ? new Made<>(new AccountName(text))
                : new Refused<>(new Reason.NotFound(text));
    }

    private static <T> Change<T> taken(AccountName name) {
        return new Refused<>(new Reason.NameTaken(name));
    }

    /** As precise as it is kept. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
