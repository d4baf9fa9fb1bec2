package dev.holdfast.application.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.ServiceToken;
import dev.holdfast.domain.access.User;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.domain.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SignInTest {
    private static final String HERE = "192.0.2.1";
    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

    private final SettableClock clock = new SettableClock(START);
    private final AccountsInMemory accounts = new AccountsInMemory();
    private final PlainHashing hashing = new PlainHashing();
    private final SignIn signIn = SignIn.using(accounts, hashing, clock);
    private final Account ann = user("ann");

    @Test
    void the_right_password_lets_in() {
        assertThat(signIn.withPassword("ann", "right ann", HERE)).isEqualTo(Outcome.done(ann));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ann", "nobody", "no name at all", "", "ANN"})
    void a_wrong_password_and_an_unknown_name_get_the_same_answer_after_the_same_work(String name) {
        assertThat(code(signIn.withPassword(name, "wrong", HERE))).isEqualTo(ProblemCode.UNAUTHENTICATED);
        assertThat(hashing.compared).containsExactly("wrong");
    }

    @Test
    void the_password_that_stands_for_nobody_lets_nobody_in() {
        assertThat(code(signIn.withPassword("nobody", "nobody", HERE))).isEqualTo(ProblemCode.UNAUTHENTICATED);
    }

    @Test
    void the_answer_has_the_password_that_was_compared_though_it_is_changed_meanwhile() {
        var changing = new PlainHashing() {
            @Override
            public boolean matches(String password, String hash) {
                boolean matches = super.matches(password, hash);
                accounts.setPasswordHash(ann.user().name(), hash("changed"));
                return matches;
            }
        };

        assertThat(SignIn.using(accounts, changing, clock).withPassword("ann", "right ann", HERE))
                .isEqualTo(Outcome.done(ann));
    }

    @Test
    void a_password_over_the_limit_is_refused_without_work() {
        String atLimit = "x".repeat(SignIn.LONGEST_PASSWORD);

        assertThat(code(signIn.withPassword("ann", atLimit + "x", HERE))).isEqualTo(ProblemCode.UNAUTHENTICATED);
        assertThat(hashing.compared).isEmpty();
        assertThat(code(signIn.withPassword("ann", atLimit, HERE))).isEqualTo(ProblemCode.UNAUTHENTICATED);
        assertThat(hashing.compared).hasSize(1);
    }

    @Test
    void after_five_failures_even_the_right_password_is_not_looked_at_until_the_first_is_15_minutes_old() {
        IntStream.range(0, 5).forEach(i -> {
            assertThat(code(signIn.withPassword("ann", "wrong", HERE))).isEqualTo(ProblemCode.UNAUTHENTICATED);
            clock.advance(Duration.ofMinutes(1));
        });

        assertThat(signIn.withPassword("ann", "right ann", HERE))
                .isEqualTo(Outcome.refused(new Problem.TooManyAttempts(Duration.ofMinutes(10))));
        assertThat(hashing.compared).hasSize(5);
        clock.advance(Duration.ofMinutes(10));
        assertThat(signIn.withPassword("ann", "right ann", HERE)).isEqualTo(Outcome.done(ann));
    }

    @Test
    void attempts_that_are_not_looked_at_do_not_make_the_wait_longer() {
        IntStream.range(0, 50).forEach(_ -> signIn.withPassword("ann", "wrong", HERE));

        clock.advance(Duration.ofMinutes(15));

        assertThat(signIn.withPassword("ann", "right ann", HERE)).isEqualTo(Outcome.done(ann));
    }

    @Test
    void a_success_ends_the_row_of_failures_of_a_name() {
        for (int round = 0; round < 2; round++) {
            IntStream.range(0, 4).forEach(_ -> signIn.withPassword("ann", "wrong", HERE));
            assertThat(signIn.withPassword("ann", "right ann", HERE)).isEqualTo(Outcome.done(ann));
        }
    }

    @Test
    void another_name_is_not_held_up_by_the_failures_of_one() {
        user("bob");
        IntStream.range(0, 6).forEach(_ -> signIn.withPassword("ann", "wrong", HERE));

        assertThat(signIn.withPassword("bob", "right bob", HERE)).isInstanceOf(Outcome.Done.class);
    }

    @Test
    void twenty_failures_of_one_address_hold_it_up_whatever_the_names_and_whoever_signed_in_between() {
        for (int i = 0; i < 20; i++) {
            assertThat(code(signIn.withPassword("name" + i, "wrong", HERE))).isEqualTo(ProblemCode.UNAUTHENTICATED);
            if (i < 19) {
                assertThat(signIn.withPassword("ann", "right ann", HERE)).isEqualTo(Outcome.done(ann));
            }
        }

        assertThat(code(signIn.withPassword("ann", "right ann", HERE))).isEqualTo(ProblemCode.TOO_MANY_ATTEMPTS);
        assertThat(signIn.withPassword("ann", "right ann", "192.0.2.2")).isEqualTo(Outcome.done(ann));
    }

    @Test
    void all_addresses_of_one_ipv6_network_count_as_one() {
        IntStream.range(0, 20).forEach(i -> signIn.withPassword("name" + i, "wrong", "2001:db8:0:1::" + i));

        assertThat(code(signIn.withPassword("ann", "right ann", "2001:db8:0:1:ffff::1")))
                .isEqualTo(ProblemCode.TOO_MANY_ATTEMPTS);
        assertThat(signIn.withPassword("ann", "right ann", "2001:db8:0:2::1")).isEqualTo(Outcome.done(ann));
    }

    @Test
    void of_many_guesses_at_once_no_more_than_five_are_looked_at() throws Exception {
        List<ProblemCode> codes = atOnce(40, i -> code(signIn.withPassword("ann", "guess", HERE)));

        assertThat(codes).filteredOn(ProblemCode.UNAUTHENTICATED::equals).hasSize(5);
        assertThat(hashing.compared).hasSize(5);
    }

    @Test
    void of_many_guesses_at_once_from_everywhere_no_more_than_a_hundred_are_looked_at() throws Exception {
        List<ProblemCode> codes = atOnce(150, i -> code(signIn.withPassword("ann", "guess", "10.0.0." + i)));

        assertThat(codes).filteredOn(ProblemCode.UNAUTHENTICATED::equals).hasSize(100);
        assertThat(hashing.compared).hasSize(100);
    }

    @Test
    void failures_from_another_address_do_not_hold_up_the_owner() {
        IntStream.range(0, 50).forEach(_ -> signIn.withPassword("ann", "guess", "203.0.113.9"));

        assertThat(code(signIn.withPassword("ann", "right ann", "203.0.113.9")))
                .isEqualTo(ProblemCode.TOO_MANY_ATTEMPTS);
        assertThat(signIn.withPassword("ann", "right ann", HERE)).isEqualTo(Outcome.done(ann));
    }

    @Test
    void a_hundred_failures_spread_over_addresses_hold_up_the_name_but_where_it_has_signed_in_before() {
        assertThat(signIn.withPassword("ann", "right ann", HERE)).isEqualTo(Outcome.done(ann));
        IntStream.range(0, 100).forEach(i -> {
            assertThat(code(signIn.withPassword("ann", "guess", "2001:db8:0:" + i / 4 + "::1")))
                    .isEqualTo(ProblemCode.UNAUTHENTICATED);
            clock.advance(Duration.ofSeconds(1));
        });

        assertThat(signIn.withPassword("ann", "right ann", "192.0.2.2"))
                .isEqualTo(Outcome.refused(new Problem.TooManyAttempts(Duration.ofSeconds(15 * 60 - 100))));
        assertThat(signIn.withPassword("ann", "right ann", HERE)).isEqualTo(Outcome.done(ann));
        IntStream.range(0, 5).forEach(_ -> signIn.withPassword("ann", "wrong", HERE));
        assertThat(code(signIn.withPassword("ann", "right ann", HERE)))
                .as("known, but wrong five times")
                .isEqualTo(ProblemCode.TOO_MANY_ATTEMPTS);
        clock.advance(Duration.ofMinutes(15));
        assertThat(signIn.withPassword("ann", "right ann", "192.0.2.2")).isEqualTo(Outcome.done(ann));
    }

    @Test
    void a_name_is_known_where_it_signed_in_itself_and_not_where_others_did() {
        user("bob");
        assertThat(signIn.withPassword("bob", "right bob", HERE)).isInstanceOf(Outcome.Done.class);
        IntStream.range(0, 100).forEach(i -> signIn.withPassword("ann", "guess", "10.0.0." + i));

        assertThat(code(signIn.withPassword("ann", "right ann", HERE))).isEqualTo(ProblemCode.TOO_MANY_ATTEMPTS);
    }

    @Test
    void many_at_once_with_the_right_password_all_get_in() throws Exception {
        assertThat(atOnce(40, i -> signIn.withPassword("ann", "right ann", "10.0.0." + i)))
                .containsOnly(Outcome.done(ann));
    }

    @Test
    void a_hash_that_found_no_turn_is_no_failure_of_the_name() {
        PasswordHashing busy = new PasswordHashing() {
            @Override
            public String hash(String password) {
                return "hash";
            }

            @Override
            public boolean matches(String password, String hash) {
                throw new ProblemException(new Problem.TooManyAttempts(Duration.ofSeconds(5)));
            }
        };
        SignIn overloaded = SignIn.using(accounts, busy, clock);

        assertThat(IntStream.range(0, 50).mapToObj(_ -> overloaded.withPassword("ann", "right ann", HERE)))
                .containsOnly(Outcome.refused(new Problem.TooManyAttempts(Duration.ofSeconds(5))));
    }

    @Test
    void a_failure_that_is_over_holds_up_nobody() {
        var failures = new FailedAttempts(5, Duration.ofMinutes(15), 100);
        Instant later = START.plus(Duration.ofMinutes(16));
        assertThat(failures.begin("ann", START)).isEmpty();
        assertThat(failures.blockedFor("ann", later)).isEmpty();
        for (int i = 0; i < 5; i++) {
            assertThat(failures.begin("bob", later)).isEmpty();
        }
        assertThat(failures.begin("bob", later)).isPresent();
        assertThat(failures.keys()).isEqualTo(1);
    }

    @Test
    void the_memory_for_failures_is_bounded() {
        var failures = new FailedAttempts(5, Duration.ofMinutes(15), 100);
        IntStream.range(0, 10_000).forEach(i -> failures.begin("name" + i, START));

        assertThat(failures.keys()).isEqualTo(100);
        failures.begin("later", START.plus(Duration.ofMinutes(15)));
        assertThat(failures.keys()).as("those whose time is over are not kept").isEqualTo(1);
    }

    @Test
    void the_memory_for_places_is_bounded_and_keeps_the_latest() {
        var known = new RecentAddresses(2);
        List.of("a", "b", "a", "c").forEach(known::add);

        assertThat(List.of("a", "b", "c")).filteredOn(known::contains).containsExactly("a", "c");
    }

    @Test
    void a_service_token_is_known_by_its_digest_until_it_expires_or_is_revoked() {
        String text = TokenText.mint(new Random(1)).get();
        var token = new ServiceToken(
                new AccountName("nightly"), Role.OPERATOR, START, Optional.of(START.plus(Duration.ofDays(1))));
        accounts.addToken(token, TokenText.sha256(text).orElseThrow());

        assertThat(signIn.withToken(text)).contains(token);
        assertThat(signIn.withToken(text + " ")).isEmpty();
        assertThat(signIn.withToken(text.substring(0, 46))).isEmpty();
        assertThat(signIn.withToken("")).isEmpty();
        clock.advance(Duration.ofDays(1).minusMillis(1));
        assertThat(signIn.withToken(text)).contains(token);
        clock.advance(Duration.ofMillis(1));
        assertThat(signIn.withToken(text)).isEmpty();
    }

    private Account user(String name) {
        var user = new User(new AccountName(name), Role.ADMIN, START);
        accounts.addUser(user, hashing.hash("right " + name));
        return accounts.findAccount(user.name()).orElseThrow();
    }

    private static ProblemCode code(Outcome<?> outcome) {
        return switch (outcome) {
            case Outcome.Done<?> done -> throw new AssertionError("was let in: " + done);
            case Outcome.Refused<?>(Problem problem) -> problem.code();
        };
    }

    private interface Attempt<T> {
        T number(int i);
    }

    private static <T> List<T> atOnce(int count, Attempt<T> attempt) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<T>> calls = IntStream.range(0, count)
                    .<Callable<T>>mapToObj(i -> () -> attempt.number(i))
                    .toList();
            List<T> answers = new ArrayList<>();
            for (Future<T> answer : threads.invokeAll(calls)) {
                answers.add(answer.get());
            }
            return answers;
        }
    }
}
