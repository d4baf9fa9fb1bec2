package dev.holdfast.application.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.access.AdministerAccounts.Change;
import dev.holdfast.application.access.AdministerAccounts.NewToken;
import dev.holdfast.application.access.AdministerAccounts.Reason;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.User;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class AdministerAccountsTest {
    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

    private final SettableClock clock = new SettableClock(START);
    private final AccountsInMemory accounts = new AccountsInMemory();
    private final PlainHashing hashing = new PlainHashing();
    private final AdministerAccounts administer = AdministerAccounts.using(accounts, hashing, clock, new Random(1));
    private final SignIn signIn = SignIn.using(accounts, hashing, clock);

    @Test
    void an_added_user_signs_in_with_the_password() {
        made(administer.addUser("ann", Role.VIEWER, "long enough"));

        assertThat(accounts.findUser(new AccountName("ann")).map(User::role)).contains(Role.VIEWER);
        assertThat(signIn.withPassword("ann", "long enough", "here"))
                .isInstanceOf(dev.holdfast.application.Outcome.Done.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a/b", "ä", "a\n"})
    void a_name_of_another_shape_is_refused(String name) {
        assertThat(refused(administer.addUser(name, Role.ADMIN, "long enough"))).isInstanceOf(Reason.NameUnfit.class);
        assertThat(refused(administer.createToken(name, Role.ADMIN, Optional.empty())))
                .isInstanceOf(Reason.NameUnfit.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "seven77", "with\u0000null", "line\nbreak", "delete\u007fdelete"})
    void a_password_that_is_too_short_or_has_control_characters_is_refused(String password) {
        assertThat(refused(administer.addUser("ann", Role.ADMIN, password))).isInstanceOf(Reason.PasswordUnfit.class);
        assertThat(administer.users()).isEmpty();
    }

    @Test
    void a_password_has_at_most_1024_characters() {
        made(administer.addUser("ann", Role.ADMIN, "x".repeat(1024)));

        assertThat(refused(administer.setPassword("ann", "x".repeat(1025)))).isInstanceOf(Reason.PasswordUnfit.class);
    }

    @Test
    void a_refused_password_is_not_repeated() {
        assertThat(refused(administer.addUser("ann", Role.ADMIN, "s3cr3t!")).detail())
                .doesNotContain("s3cr3t!");
    }

    @Test
    void a_name_is_taken_once_among_users_and_tokens_together() {
        made(administer.addUser("ann", Role.ADMIN, "long enough"));
        made(administer.createToken("nightly", Role.OPERATOR, Optional.empty()));

        assertThat(refused(administer.addUser("ann", Role.VIEWER, "long enough")))
                .isInstanceOf(Reason.NameTaken.class);
        assertThat(refused(administer.addUser("nightly", Role.VIEWER, "long enough")))
                .isInstanceOf(Reason.NameTaken.class);
        assertThat(refused(administer.createToken("ann", Role.VIEWER, Optional.empty())))
                .isInstanceOf(Reason.NameTaken.class);
        assertThat(refused(administer.createToken("nightly", Role.VIEWER, Optional.empty())))
                .isInstanceOf(Reason.NameTaken.class);
    }

    @Test
    void the_last_admin_stays_and_others_go() {
        made(administer.addUser("ann", Role.ADMIN, "long enough"));
        made(administer.addUser("bob", Role.ADMIN, "long enough"));
        made(administer.addUser("vic", Role.VIEWER, "long enough"));

        made(administer.removeUser("ann"));
        assertThat(refused(administer.removeUser("bob"))).isEqualTo(new Reason.LastAdmin(new AccountName("bob")));
        made(administer.removeUser("vic"));
        assertThat(administer.users()).extracting(it -> it.name().value()).containsExactly("bob");
    }

    @Test
    void what_is_not_there_cannot_be_changed() {
        made(administer.addUser("ann", Role.ADMIN, "long enough"));

        assertThat(refused(administer.removeUser("bob"))).isInstanceOf(Reason.NotFound.class);
        assertThat(refused(administer.removeUser("not a name"))).isInstanceOf(Reason.NotFound.class);
        assertThat(refused(administer.setPassword("bob", "long enough"))).isInstanceOf(Reason.NotFound.class);
        assertThat(refused(administer.revokeToken("ann"))).isInstanceOf(Reason.NotFound.class);
    }

    @Test
    void the_first_admin_is_made_once() {
        made(administer.addUser("vic", Role.VIEWER, "long enough"));

        assertThat(made(administer.addFirstAdmin("root", "long enough")))
                .map(User::role)
                .contains(Role.ADMIN);
        assertThat(made(administer.addFirstAdmin("root2", "another one"))).isEmpty();
        assertThat(administer.users()).extracting(it -> it.name().value()).containsExactly("root", "vic");
    }

    @Test
    void a_created_token_signs_in_until_it_is_revoked() {
        NewToken created = made(administer.createToken("nightly", Role.OPERATOR, Optional.of(Duration.ofDays(30))));

        assertThat(created.text()).matches("hft_[A-Za-z0-9_-]{43}");
        assertThat(created.token().expiresAt()).contains(START.plus(Duration.ofDays(30)));
        assertThat(signIn.withToken(created.text())).contains(created.token());
        made(administer.revokeToken("nightly"));
        assertThat(signIn.withToken(created.text())).isEmpty();
    }

    @Test
    void no_two_tokens_are_alike_and_none_shows_in_a_log() {
        NewToken first = made(administer.createToken("first", Role.VIEWER, Optional.empty()));
        NewToken second = made(administer.createToken("second", Role.VIEWER, Optional.empty()));

        assertThat(first.text()).isNotEqualTo(second.text());
        assertThat(first.toString()).doesNotContain(first.text());
    }

    @Test
    void a_token_is_valid_for_a_second_at_least() {
        assertThat(refused(administer.createToken("t", Role.VIEWER, Optional.of(Duration.ZERO))))
                .isInstanceOf(Reason.ValidityUnfit.class);
        assertThat(refused(administer.createToken("t", Role.VIEWER, Optional.of(Duration.ofDays(9999)))))
                .isInstanceOf(Reason.ValidityUnfit.class);
    }

    private static <T> T made(Change<T> change) {
        return switch (change) {
            case Change.Made<T>(T value) -> value;
            case Change.Refused<T>(Reason reason) -> throw new AssertionError(reason.detail());
        };
    }

    private static Reason refused(Change<?> change) {
        return switch (change) {
            case Change.Made<?> made -> throw new AssertionError("was made: " + made);
            case Change.Refused<?>(Reason reason) -> reason;
        };
    }
}
