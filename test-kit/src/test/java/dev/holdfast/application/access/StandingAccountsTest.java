package dev.holdfast.application.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.access.CredentialChain.Link;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.ServiceToken;
import dev.holdfast.domain.access.User;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What ends a credential, whatever it is. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class StandingAccountsTest {
    private final SettableClock clock = new SettableClock(Instant.parse("2026-03-01T10:00:00Z"));
    private final AccountsInMemory accounts = new AccountsInMemory();
    private final StandingAccounts standing = new StandingAccounts(true, Optional.of("provider one"), accounts, clock);

    private Account add(String name, Role role, String hash) {
        accounts.addUser(new User(new AccountName(name), role, clock.instant()), hash);
        return account(name);
    }

    private Account account(String name) {
        return accounts.findAccount(new AccountName(name)).orElseThrow();
    }

    private Optional<Role> role(CredentialChain chain) {
        return standing.identify(chain).map(Identity::role);
    }

    @Test
    void a_sign_in_ends_with_the_password_that_was_compared_also_if_it_changed_before_the_token_was_made() {
        Account compared = add("ann", Role.ADMIN, "one");
        accounts.setPasswordHash(new AccountName("ann"), "two");

        assertThat(role(CredentialChain.of(standing.of(compared)))).isEmpty();
        assertThat(role(CredentialChain.of(standing.of(account("ann"))))).contains(Role.ADMIN);
    }

    @Test
    void the_holder_goes_on_with_another_role_but_a_link_and_a_lender_do_not() {
        var chain = CredentialChain.of(standing.of(add("ann", Role.ADMIN, "one")));
        var lent = chain.lendTo(standing.of(add("bob", Role.VIEWER, "two")));
        assertThat(role(lent)).contains(Role.VIEWER);

        accounts.removeUser(new AccountName("ann"));
        add("ann", Role.OPERATOR, "one");
        assertThat(role(chain)).contains(Role.OPERATOR);
        assertThat(standing.identifyUnchanged(chain)).isEmpty();
        assertThat(role(lent)).isEmpty();
    }

    @Test
    void no_lender_gives_more_than_they_have() {
        var operator = CredentialChain.of(standing.of(add("otto", Role.OPERATOR, "one")));
        var lent = operator.lendTo(standing.of(add("bob", Role.VIEWER, "two")));
        assertThat(role(lent)).contains(Role.VIEWER);

        accounts.removeUser(new AccountName("bob"));
        add("bob", Role.ADMIN, "two");
        assertThat(role(lent)).isEmpty();
    }

    @Test
    void a_chain_that_comes_back_to_an_account_depends_on_all_and_on_each_once() {
        Link ann = standing.of(add("ann", Role.ADMIN, "one"));
        Link bob = standing.of(add("bob", Role.ADMIN, "two"));
        var round = CredentialChain.of(ann).lendTo(bob).lendTo(ann).lendTo(bob).lendTo(ann);

        assertThat(round).isEqualTo(new CredentialChain(ann, List.of(ann, bob)));
        assertThat(round.lendTo(ann)).isEqualTo(round);
        assertThat(round.dependsOnLendersOf(CredentialChain.of(ann).lendTo(bob)))
                .isTrue();
        assertThat(CredentialChain.of(ann).dependsOnLendersOf(round)).isFalse();
        accounts.removeUser(new AccountName("bob"));
        assertThat(role(round)).isEmpty();
    }

    @Test
    void what_a_service_token_lends_ends_with_its_time_and_with_that_very_token() {
        var name = new AccountName("script");
        Instant end = clock.instant().plusSeconds(60);
        var token = new ServiceToken(name, Role.ADMIN, clock.instant(), Optional.of(end));
        accounts.addToken(token, "0".repeat(64));
        var lent = CredentialChain.of(standing.of(token)).lendTo(standing.of(add("bob", Role.ADMIN, "two")));
        assertThat(lent.bounded(Instant.MAX)).isEqualTo(end);
        assertThat(role(lent)).contains(Role.ADMIN);

        clock.advance(Duration.ofSeconds(60));
        assertThat(role(lent)).isEmpty();
        accounts.removeToken(name);
        accounts.addToken(new ServiceToken(name, Role.ADMIN, clock.instant(), Optional.empty()), "1".repeat(64));
        assertThat(role(lent)).isEmpty();
    }

    @Test
    void a_providers_word_counts_until_it_ends_and_for_that_provider() {
        var chain = CredentialChain.of(
                standing.ofProvider("eve", Role.ADMIN, clock.instant().plusSeconds(60)));
        var other = new StandingAccounts(true, Optional.of("provider two"), accounts, clock);
        var none = new StandingAccounts(true, Optional.empty(), accounts, clock);
        assertThat(role(chain)).contains(Role.ADMIN);
        assertThat(other.identify(chain)).isEmpty();
        assertThat(none.identify(chain)).isEmpty();

        clock.advance(Duration.ofSeconds(60));
        assertThat(role(chain)).isEmpty();
    }

    @Test
    void what_was_obtained_while_access_control_was_off_stands_for_no_account() {
        var off = new StandingAccounts(false, Optional.empty(), accounts, clock);
        Account ann = add("ann", Role.VIEWER, "one");
        for (Link link : List.of(
                off.of(ann),
                off.user("ann").orElseThrow(),
                off.user("anonymous").orElseThrow())) {
            assertThat(off.identify(CredentialChain.of(link)).map(Identity::role))
                    .contains(Role.ADMIN);
            assertThat(role(CredentialChain.of(link))).isEmpty();
        }
    }

    @Test
    void a_link_is_one_line_and_what_is_none_is_not_read() {
        for (Link link : List.of(
                standing.of(add("ann", Role.ADMIN, "one")),
                standing.ofProvider("a person, with blanks", Role.OPERATOR, clock.instant()))) {
            assertThat(Link.parse(link.text())).contains(link);
        }
        for (String text :
                List.of("", "admin", "king\t-\tmark\tann", "admin\tsoon\tmark\tann", "admin\t-\tmark\tann\t")) {
            assertThat(Link.parse(text)).as(text).isEmpty();
        }
    }
}
