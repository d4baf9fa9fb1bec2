package dev.holdfast.rest.security;

import dev.holdfast.domain.backup.Backup;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import java.security.Principal;
import java.time.Instant;
import java.util.Optional;

/** Tokens that stand in an address and open one backup for a short time, for links and for programs without headers. */
public interface DownloadTokens {
    String PARAMETER = "token";

    /** Opens that backup as it is now, as long as {@code who} may still download. */
    AccessTokens.Issued issue(Optional<Principal> who, Backup backup);

    /** Whether the request's address has a token. A wrong one is refused, whatever else the request shows. */
    boolean isPresented(HttpRequest<?> request);

    /** What the token in the request's address opens now; empty if it is not valid, or not any more. */
    Optional<Pass> pass(HttpRequest<?> request);

    /** The answer to a token that does not open what is asked for. */
    MutableHttpResponse<?> refusal(HttpRequest<?> request);

    /** @param sha256 hex; empty if it was not known yet */
    record Pass(String database, String filename, Instant createdAt, Optional<String> sha256) {
        public boolean isFor(String otherDatabase, String otherFilename) {
            return database.equals(otherDatabase) && filename.equals(otherFilename);
        }

        /** Another backup of the same name, made after this one was deleted, is another backup. */
        public boolean isFor(Backup backup) {
            return isFor(backup.database().value(), backup.key().value())
                    && createdAt.equals(backup.createdAt())
                    && sha256.map(it -> backup.sha256()
                                    .filter(now -> now.hex().equals(it))
                                    .isPresent())
                            .orElse(true);
        }
    }
}
