package dev.holdfast.application.access;

import dev.holdfast.domain.access.User;
import java.util.Arrays;
import java.util.Base64;

/**
 * A user and the password of that moment.
 *
 * @param passwordHash what {@link PasswordHashing} made
 */
public record Account(User user, String passwordHash) {
    private static final int MARK_BYTES = 16;

    /**
     * Another one for each password that is ever set, also for the same password again and for another user of the same
     * name. What is given to somebody who knew the password carries it, and so ends with the password. It gives nothing
     * away: the hash that it is made from begins with a random salt.
     */
    public String passwordMark() {
        byte[] digest = TokenText.digest(passwordHash);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, MARK_BYTES));
    }

    /** Leaves the hash out. */
    @Override
    public String toString() {
        return "Account[" + user + "]";
    }
}
