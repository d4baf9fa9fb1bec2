package dev.holdfast.catalogue;

import dev.holdfast.application.audit.AuditBounds;
import dev.holdfast.application.audit.AuditLog;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.plan.RepeatedEntry;
import dev.holdfast.application.plan.RepeatedEntry.Kind;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code audit}.
 *
 * @param bounds empty for a process that does not know the server's settings: it adds, and the server removes
 */
record AuditTable(Session writing, Session reading, Optional<AuditBounds> bounds) implements AuditLog {
    private static final String OPERATION = "operation\n";

    /** Also what the clock of a machine that was set back since takes for the future, but not the far one. */
    private static final String FIND_REPEATED = """
            SELECT id, address FROM audit WHERE merge_key = ? AND at > ? AND at < ? ORDER BY id DESC LIMIT 1
            """;

    private static final String ROLE =
            "SELECT role FROM users WHERE name = ? UNION ALL SELECT role FROM tokens WHERE name = ?";

    @Override
    public List<AuditEntry> newest(int limit) {
        if (limit < 1 || limit > MOST) {
            throw new IllegalArgumentException("limit: " + limit + " (expected: 1 to " + MOST + ")");
        }
        return page(OptionalLong.empty(), limit).stream().map(Numbered::entry).toList();
    }

    @Override
    public List<Numbered> page(OptionalLong before, int limit) {
        return reading.run(it -> Sql.all(
                it,
                row -> new Numbered(row.getLong("id"), entry(row)),
                "SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?",
                before.orElse(Long.MAX_VALUE),
                limit));
    }

    private static AuditEntry entry(ResultSet row) throws SQLException {
        return new AuditEntry(
                Timestamps.read(row.getString("at")),
                Timestamps.read(row.getString("until")),
                row.getString("who"),
                Optional.ofNullable(row.getString("address")),
                row.getString("action"),
                Optional.ofNullable(row.getString("database")).map(DatabaseName::new),
                Optional.ofNullable(row.getString("object")),
                row.getString("outcome"),
                row.getLong("count"),
                row.getString("detail"));
    }

    @Override
    public void add(AuditEntry entry) {
        writing.transact(it -> add(it, entry));
    }

    /** Within the transaction of what it tells of. */
    int add(Connection connection, AuditEntry entry) throws SQLException {
        Optional<RepeatedEntry> repeated = RepeatedEntry.action(entry);
        if (repeated.isPresent()) {
            count(connection, repeated.get());
        } else {
            insert(connection, Kind.ACTION, entry, null);
        }
        return trim(connection, entry.until());
    }

    private static void insert(Connection connection, Kind kind, AuditEntry entry, @Nullable String mergeKey)
            throws SQLException {
        Kind share = kind == Kind.ACTION && isOfLowRole(connection, entry) ? Kind.ACCOUNT_ACTION : kind;
        Sql.update(
                connection,
                """
                INSERT INTO audit (kind, at, until, who, address, action, database, object, outcome, count, detail,
                    merge_key)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                share.name(),
                Timestamps.write(entry.at()),
                Timestamps.write(entry.until()),
                entry.who(),
                entry.address().orElse(null),
                entry.action(),
                entry.database().map(DatabaseName::value).orElse(null),
                entry.object().orElse(null),
                entry.outcome(),
                entry.count(),
                entry.detail(),
                mergeKey);
    }

    /**
     * Returns whether the entry is of an account that is not known as an admin. A person of an identity provider is not:
     * their role is in their token only. Without an address it is of a command or of the server itself.
     */
    private static boolean isOfLowRole(Connection connection, AuditEntry entry) throws SQLException {
        return Sql.one(connection, row -> row.getString("role"), ROLE, entry.who(), entry.who())
                .map(it -> !it.equals(Role.ADMIN.name()))
                .orElse(entry.address().isPresent() && !entry.who().equals(Requester.ANONYMOUS));
    }

    @Override
    public void count(List<RepeatedEntry> repeated) {
        if (repeated.isEmpty()) {
            return;
        }
        writing.transact(it -> {
            for (RepeatedEntry one : repeated) {
                count(it, one);
            }
            return trim(it, repeated.getLast().entry().until());
        });
    }

    private record Known(long id, Optional<String> address) {}

    private static void count(Connection connection, RepeatedEntry repeated) throws SQLException {
        AuditEntry entry = repeated.entry();
        Optional<Known> known = Sql.one(
                connection,
                row -> new Known(row.getLong("id"), Optional.ofNullable(row.getString("address"))),
                FIND_REPEATED,
                repeated.key(),
                Timestamps.write(entry.at().minus(repeated.window())),
                Timestamps.write(entry.at().plus(repeated.window())));
        if (known.isEmpty()) {
            insert(connection, repeated.kind(), entry, repeated.key());
            return;
        }
        boolean elsewhere = !known.get().address().equals(entry.address());
        String detail = elsewhere ? entry.address().map(it -> "last from " + it).orElse("") : entry.detail();
        Sql.update(
                connection,
                """
                UPDATE audit SET count = count + ?, until = max(until, ?), detail = CASE ? WHEN '' THEN detail ELSE ? END
                WHERE id = ?
                """,
                entry.count(),
                Timestamps.write(entry.until()),
                detail,
                detail,
                known.get().id());
    }

    @Override
    public void begin(OperationId operation, AuditEntry entry) {
        String key = OPERATION + operation.value();
        writing.transact(it -> {
            int completed = Sql.update(it, """
                    UPDATE audit SET address = coalesce(address, ?), detail = CASE detail WHEN '' THEN ? ELSE detail END
                    WHERE merge_key = ?
                    """, entry.address().orElse(null), entry.detail(), key);
            return completed == 0 ? insertOfOperation(it, entry, key) : completed;
        });
    }

    private int insertOfOperation(Connection connection, AuditEntry entry, String key) throws SQLException {
        insert(connection, Kind.ACTION, entry, key);
        return trim(connection, entry.until());
    }

    @Override
    public void end(OperationId operation, AuditEntry entry) {
        String key = OPERATION + operation.value();
        writing.transact(it -> {
            int ended = Sql.update(
                    it,
                    "UPDATE audit SET outcome = ?, until = max(until, ?) WHERE merge_key = ?",
                    entry.outcome(),
                    Timestamps.write(entry.until()),
                    key);
            return ended == 0 ? insertOfOperation(it, entry, key) : ended;
        });
    }

    @Override
    public List<OperationId> unended() {
        return reading.run(it -> Sql.all(
                it,
                row -> new OperationId(row.getString("merge_key").substring(OPERATION.length())),
                "SELECT merge_key FROM audit WHERE merge_key GLOB ? AND outcome = ?",
                OPERATION + "*",
                AuditEntry.STARTED));
    }

    @Override
    public void trim(Instant now) {
        writing.transact(it -> trim(it, now));
    }

    private int trim(Connection connection, Instant now) throws SQLException {
        if (bounds.isEmpty()) {
            return 0;
        }
        AuditBounds most = bounds.get();
        return Sql.update(connection, "DELETE FROM audit WHERE until < ?", Timestamps.write(now.minus(most.keep())))
                + trimActions(connection, most.actionShare())
                + trimAccounts(connection, Kind.ACCOUNT_ACTION, most.actionsOfOneAccount(), most.accountsShare())
                + trimAccounts(connection, Kind.REFUSAL, most.refusalsOfOneAccount(), most.countedShare())
                + trimCounted(connection, most.countedShare());
    }

    private static int trimActions(Connection connection, int most) throws SQLException {
        // There are not more entries than numbers, so that the usual case looks at two of them alone.
        long numbers = Sql.number(connection, """
                SELECT coalesce((SELECT max(id) FROM audit WHERE kind = 'ACTION')
                    - (SELECT min(id) FROM audit WHERE kind = 'ACTION') + 1, 0)
                """);
        return numbers <= most ? 0 : Sql.update(connection, """
                        DELETE FROM audit WHERE kind = 'ACTION' AND id <= (
                            SELECT id FROM audit WHERE kind = 'ACTION' ORDER BY id DESC LIMIT 1 OFFSET ?)
                        """, most);
    }

    private record Held(String who, int rows) {}

    /** Removes what accounts have beyond their shares; beyond the share of all, those with the most entries give. */
    private static int trimAccounts(Connection connection, Kind kind, int mostOfOne, int mostOfAll)
            throws SQLException {
        List<Held> held =
                Sql.all(connection, row -> new Held(row.getString("who"), row.getInt("entries")), """
                SELECT who, count(*) AS entries FROM audit WHERE kind = ? GROUP BY who ORDER BY entries DESC, min(id)
                """, kind.name());
        int[] kept =
                held.stream().mapToInt(it -> Math.min(it.rows(), mostOfOne)).toArray();
        level(kept, mostOfAll);
        int removed = 0;
        for (int i = 0; i < kept.length; i++) {
            Held one = held.get(i);
            if (one.rows() > kept[i]) {
                removed += removeOf(connection, kind, one.who(), one.rows() - kept[i]);
            }
        }
        return removed;
    }

    /** Lowers the largest numbers to one level, at which the sum is {@code most}. */
    private static void level(int[] largestFirst, int most) {
        long rest = Arrays.stream(largestFirst).asLongStream().sum();
        if (rest <= most) {
            return;
        }
        for (int count = 1; count <= largestFirst.length; count++) {
            rest -= largestFirst[count - 1];
            long level = Math.max(0, (most - rest) / count);
            if (count == largestFirst.length || level >= largestFirst[count]) {
                long spare = Math.max(0, most - rest - level * count);
                for (int i = 0; i < count; i++) {
                    largestFirst[i] = (int) level + (i >= count - spare ? 1 : 0);
                }
                return;
            }
        }
    }

    /** The oldest go, but what keeps an entry of its own goes last: no account can push out its own traces so. */
    private static int removeOf(Connection connection, Kind kind, String who, int rows) throws SQLException {
        return Sql.update(connection, """
                DELETE FROM audit WHERE id IN (
                    SELECT id FROM audit WHERE kind = ? AND who = ?
                    ORDER BY merge_key IS NULL OR merge_key GLOB ?, id LIMIT ?)
                """, kind.name(), who, OPERATION + "*", rows);
    }

    /** Refusals of accounts stay longer than failed sign-ins, which are for everybody to make. */
    private static int trimCounted(Connection connection, int most) throws SQLException {
        return Sql.update(connection, """
                DELETE FROM audit WHERE id IN (
                    SELECT id FROM audit WHERE kind IN ('FAILED_SIGN_IN', 'REFUSAL')
                    ORDER BY kind = 'REFUSAL', id
                    LIMIT max(0, (SELECT count(*) FROM audit WHERE kind IN ('FAILED_SIGN_IN', 'REFUSAL')) - ?))
                """, most);
    }
}
