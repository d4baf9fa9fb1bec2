package dev.holdfast.application.operation;

import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.OperationKind;
import java.util.Optional;

/**
 * What somebody asks to be done.
 *
 * @param subject the backup that it is about, if that is known before
 * @param variant tells two orders of the same kind and subject apart; may be empty
 */
public record OperationRequest(
        OperationKind kind, DatabaseName database, Optional<BackupKey> subject, String variant, Requester requester) {

    /** Equal for orders that ask for the same. */
    String fingerprint() {
        return kind.name() + "/" + database.value() + "/"
                + subject.map(BackupKey::value).orElse("") + "/" + variant;
    }
}
