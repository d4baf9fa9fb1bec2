package dev.holdfast.application.access.token;

import dev.holdfast.application.access.Identity;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Sha256;
import java.time.Instant;
import java.util.Optional;

/** Tokens that stand in an address and open one backup for a short time, for links and for programs without headers. */
public interface DownloadTokens {
    /** Opens those bytes of that backup, as long as {@code who} and all accounts they depend on are what they are now. */
    AccessTokens.Issued issue(Identity who, Backup backup, Sha256 sha256);

    /** What the token opens now; empty if it is not valid, or not any more. May block. */
    Optional<Pass> open(String token);

    /** @param who holds the token, with no more rights than it takes to download */
    record Pass(Identity who, String database, String filename, Instant createdAt, Sha256 sha256) {
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
