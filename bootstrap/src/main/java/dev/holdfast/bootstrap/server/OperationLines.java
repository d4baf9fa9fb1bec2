package dev.holdfast.bootstrap.server;

import dev.holdfast.application.operation.OperationEvents;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.Result;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Writes one line to the log for every operation that ends, with its facts as fields of their own. */
final class OperationLines implements OperationEvents {
    private static final Logger LOG = LoggerFactory.getLogger("dev.holdfast.operations");

    @Override
    public void ended(Operation operation) {
        Level level = switch (operation.state()) {
            case SUCCEEDED, RUNNING -> Level.INFO;
            case CANCELLED, FAILED -> Level.WARN;
        };
        LOG.atLevel(level)
                .addKeyValue("operation", operation.id())
                .addKeyValue("kind", operation.kind())
                .addKeyValue("database", operation.database())
                .addKeyValue("state", operation.state())
                .addKeyValue("backup", operation.subject().map(Object::toString).orElse(""))
                .addKeyValue("requested_by", operation.requestedBy())
                .addKeyValue("millis", took(operation).toMillis())
                .addKeyValue("code", operation.failure().map(Failure::code).orElse(""))
                .log(
                        "{} of database {}: {}{}",
                        operation.kind(),
                        operation.database(),
                        operation.state(),
                        foundDamage(operation) ? ", the backup is corrupt" : "");
    }

    /** The check was made, and what it found must not pass unnoticed. */
    private static boolean foundDamage(Operation operation) {
        return operation
                .result()
                .filter(it -> it instanceof Result.Verified verified
                        && verified.verification() instanceof Verification.Corrupt)
                .isPresent();
    }

    private static Duration took(Operation operation) {
        return operation
                .finishedAt()
                .map(it -> Duration.between(operation.startedAt(), it))
                .orElse(Duration.ZERO);
    }
}
