package dev.holdfast.application.access.token;

import dev.holdfast.application.access.Account;

/** What a sign-in gives: a JWT, to be sent with every request as {@code Authorization: Bearer}. */
public interface AccessTokens {
    /** For that account and that password: another password ends what is issued here. */
    Issued issue(Account account);

    /** @param expiresInSeconds from now on */
    record Issued(String token, long expiresInSeconds) {
        /** Leaves the secret out. */
        @Override
        public String toString() {
            return "Issued[expiresInSeconds=" + expiresInSeconds + "]";
        }
    }
}
