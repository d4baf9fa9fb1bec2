package dev.holdfast.application.access;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.plan.RepeatedEntry;
import dev.holdfast.domain.access.ServiceToken;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemCode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Records sign-ins with a password. Failed ones are counted for each name and address.
 *
 * <p>Random names cost a stranger nothing. So an attempt that was refused unlooked-at, and one with another name after
 * {@value #MAX_NAMES} of one network, begins no entry of its own: it counts in one without a name for the network.
 */
final class AuditedSignIn implements SignIn {
    private static final Duration WINDOW = Duration.ofMinutes(15);
    private static final int MAX_FAILED = 10_000;
    private static final int MAX_NAMES = 20;
    private static final String ANY_NAME = "";

    private record Failed(String name, String address) {}

    private final FailedAttempts names = new FailedAttempts(MAX_NAMES, WINDOW, MAX_FAILED);
    private final SignIn signIn;
    private final Audit audit;
    private final InstantSource clock;

    /** What has an entry, and since when; the eldest goes. */
    private final Map<Failed, Instant> failed = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Failed, Instant> eldest) {
            return size() > MAX_FAILED;
        }
    };

    AuditedSignIn(SignIn signIn, Audit audit, InstantSource clock) {
        this.signIn = signIn;
        this.audit = audit;
        this.clock = clock;
    }

    @Override
    public Outcome<Account> withPassword(String name, String password, String address) {
        Outcome<Account> outcome = signIn.withPassword(name, password, address);
        Instant now = clock.instant();
        switch (outcome) {
            case Outcome.Done<Account>(Account account) ->
                audit.add(new AuditEntry(
                                now,
                                account.user().name().value(),
                                "sign-in",
                                Optional.empty(),
                                Optional.empty(),
                                AuditEntry.SUCCEEDED,
                                "")
                        .from(address));
            case Outcome.Refused<Account>(Problem problem) -> audit.count(failure(name, address, problem.code(), now));
        }
        return outcome;
    }

    private RepeatedEntry failure(String name, String address, ProblemCode code, Instant now) {
        String network = ClientNetwork.of(address);
        var attempt = new Failed(name, address);
        if (isKnown(attempt, now)) {
            return RepeatedEntry.failedSignIn(now, name, address, ProblemCode.UNAUTHENTICATED.id());
        }
        if (code == ProblemCode.TOO_MANY_ATTEMPTS || names.begin(network, now).isPresent()) {
            return RepeatedEntry.failedSignIn(now, ANY_NAME, network, code.id());
        }
        remember(attempt, now);
        return RepeatedEntry.failedSignIn(now, name, address, code.id());
    }

    private void remember(Failed attempt, Instant now) {
        synchronized (failed) {
            failed.put(attempt, now);
        }
    }

    private boolean isKnown(Failed attempt, Instant now) {
        synchronized (failed) {
            Instant since = failed.get(attempt);
            return since != null && isRecent(since, now);
        }
    }

    private static boolean isRecent(Instant since, Instant now) {
        return since.plus(WINDOW).isAfter(now);
    }

    @Override
    public Optional<ServiceToken> withToken(String token) {
        return signIn.withToken(token);
    }
}
