package dev.holdfast.application.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.ServiceToken;
import dev.holdfast.domain.access.User;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every {@link Accounts} promises. */
@DisplayNameGeneration(ReplaceUnderscores.class)
public abstract class AccountsContract {
    private static final Instant CREATED = Instant.parse("2026-04-13T14:25:30.123456789Z");
    private static final AccountName ANN = new AccountName("ann@example.org");
    private static final AccountName BOB = new AccountName("Bob");
    private static final String HASH = "$argon2id$v=19$m=65536$c2FsdA$aGFzaA";
    private static final String SHA256 = "0123456789abcdef".repeat(4);
    private static final String OTHER_SHA256 = "f".repeat(64);

    protected abstract Accounts emptyAccounts();

    @ParameterizedTest
    @EnumSource
    void a_user_is_found_as_it_was_added(Role role) {
        Accounts accounts = emptyAccounts();
        User user = new User(ANN, role, CREATED);
        assertThat(accounts.addUser(user, HASH)).isTrue();
        assertThat(accounts.findUser(ANN)).contains(user);
        assertThat(passwordHash(accounts, ANN)).contains(HASH);
        assertThat(accounts.users()).containsExactly(user);
    }

    @Test
    void a_taken_name_keeps_its_user_and_password() {
        Accounts accounts = emptyAccounts();
        User first = new User(ANN, Role.VIEWER, CREATED);
        accounts.addUser(first, HASH);
        assertThat(accounts.addUser(new User(ANN, Role.ADMIN, CREATED), "other"))
                .isFalse();
        assertThat(accounts.findUser(ANN)).contains(first);
        assertThat(passwordHash(accounts, ANN)).contains(HASH);
    }

    @Test
    void a_new_password_replaces_the_old_one_of_that_user_only() {
        Accounts accounts = emptyAccounts();
        accounts.addUser(new User(ANN, Role.VIEWER, CREATED), HASH);
        accounts.addUser(new User(BOB, Role.VIEWER, CREATED), HASH);
        assertThat(accounts.setPasswordHash(ANN, "new")).isTrue();
        assertThat(passwordHash(accounts, ANN)).contains("new");
        assertThat(passwordHash(accounts, BOB)).contains(HASH);
    }

    @Test
    void an_unknown_user_has_nothing() {
        Accounts accounts = emptyAccounts();
        assertThat(accounts.findUser(ANN)).isEmpty();
        assertThat(passwordHash(accounts, ANN)).isEmpty();
        assertThat(accounts.setPasswordHash(ANN, HASH)).isFalse();
        assertThat(accounts.removeUser(ANN)).isFalse();
        assertThat(accounts.users()).isEmpty();
    }

    @Test
    void a_removed_user_is_gone_and_its_name_is_free() {
        Accounts accounts = emptyAccounts();
        accounts.addUser(new User(ANN, Role.ADMIN, CREATED), HASH);
        assertThat(accounts.removeUser(ANN)).isTrue();
        assertThat(accounts.findUser(ANN)).isEmpty();
        assertThat(passwordHash(accounts, ANN)).isEmpty();
        assertThat(accounts.addUser(new User(ANN, Role.VIEWER, CREATED), HASH)).isTrue();
    }

    @Test
    void users_and_tokens_come_by_name() {
        Accounts accounts = emptyAccounts();
        accounts.addUser(new User(ANN, Role.ADMIN, CREATED), HASH);
        accounts.addUser(new User(BOB, Role.ADMIN, CREATED), HASH);
        accounts.addToken(token(ANN, Optional.empty()), SHA256);
        accounts.addToken(token(BOB, Optional.empty()), OTHER_SHA256);
        assertThat(accounts.users()).extracting(User::name).containsExactly(BOB, ANN);
        assertThat(accounts.tokens()).extracting(ServiceToken::name).containsExactly(BOB, ANN);
    }

    @Test
    void a_token_is_found_by_its_hash_with_and_without_an_end() {
        Accounts accounts = emptyAccounts();
        ServiceToken endless = token(ANN, Optional.empty());
        ServiceToken ending = token(BOB, Optional.of(CREATED.plusNanos(1)));
        assertThat(accounts.addToken(endless, SHA256)).isTrue();
        assertThat(accounts.addToken(ending, OTHER_SHA256)).isTrue();
        assertThat(accounts.findToken(SHA256)).contains(endless);
        assertThat(accounts.findToken(OTHER_SHA256)).contains(ending);
        assertThat(accounts.findToken("0".repeat(64))).isEmpty();
    }

    @Test
    void a_taken_token_name_keeps_its_token() {
        Accounts accounts = emptyAccounts();
        accounts.addToken(token(ANN, Optional.empty()), SHA256);
        assertThat(accounts.addToken(token(ANN, Optional.empty()), OTHER_SHA256))
                .isFalse();
        assertThat(accounts.findToken(SHA256)).isPresent();
        assertThat(accounts.findToken(OTHER_SHA256)).isEmpty();
    }

    @Test
    void a_removed_token_is_gone() {
        Accounts accounts = emptyAccounts();
        accounts.addToken(token(ANN, Optional.empty()), SHA256);
        assertThat(accounts.removeToken(ANN)).isTrue();
        assertThat(accounts.findToken(SHA256)).isEmpty();
        assertThat(accounts.removeToken(ANN)).isFalse();
    }

    @Test
    void a_user_and_a_token_may_have_one_name() {
        Accounts accounts = emptyAccounts();
        assertThat(accounts.addUser(new User(ANN, Role.ADMIN, CREATED), HASH)).isTrue();
        assertThat(accounts.addToken(token(ANN, Optional.empty()), SHA256)).isTrue();
    }

    private static Optional<String> passwordHash(Accounts accounts, AccountName name) {
        return accounts.findAccount(name).map(Account::passwordHash);
    }

    private static ServiceToken token(AccountName name, Optional<Instant> expiresAt) {
        return new ServiceToken(name, Role.OPERATOR, CREATED, expiresAt);
    }
}
