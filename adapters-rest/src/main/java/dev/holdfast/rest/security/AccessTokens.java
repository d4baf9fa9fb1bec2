package dev.holdfast.rest.security;

import dev.holdfast.domain.access.User;

/** What a sign-in gives: a JWT, to be sent with every request as {@code Authorization: Bearer}. */
public interface AccessTokens {
    Issued issue(User user);

    /** @param expiresInSeconds from now on */
    record Issued(String token, long expiresInSeconds) {
        /** Leaves the secret out. */
        @Override
        public String toString() {
            return "Issued[expiresInSeconds=" + expiresInSeconds + "]";
        }
    }
}
