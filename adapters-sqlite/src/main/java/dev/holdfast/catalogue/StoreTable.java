package dev.holdfast.catalogue;

import dev.holdfast.application.store.KnownStore;
import dev.holdfast.application.store.KnownStore.Stage;
import dev.holdfast.application.store.KnownStores;
import dev.holdfast.application.store.StoreId;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The table {@code stores}. Every use of a store needs it, so its failure is the store's. */
record StoreTable(Session writing, Session reading) implements KnownStores {
    /** The tables with what is recorded of a database once: a row of the new name stays as it is. */
    private static final List<String> KEPT_ONCE = List.of("plan_progress", "drills", "documents");

    @Override
    public Optional<KnownStore> find(DatabaseName database, String store) {
        return available(() -> reading.run(it -> find(it, database, store)));
    }

    private static Optional<KnownStore> find(Connection connection, DatabaseName database, String store)
            throws SQLException {
        return Sql.one(
                connection,
                StoreTable::read,
                "SELECT * FROM stores WHERE database = ? AND store = ?",
                database.value(),
                store);
    }

    @Override
    public List<KnownStore> all() {
        return available(() ->
                reading.run(it -> Sql.all(it, StoreTable::read, "SELECT * FROM stores ORDER BY database, store")));
    }

    /** A full disk is a problem already and stays that one. */
    private static <T> T available(Supplier<T> work) {
        try {
            return work.get();
        } catch (CatalogueException e) {
            throw new ProblemException(
                    new Problem.StoreUnavailable("The server cannot look up which backup directory is the right one: "
                            + e.getMessage() + ". This failure does not damage the backups, but none is listed, read or"
                            + " changed without the catalogue. Look at that file, its disk and the processes that use"
                            + " it, and try again."),
                    e);
        }
    }

    private static KnownStore read(ResultSet row) throws SQLException {
        try {
            return known(row);
        } catch (IllegalArgumentException e) {
            throw new UnreadableRowException("store: " + e.getMessage(), e);
        }
    }

    private static KnownStore known(ResultSet row) throws SQLException {
        String stage = row.getString("stage");
        return new KnownStore(
                new DatabaseName(row.getString("database")),
                row.getString("store"),
                new StoreId(row.getString("id")),
                Arrays.stream(Stage.values())
                        .filter(it -> it.name().equals(stage))
                        .findFirst()
                        .orElseThrow(() -> new UnreadableRowException("store stage: " + stage)),
                Path.of(row.getString("source")),
                Path.of(row.getString("directory")),
                Optional.ofNullable(row.getString("mark")),
                Optional.ofNullable(row.getString("pending_mark")),
                names(row.getString("former_names")));
    }

    private static Set<DatabaseName> names(String text) {
        return Stream.of(text.split(" "))
                .filter(it -> !it.isEmpty())
                .map(DatabaseName::new)
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public void remember(KnownStore known) {
        available(() -> writing.run(it -> write(it, known)));
    }

    @Override
    public boolean replace(Optional<KnownStore> before, KnownStore known) {
        return available(() -> writing.transact(
                it -> find(it, known.database(), known.store()).equals(before) && write(it, known) > 0));
    }

    /** A commit without a sync keeps the file whole: in WAL mode a power cut loses the last commits at most. */
    @Override
    public void rememberSoon(KnownStore known) {
        available(() -> writing.run(it -> {
            Sql.execute(it, "PRAGMA synchronous = NORMAL");
            try {
                return write(it, known);
            } finally {
                Sql.execute(it, "PRAGMA synchronous = FULL");
            }
        }));
    }

    private static int write(Connection connection, KnownStore known) throws SQLException {
        return Sql.update(
                connection,
                """
                INSERT OR REPLACE INTO stores
                    (database, store, id, stage, source, directory, mark, pending_mark, former_names)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                known.database().value(),
                known.store(),
                known.id().value(),
                known.stage().name(),
                known.source().toString(),
                known.directory().toString(),
                known.mark().orElse(null),
                known.pendingMark().orElse(null),
                known.formerNames().stream().map(DatabaseName::value).sorted().collect(Collectors.joining(" ")));
    }

    @Override
    public void rename(DatabaseName former, KnownStore known) {
        String from = former.value();
        String to = known.database().value();
        available(() -> writing.transact(it -> {
            Sql.update(it, "DELETE FROM stores WHERE database = ? AND store = ?", from, known.store());
            write(it, known);
            // A plan has its terms in a second table, which points to the first.
            if (Sql.update(it, """
                            INSERT OR IGNORE INTO plans (database, changed_by, changed_at)
                            SELECT ?, changed_by, changed_at FROM plans WHERE database = ?
                            """, to, from) > 0) {
                Sql.update(it, "UPDATE plan_terms SET database = ? WHERE database = ?", to, from);
                Sql.update(it, "DELETE FROM plans WHERE database = ?", from);
            }
            for (String table : KEPT_ONCE) {
                Sql.update(it, "UPDATE OR IGNORE " + table + " SET database = ? WHERE database = ?", to, from);
            }
            return Sql.update(it, "UPDATE operations SET database = ? WHERE database = ?", to, from);
        }));
    }
}
