package dev.holdfast.application.access;

import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.ServiceToken;
import dev.holdfast.domain.access.User;
import java.util.List;
import java.util.Optional;

/** Keeps users and service tokens. Durable when a method returns. Other processes may change them at any time. */
public interface Accounts {
    /** @return whether it was added; false if the name is taken by a user */
    boolean addUser(User user, String passwordHash);

    /** The user with the password that goes with it, both of one moment. */
    Optional<Account> findAccount(AccountName name);

    default Optional<User> findUser(AccountName name) {
        return findAccount(name).map(Account::user);
    }

    /** @return whether there is such a user */
    boolean setPasswordHash(AccountName name, String passwordHash);

    /** @return whether there was such a user */
    boolean removeUser(AccountName name);

    /** By name. */
    List<User> users();

    /** @param sha256 of the token, hex; @return false if the name is taken by a token */
    boolean addToken(ServiceToken token, String sha256);

    Optional<ServiceToken> findToken(String sha256);

    /** @return whether there was such a token */
    boolean removeToken(AccountName name);

    /** By name. */
    List<ServiceToken> tokens();
}
