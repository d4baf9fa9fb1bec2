package dev.holdfast.application.audit;

import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.plan.RepeatedEntry;
import dev.holdfast.domain.identity.OperationId;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/**
 * Where the audit is kept. Every method that writes is durable when it returns, or throws, and keeps the audit within its
 * bounds. Safe for use by several threads and processes.
 */
public interface AuditLog extends Audit {
    /** @param id larger for a later entry */
    record Numbered(long id, AuditEntry entry) {}

    /**
     * Newest first.
     *
     * @param before only those with a smaller id
     * @param limit 1 to {@link #MOST} + 1
     */
    List<Numbered> page(OptionalLong before, int limit);

    /** All of them or none. */
    void count(List<RepeatedEntry> repeated);

    @Override
    default void count(RepeatedEntry repeated) {
        count(List.of(repeated));
    }

    /** Adds the entry of an operation, unless there is one: then it only completes who asked from where. */
    void begin(OperationId operation, AuditEntry entry);

    /** Gives the entry of an operation its outcome; adds it if there is none. */
    void end(OperationId operation, AuditEntry entry);

    /** The operations whose entries say that they have not ended. */
    List<OperationId> unended();

    /** Removes what is too old or too much. */
    void trim(Instant now);
}
