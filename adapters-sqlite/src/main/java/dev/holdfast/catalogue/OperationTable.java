package dev.holdfast.catalogue;

import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The tables {@code operations} and {@code idempotency_keys}. */
record OperationTable(Session writing, Session reading) implements OperationLog {
    private static final String SAVE = """
            INSERT INTO operations (id, kind, database, subject, requested_by, state, phase, progress_done,
                progress_total, cancel_requested, started_at, finished_at, result, failure_code, failure_detail,
                revision, progress_since)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                kind = excluded.kind, database = excluded.database, subject = excluded.subject,
                requested_by = excluded.requested_by, state = excluded.state, phase = excluded.phase,
                progress_done = excluded.progress_done, progress_total = excluded.progress_total,
                cancel_requested = excluded.cancel_requested, started_at = excluded.started_at,
                finished_at = excluded.finished_at, result = excluded.result,
                failure_code = excluded.failure_code, failure_detail = excluded.failure_detail,
                revision = excluded.revision, progress_since = excluded.progress_since
            """;

    /**
     * Its condition is the index's own, in the same words, as SQLite asks. The index is named because SQLite takes the
     * one by database and state for as good, in which it would have to step over every restore and verification since.
     */
    static final String LAST_BACKUP = """
            SELECT * FROM operations INDEXED BY backups_made
            WHERE database = ? AND kind = 'BACKUP' AND state = 'SUCCEEDED'
            ORDER BY started_at DESC, id DESC LIMIT 1
            """;

    /** The newest of each kind stays, so the newest backup to succeed is all that has to be looked for beside it. */
    private static final String TRIM = """
            DELETE FROM operations WHERE finished_at IS NOT NULL
              AND (finished_at < ? OR (started_at, id) < (
                SELECT started_at, id FROM operations WHERE finished_at IS NOT NULL
                ORDER BY started_at DESC, id DESC LIMIT 1 OFFSET ?))
              AND EXISTS (SELECT 1 FROM operations later
                WHERE later.database = operations.database AND later.kind = operations.kind
                  AND (later.started_at, later.id) > (operations.started_at, operations.id))
              AND (kind <> 'BACKUP' OR state <> 'SUCCEEDED' OR EXISTS (SELECT 1 FROM operations later
                WHERE later.database = operations.database AND later.kind = 'BACKUP' AND later.state = 'SUCCEEDED'
                  AND (later.started_at, later.id) > (operations.started_at, operations.id)))
              AND id NOT IN (SELECT operation_id FROM idempotency_keys)
            """;

    @Override
    public void save(Operation operation) {
        Object[] row = {
            operation.id().value(),
            operation.kind().name(),
            operation.database().value(),
            operation.subject().map(BackupKey::value).orElse(null),
            operation.requestedBy(),
            operation.state().name(),
            operation.phase().name(),
            operation.progress().done(),
            operation.progress().total(),
            operation.cancelRequested() ? 1 : 0,
            Timestamps.write(operation.startedAt()),
            Timestamps.write(operation.finishedAt()),
            operation.result().map(ResultDocument::write).orElse(null),
            operation.failure().map(Failure::code).orElse(null),
            operation.failure().map(Failure::detail).orElse(null),
            operation.revision(),
            Timestamps.write(operation.progress().countedSince())
        };
        writing.run(it -> Sql.update(it, SAVE, row));
    }

    @Override
    public Optional<Operation> find(OperationId id) {
        return reading.run(it -> Sql.one(it, OperationRow::read, "SELECT * FROM operations WHERE id = ?", id.value()));
    }

    @Override
    public List<Operation> list(Filter filter, Optional<Operation> after, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit: " + limit + " (expected: at least 1)");
        }
        Query query = query(filter, after, limit);
        return reading.run(it ->
                Sql.all(it, OperationRow::read, query.sql(), query.values().toArray()));
    }

    /** Only the conditions that are set, so that each combination finds its index. */
    static Query query(Filter filter, Optional<Operation> after, int limit) {
        List<String> conditions = new ArrayList<>(List.of("TRUE"));
        List<Object> values = new ArrayList<>();
        filter.database().ifPresent(it -> {
            conditions.add("database = ?");
            values.add(it.value());
        });
        filter.state().ifPresent(it -> {
            conditions.add("state = ?");
            values.add(it.name());
        });
        filter.kind().ifPresent(it -> {
            conditions.add("kind = ?");
            values.add(it.name());
        });
        filter.requestedBy().ifPresent(it -> {
            conditions.add("requested_by = ?");
            values.add(it);
        });
        after.ifPresent(it -> {
            conditions.add("(started_at, id) < (?, ?)");
            values.add(Timestamps.write(it.startedAt()));
            values.add(it.id().value());
        });
        values.add(limit);
        String sql = "SELECT * FROM operations WHERE " + String.join(" AND ", conditions)
                + " ORDER BY started_at DESC, id DESC LIMIT ?";
        return new Query(sql, List.copyOf(values));
    }

    /** A statement and what goes into its question marks. */
    record Query(String sql, List<Object> values) {}

    @Override
    public List<Operation> unfinished() {
        return Stream.of(OperationState.values())
                .filter(it -> !it.isFinal())
                .flatMap(it ->
                        list(new Filter(Optional.empty(), Optional.of(it)), Optional.empty(), Integer.MAX_VALUE)
                                .stream())
                .toList();
    }

    @Override
    public Optional<Operation> lastBackup(DatabaseName database) {
        return reading.run(it -> Sql.one(it, OperationRow::read, LAST_BACKUP, database.value()));
    }

    @Override
    public int trim(Instant endedBefore, int keep) {
        if (keep < 1) {
            throw new IllegalArgumentException("keep: " + keep + " (expected: at least 1)");
        }
        String before = Timestamps.write(endedBefore);
        return writing.run(it -> Sql.update(it, TRIM, before, keep - 1));
    }

    @Override
    public Claim claim(String scope, String key, String fingerprint, OperationId id, Instant now, Instant keptSince) {
        String claimedAt = Timestamps.write(now);
        String oldest = Timestamps.write(keptSince);
        return writing.transact(it -> {
            Sql.update(it, "DELETE FROM idempotency_keys WHERE claimed_at < ?", oldest);
            int added = Sql.update(it, """
                    INSERT INTO idempotency_keys (scope, key, fingerprint, operation_id, claimed_at)
                    VALUES (?, ?, ?, ?, ?) ON CONFLICT (scope, key) DO NOTHING
                    """, scope, key, fingerprint, id.value(), claimedAt);
            if (added == 1) {
                return new Claim.New();
            }
            return Sql.one(
                            it,
                            row -> row.getString("fingerprint").equals(fingerprint)
                                    ? new Claim.Repeated(new OperationId(row.getString("operation_id")))
                                    : new Claim.Conflicting(),
                            "SELECT fingerprint, operation_id FROM idempotency_keys WHERE scope = ? AND key = ?",
                            scope,
                            key)
                    .orElseThrow(() -> new IllegalStateException("the key was there a statement ago"));
        });
    }
}
