package dev.holdfast.application.access;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.ServiceToken;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

final class SignInService implements SignIn {
    private static final Duration WINDOW = Duration.ofMinutes(15);
    private static final int FAILURES_OF_A_NAME_IN_ONE_PLACE = 5;
    private static final int FAILURES_OF_A_NAME = 100;
    private static final int FAILURES_OF_AN_ADDRESS = 20;
    private static final int MOST_KEYS = 20_000;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final Duration ASK_AGAIN = Duration.ofSeconds(5);
    private static final Problem WRONG = new Problem.Unauthenticated("The name or the password is wrong.");

    private final Accounts accounts;
    private final PasswordHashing hashing;
    private final InstantSource clock;
    private final FailedAttempts ofNamesInOnePlace =
            new FailedAttempts(FAILURES_OF_A_NAME_IN_ONE_PLACE, WINDOW, MOST_KEYS);
    private final FailedAttempts ofNames = new FailedAttempts(FAILURES_OF_A_NAME, WINDOW, MOST_KEYS);
    private final FailedAttempts ofAddresses = new FailedAttempts(FAILURES_OF_AN_ADDRESS, WINDOW, MOST_KEYS);
    private final RecentAddresses known = new RecentAddresses(MOST_KEYS);
    private final ReentrantLock[] turns =
            Stream.generate(() -> new ReentrantLock(true)).limit(64).toArray(ReentrantLock[]::new);
    private @Nullable String hashOfNobody;

    SignInService(Accounts accounts, PasswordHashing hashing, InstantSource clock) {
        this.accounts = accounts;
        this.hashing = hashing;
        this.clock = clock;
    }

    @Override
    public Outcome<Account> withPassword(String name, String password, String address) {
        if (password.length() > LONGEST_PASSWORD) {
            return Outcome.refused(WRONG); // nobody has such a password, so nothing about the name is told
        }
        // Attempts at one name take turns: the sixth of many at once finds the five failures before it, and many at
        // once with the right password all get in. Those that have to wait leave at once, so they hold up nobody long.
        ReentrantLock turn = turns[Math.floorMod(name.hashCode(), turns.length)];
        try {
            if (!turn.tryLock(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                return Outcome.refused(new Problem.TooManyAttempts(ASK_AGAIN));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Outcome.refused(new Problem.TooManyAttempts(ASK_AGAIN));
        }
        try {
            return attempt(name, password, ClientNetwork.of(address));
        } finally {
            turn.unlock();
        }
    }

    private Outcome<Account> attempt(String name, String password, String network) {
        Instant now = clock.instant();
        String place = name + '\n' + network; // no name has a line break
        Optional<Duration> wait = ofNamesInOnePlace
                .blockedFor(place, now)
                .or(() -> known.contains(place) ? Optional.empty() : ofNames.blockedFor(name, now))
                .or(() -> ofAddresses.begin(network, now));
        if (wait.isPresent()) {
            return Outcome.refused(new Problem.TooManyAttempts(wait.get()));
        }
        boolean failed = false;
        try {
            Optional<Account> account = check(name, password);
            failed = account.isEmpty();
            if (failed && AccountName.isValid(name)) {
                ofNamesInOnePlace.begin(place, now);
                ofNames.begin(name, now);
            }
            account.ifPresent(_ -> {
                ofNamesInOnePlace.forget(place);
                known.add(place);
            });
            return account.map(Outcome::done).orElseGet(() -> Outcome.refused(WRONG));
        } catch (ProblemException e) {
            return Outcome.refused(e.problem());
        } finally {
            if (!failed) {
                ofAddresses.takeBack(network, now); // earlier failures stay: one good account must not clear the way
            }
        }
    }

    private Optional<Account> check(String name, String password) {
        String nobody = hashOfNobody();
        Optional<Account> account = Optional.of(name)
                .filter(AccountName::isValid)
                .map(AccountName::new)
                .flatMap(accounts::findAccount);
        boolean matches =
                hashing.matches(password, account.map(Account::passwordHash).orElse(nobody));
        return account.filter(_ -> matches);
    }

    /** What a password is compared with when there is no such name. Made by the first attempt, whoever it is. */
    private synchronized String hashOfNobody() {
        String known = hashOfNobody;
        if (known == null) {
            known = hashing.hash("nobody");
            hashOfNobody = known;
        }
        return known;
    }

    @Override
    public Optional<ServiceToken> withToken(String token) {
        return TokenText.sha256(token).flatMap(accounts::findToken).filter(it -> it.isValidAt(clock.instant()));
    }
}
