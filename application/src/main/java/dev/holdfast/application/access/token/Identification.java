package dev.holdfast.application.access.token;

import dev.holdfast.application.access.Identity;
import java.util.Optional;

/** Finds out who presents a token, whatever kind of token it is. May block. Safe for use by several threads. */
public interface Identification {
    /**
     * @param token as a client sent it
     * @return empty if the token is not valid now: unknown, forged, expired, revoked, or of an account that is gone
     */
    Optional<Identity> withBearer(String token);
}
