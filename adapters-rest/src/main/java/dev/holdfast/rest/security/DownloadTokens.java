package dev.holdfast.rest.security;

import dev.holdfast.application.access.Identity;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Sha256;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import java.time.Instant;
import java.util.Optional;

/** Tokens that stand in an address and open one backup for a short time, for links and for programs without headers. */
public interface DownloadTokens {
    String PARAMETER = "token";

    /** Opens those bytes of that backup, as long as {@code who} and all whom they depend on are what they are now. */
    AccessTokens.Issued issue(Identity who, Backup backup, Sha256 sha256);

    /** Whether the request's address has a token. A wrong one is refused, whatever else the request shows. */
    boolean isPresented(HttpRequest<?> request);

    /** What the token in the request's address opens now; empty if it is not valid, or not any more. */
    Optional<Pass> pass(HttpRequest<?> request);

    /** The answer to a token that does not open what is asked for. */
    MutableHttpResponse<?> refusal(HttpRequest<?> request);

    record Pass(String database, String filename, Instant createdAt, Sha256 sha256) {
        public boolean isFor(String otherDatabase, String otherFilename) {
            return database.equals(otherDatabase) && filename.equals(otherFilename);
        }

        /**
         * Another backup of the same name, made after this one was deleted, is another backup.
         *
         * @param actual of the backup's bytes
         */
        public boolean isFor(Backup backup, Sha256 actual) {
            return isFor(backup.database().value(), backup.key().value())
                    && createdAt.equals(backup.createdAt())
                    && sha256.equals(actual);
        }
    }
}
