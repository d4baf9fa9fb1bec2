package dev.holdfast.sqlite.dump;

import static java.util.stream.Collectors.joining;

import dev.holdfast.sqlite.io.Connections;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How the rows of a table are dumped. A row's values are, in this order: its rowid if that has a name of its own, the
 * columns of the primary key, all other columns that are stored as they were given.
 *
 * @param key in the primary key's order
 * @param rowid a name that no column takes from it; null if there is none, or if the rowid is a column
 */
record TableShape(
        String name, String model, @Nullable String rowid, boolean rowidIsKey, List<Column> key, List<Column> fields) {

    record Column(String name, Affinity affinity) {}

    private static final Column ROWID = new Column("", Affinity.NONE);

    static TableShape of(Connection connection, String table) throws SQLException {
        String quoted = Connections.quoted(table);
        boolean strict = false;
        boolean withoutRowid = false;
        // The pragmas' table-valued functions have names that a table can take.
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA main.table_list(" + quoted + ")")) {
            if (rows.next()) {
                withoutRowid = rows.getBoolean("wr");
                strict = rows.getBoolean("strict");
            }
        }
        TreeMap<Integer, Column> key = new TreeMap<>();
        List<Column> fields = new ArrayList<>();
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA main.table_xinfo(" + quoted + ")")) {
            while (rows.next()) {
                names.add(rows.getString("name"));
                Column column = new Column(rows.getString("name"), Affinity.of(rows.getString("type"), strict));
                if (rows.getInt("pk") > 0) {
                    key.put(rows.getInt("pk"), column);
                } else if (rows.getInt("hidden") == 0) {
                    fields.add(column);
                }
            }
        }
        boolean rowidIsKey = !withoutRowid && key.size() == 1 && !hasIndexForKey(connection, quoted);
        String rowid = withoutRowid || rowidIsKey
                ? null
                : Stream.of("rowid", "oid", "_rowid_")
                        .filter(name -> !names.contains(name))
                        .findFirst()
                        .orElse(null);
        return new TableShape(
                table, DumpFormat.model(table), rowid, rowidIsKey, List.copyOf(key.values()), List.copyOf(fields));
    }

    /** The rowid itself is such a key if there is none. */
    private static boolean hasIndexForKey(Connection connection, String quoted) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA main.index_list(" + quoted + ")")) {
            while (rows.next()) {
                if ("pk".equals(rows.getString("origin"))) {
                    return true;
                }
            }
            return false;
        }
    }

    /** All that a row is made of. */
    List<Column> columns() {
        return Stream.of(rowid == null ? List.<Column>of() : List.of(ROWID), key, fields)
                .flatMap(List::stream)
                .toList();
    }

    /** Whether the column must be an integer. */
    boolean isRowid(int column) {
        return column == 0 && (rowid != null || rowidIsKey);
    }

    /** Whether the rowid is neither the key nor missing. */
    boolean rowidBesideKey() {
        return rowid != null && !key.isEmpty();
    }

    @SuppressWarnings("ReferenceEquality") // a column of the table's own may be called and typed the same
    private List<String> names() {
        return columns().stream()
                .map(column -> column == ROWID ? String.valueOf(rowid) : Connections.quoted(column.name()))
                .toList();
    }

    /** In the order in which the table is stored: by rowid, or as the primary key orders it. */
    String select() {
        return "SELECT " + names().stream().map(name -> "x." + name).collect(joining(", ")) + from();
    }

    /** The same, text as its bytes; after all values, for each whether it is text. */
    String selectBytes() {
        return "SELECT "
                + names().stream()
                        .map(name -> "CASE typeof(x." + name + ") WHEN 'text' THEN CAST(x." + name + " AS BLOB) ELSE x."
                                + name + " END")
                        .collect(joining(", "))
                + names().stream()
                        .map(name -> ", typeof(x." + name + ") = 'text'")
                        .collect(joining())
                + from();
    }

    private String from() {
        String order = rowid != null
                ? " ORDER BY x." + rowid
                : rowidIsKey
                        ? " ORDER BY x." + Connections.quoted(key.getFirst().name())
                        : "";
        return " FROM main." + Connections.quoted(name) + " AS x NOT INDEXED" + order;
    }

    /**
     * Whatever the schema wants done on a conflict, the row is refused.
     *
     * @param raw for which values the bytes of a text are given
     */
    String insert(IntPredicate raw) {
        List<String> names = names();
        return "INSERT OR ABORT INTO main." + Connections.quoted(name) + "(" + String.join(", ", names) + ") VALUES ("
                + IntStream.range(0, names.size())
                        .mapToObj(at -> raw.test(at) ? "CAST(? AS TEXT)" : "?")
                        .collect(joining(", "))
                + ")";
    }
}
