package dev.holdfast.application.access;

import dev.holdfast.application.plan.Audit;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.ServiceToken;
import dev.holdfast.domain.access.User;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Changes who may sign in. What is given comes from a person: names and passwords may have any shape. */
public interface AdministerAccounts {
    int SHORTEST_PASSWORD = 8;
    Duration LONGEST_VALIDITY = Duration.ofDays(3650);

    Change<User> addUser(String name, Role role, String password);

    /** By name. */
    List<User> users();

    /** The last user who is an admin stays: without one nobody could give the role to anybody over an API. */
    Change<AccountName> removeUser(String name);

    Change<AccountName> setPassword(String name, String password);

    /** Adds the user as admin if no user is one yet; otherwise changes nothing and answers with nobody. */
    Change<Optional<User>> addFirstAdmin(String name, String password);

    /** @param validity from now on, at least a second; empty if it never ends */
    Change<NewToken> createToken(String name, Role role, Optional<Duration> validity);

    /** By name; expired ones too. */
    List<ServiceToken> tokens();

    Change<AccountName> revokeToken(String name);

    /** @param random a cryptographically strong one */
    static AdministerAccounts using(
            Accounts accounts, PasswordHashing hashing, InstantSource clock, RandomGenerator random) {
        return new AdministerAccountsService(accounts, hashing, clock, TokenText.mint(random));
    }

    /**
     * The same, recorded.
     *
     * @param who makes the changes, for the audit
     */
    default AdministerAccounts auditedIn(Audit audit, InstantSource clock, String who) {
        return new AuditedAccounts(this, audit, clock, who);
    }

    /** @param text the token itself, which nobody can ask for again */
    record NewToken(ServiceToken token, String text) {
        /** Leaves the secret out: a record that is logged by accident must not give it away. */
        @Override
        public String toString() {
            return "NewToken[" + token + "]";
        }
    }

    /** What became of a change. */
    sealed interface Change<T> {
        record Made<T>(T value) implements Change<T> {}

        record Refused<T>(Reason reason) implements Change<T> {}
    }

    /** Why nothing was changed. */
    sealed interface Reason {
        /** One sentence that a person can act on; holds no secret. */
        String detail();

        record NameUnfit() implements Reason {
            @Override
            public String detail() {
                return "A name has the form " + AccountName.PATTERN + ".";
            }
        }

        /** A user and a token of one name could not be told apart in the history of operations. */
        record NameTaken(AccountName name) implements Reason {
            @Override
            public String detail() {
                return "There is a user or a token \"" + name + "\" already.";
            }
        }

        record NotFound(String name) implements Reason {
            @Override
            public String detail() {
                return AccountName.isValid(name) ? "There is no \"" + name + "\"." : new NameUnfit().detail();
            }
        }

        record PasswordUnfit(String detail) implements Reason {}

        record ValidityUnfit() implements Reason {
            @Override
            public String detail() {
                return "A token is valid for at least a second and at most " + LONGEST_VALIDITY.toDays() + " days.";
            }
        }

        record LastAdmin(AccountName name) implements Reason {
            @Override
            public String detail() {
                return "\"" + name + "\" is the last admin; add another one first.";
            }
        }
    }
}
