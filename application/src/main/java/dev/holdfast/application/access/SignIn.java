package dev.holdfast.application.access;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.domain.access.ServiceToken;
import java.time.InstantSource;
import java.util.Optional;

/** Finds out who somebody is. */
public interface SignIn {
    int LONGEST_PASSWORD = 1024;

    /**
     * Takes as long for an unknown name as for a wrong password. After five failures in a row of one name from one
     * address, or twenty from one address whatever the names, within 15 minutes, further attempts from there are
     * refused with {@code TooManyAttempts} unlooked-at. So whoever guesses holds up nobody but themselves.
     *
     * <p>Against guesses that are spread over many addresses a hundred failures of one name hold it up everywhere but
     * where it has signed in before.
     *
     * <p>Addresses of one IPv6 network (/64) count as one. What was counted is forgotten when the process ends.
     *
     * @param address where the attempt comes from, as text
     * @return the account with the very password that was compared, though it may have been changed since
     */
    Outcome<Account> withPassword(String name, String password, String address);

    /** The valid service token that this text is, if it is one. */
    Optional<ServiceToken> withToken(String token);

    static SignIn using(Accounts accounts, PasswordHashing hashing, InstantSource clock) {
        return new SignInService(accounts, hashing, clock);
    }

    /** The same, recorded. */
    default SignIn auditedIn(Audit audit, InstantSource clock) {
        return new AuditedSignIn(this, audit, clock);
    }
}
