package dev.holdfast.domain.access;

import java.time.Instant;
import java.util.Optional;

/**
 * What a program signs in with. The token itself is shown once and kept nowhere.
 *
 * @param expiresAt empty if it never does
 */
public record ServiceToken(AccountName name, Role role, Instant createdAt, Optional<Instant> expiresAt) {
    public boolean isValidAt(Instant now) {
        return expiresAt.map(now::isBefore).orElse(true);
    }
}
