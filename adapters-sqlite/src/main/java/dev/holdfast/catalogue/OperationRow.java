package dev.holdfast.catalogue;

import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.operation.Progress;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/** Reads a row of {@code operations}. */
final class OperationRow {
    private OperationRow() {}

    static Operation read(ResultSet row) throws SQLException {
        try {
            return new Operation(
                    new OperationId(row.getString("id")),
                    OperationKind.valueOf(row.getString("kind")),
                    new DatabaseName(row.getString("database")),
                    text(row, "subject").map(BackupKey::new),
                    row.getString("requested_by"),
                    OperationState.valueOf(row.getString("state")),
                    Phase.valueOf(row.getString("phase")),
                    new Progress(
                            row.getLong("progress_done"),
                            row.getLong("progress_total"),
                            text(row, "progress_since").map(Timestamps::read)),
                    row.getBoolean("cancel_requested"),
                    Timestamps.read(row.getString("started_at")),
                    text(row, "finished_at").map(Timestamps::read),
                    text(row, "result").map(ResultDocument::read),
                    failure(row),
                    row.getLong("revision"));
        } catch (IllegalArgumentException e) {
            throw new UnreadableRowException("operation " + row.getString("id") + ": " + e.getMessage(), e);
        }
    }

    private static Optional<Failure> failure(ResultSet row) throws SQLException {
        Optional<String> code = text(row, "failure_code");
        String detail = text(row, "failure_detail").orElse("");
        return code.map(it -> new Failure(it, detail));
    }

    private static Optional<String> text(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getString(column));
    }
}
