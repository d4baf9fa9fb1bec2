package dev.holdfast.application.filesystem;

import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.OperationKind;
import java.util.Optional;

/** Tells which file systems do not answer. Waits for nothing. */
@FunctionalInterface
public interface Hangs {
    /** Every file system answers. */
    Hangs NONE = (_, _) -> Optional.empty();

    /** Returns the file system that an operation of this kind needs and that does not answer, if there is one. */
    Optional<Hang> of(DatabaseName database, OperationKind kind);
}
