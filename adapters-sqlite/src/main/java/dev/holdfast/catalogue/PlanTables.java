package dev.holdfast.catalogue;

import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.plan.PlanProperties;
import dev.holdfast.application.plan.PlanStore;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.plan.DrillOutcome;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The tables {@code plans}, {@code plan_terms}, {@code plan_progress} and {@code drills}. */
record PlanTables(Session writing, Session reading, AuditTable audit) implements PlanStore {
    @Override
    public Optional<Kept> find(DatabaseName database) {
        return reading.run(it -> Session.readAtOneMoment(it, connection -> find(connection, database.value())));
    }

    private static Optional<Kept> find(Connection connection, String database) throws SQLException {
        var terms = new TreeMap<String, String>();
        for (Map.Entry<String, String> term : Sql.all(
                connection,
                row -> Map.entry(row.getString("name"), row.getString("value")),
                "SELECT name, value FROM plan_terms WHERE database = ?",
                database)) {
            terms.put(term.getKey(), term.getValue());
        }
        return Sql.one(
                connection,
                row -> new Kept(
                        new PlanProperties(terms),
                        row.getString("changed_by"),
                        Timestamps.read(row.getString("changed_at"))),
                "SELECT changed_by, changed_at FROM plans WHERE database = ?",
                database);
    }

    @Override
    public void keep(DatabaseName database, Kept kept, AuditEntry entry) {
        writing.transact(it -> {
            Sql.update(it, "DELETE FROM plan_terms WHERE database = ?", database.value());
            Sql.update(
                    it,
                    "INSERT OR REPLACE INTO plans (database, changed_by, changed_at) VALUES (?, ?, ?)",
                    database.value(),
                    kept.changedBy(),
                    Timestamps.write(kept.changedAt()));
            for (Map.Entry<String, String> term : kept.terms().values().entrySet()) {
                Sql.update(
                        it,
                        "INSERT INTO plan_terms (database, name, value) VALUES (?, ?, ?)",
                        database.value(),
                        term.getKey(),
                        term.getValue());
            }
            return audit.add(it, entry);
        });
    }

    @Override
    public Optional<Progress> progress(DatabaseName database, Job job) {
        return reading.run(it -> Sql.one(
                it,
                row -> new Progress(
                        row.getString("timetable"),
                        Timestamps.read(row.getString("handled")),
                        row.getInt("expiry_pending") != 0,
                        Optional.ofNullable(row.getString("last_run")).map(OperationId::new)),
                "SELECT * FROM plan_progress WHERE database = ? AND job = ?",
                database.value(),
                job.name()));
    }

    @Override
    public void save(DatabaseName database, Job job, Progress progress) {
        writing.run(it -> Sql.update(
                it,
                """
                INSERT OR REPLACE INTO plan_progress (database, job, timetable, handled, expiry_pending, last_run)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                database.value(),
                job.name(),
                progress.timetable(),
                Timestamps.write(progress.handled()),
                progress.expiryPending() ? 1 : 0,
                progress.lastRun().map(OperationId::value).orElse(null)));
    }

    @Override
    public Optional<Drill> lastDrill(DatabaseName database) {
        return reading.run(
                it -> Sql.one(it, PlanTables::drill, "SELECT * FROM drills WHERE database = ?", database.value()));
    }

    private static Drill drill(ResultSet row) throws SQLException {
        String outcome = row.getString("outcome");
        return new Drill(
                List.of(DrillOutcome.values()).stream()
                        .filter(it -> it.name().equals(outcome))
                        .findFirst()
                        .orElseThrow(() -> new UnreadableRowException("drill outcome: " + outcome)),
                Timestamps.read(row.getString("at")),
                Optional.ofNullable(row.getString("backup")).map(BackupKey::new),
                row.getString("text"),
                Optional.ofNullable(row.getString("proven_at")).map(Timestamps::read));
    }

    @Override
    public void save(DatabaseName database, Drill drill) {
        writing.run(it -> Sql.update(
                it,
                """
                INSERT OR REPLACE INTO drills (database, outcome, at, backup, text, proven_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                database.value(),
                drill.outcome().name(),
                Timestamps.write(drill.at()),
                drill.backup().map(BackupKey::value).orElse(null),
                drill.text(),
                Timestamps.write(drill.provenAt())));
    }
}
