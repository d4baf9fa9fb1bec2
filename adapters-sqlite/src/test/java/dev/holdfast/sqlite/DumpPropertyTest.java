package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.sqlite.io.Connections;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("adapter")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class DumpPropertyTest {
    private static final int ROUNDS = 300;

    /** The shell is started for these rounds only; the others are compared through a connection of the driver. */
    private static final int BETWEEN_SHELLS = 10;

    private static final List<String> TYPES = List.of(
            "",
            "INTEGER",
            "INT",
            "TEXT",
            "REAL",
            "BLOB",
            "NUMERIC",
            "VARCHAR(5)",
            "DOUBLE",
            "ANY",
            "DATE",
            "POINT",
            "FLOATING");
    private static final List<String> STRICT_TYPES = List.of("INT", "INTEGER", "TEXT", "REAL", "BLOB", "ANY");
    private static final List<String> NAMES =
            List.of("rowid", "oid", "_rowid_", "a", "b_c", "select", "x y", "q\"q", "é", "e'e", "[", "d.d", "名", "😀");

    @TempDir
    Path root;

    @Test
    void whatever_is_in_a_database_comes_back() throws Exception {
        Forms forms = new Forms(root);
        Path database = root.resolve("app.db");
        Path again = root.resolve("again.db");
        int rows = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            Files.deleteIfExists(database);
            Files.deleteIfExists(again);
            rows += fill(database, new Random(seed));
            String dump = forms.dumped(database);
            forms.load(dump, again);
            assertThat(forms.dumped(again)).as("seed " + seed).isEqualTo(dump);
            assertThat(Forms.facts(again)).as("seed " + seed).isEqualTo(Forms.facts(database));
            if (seed % BETWEEN_SHELLS == 0) {
                assertThat(Shell.run(again, "PRAGMA integrity_check")).isEqualTo("ok\n");
                assertThat(Shell.run(again, ".sha3sum --schema")).isEqualTo(Shell.run(database, ".sha3sum --schema"));
            }
        }
        assertThat(rows).isGreaterThan(10 * ROUNDS);
    }

    private static int fill(Path database, Random random) throws SQLException {
        int rows = 0;
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
            Connections.execute(
                    connection,
                    "PRAGMA encoding='" + pick(random, List.of("UTF-8", "UTF-8", "UTF-16le", "UTF-16be")) + "'");
            Connections.execute(connection, "PRAGMA page_size=" + (512 << random.nextInt(8)));
            Connections.execute(connection, "PRAGMA user_version=" + random.nextInt());
            Connections.execute(connection, "PRAGMA synchronous=off");
            Connections.execute(connection, "BEGIN");
            for (int table = random.nextInt(4); table >= 0; table--) {
                rows += fillTable(connection, pick(random, List.of("t", "app_t", "a.b_", "x y_")) + table, random);
            }
            Connections.execute(connection, "COMMIT");
            if (random.nextInt(5) == 0) {
                Connections.execute(connection, "ANALYZE");
            }
        }
        return rows;
    }

    private static int fillTable(Connection connection, String table, Random random) throws SQLException {
        List<String> names = new ArrayList<>(NAMES);
        java.util.Collections.shuffle(names, random);
        List<String> columns = names.subList(0, 1 + random.nextInt(6));
        boolean strict = random.nextInt(4) == 0;
        boolean withoutRowid = random.nextInt(4) == 0;
        boolean rowidIsKey = !withoutRowid && random.nextInt(3) == 0;
        List<String> parts = new ArrayList<>();
        for (String column : columns) {
            String type = rowidIsKey && parts.isEmpty()
                    ? "INTEGER PRIMARY KEY" + (random.nextBoolean() ? " AUTOINCREMENT" : "")
                    : pick(random, strict ? STRICT_TYPES : TYPES);
            boolean unique = !parts.isEmpty() && random.nextInt(8) == 0;
            parts.add(Connections.quoted(column) + " " + type + (unique ? " UNIQUE" : "")
                    + (random.nextInt(6) == 0 ? " COLLATE NOCASE" : ""));
        }
        if (withoutRowid || (!rowidIsKey && random.nextBoolean())) {
            List<String> key = columns.subList(0, 1 + random.nextInt(columns.size()));
            parts.add("PRIMARY KEY("
                    + String.join(
                            ", ",
                            key.reversed().stream().map(Connections::quoted).toList())
                    + (random.nextBoolean() ? " DESC)" : ")"));
        }
        if (!strict && random.nextInt(3) == 0) {
            parts.add(
                    columns.size() == 1
                            ? "CHECK (1)"
                            : "CHECK (typeof(" + Connections.quoted(columns.get(1)) + ") <> '')");
        }
        String options =
                (strict ? "STRICT" : "") + (strict && withoutRowid ? ", " : "") + (withoutRowid ? "WITHOUT ROWID" : "");
        String name = Connections.quoted(table);
        Connections.execute(connection, "CREATE TABLE " + name + "(" + String.join(", ", parts) + ") " + options);
        if (random.nextInt(3) == 0) {
            Connections.execute(
                    connection,
                    "CREATE INDEX " + Connections.quoted("by " + table) + " ON " + name + "("
                            + Connections.quoted(columns.getLast()) + " DESC)");
        }
        if (!strict && random.nextInt(4) == 0) {
            Connections.execute(
                    connection,
                    "ALTER TABLE " + name + " ADD COLUMN made AS (length(" + Connections.quoted(columns.getFirst())
                            + "))");
        }
        return fillRows(connection, name, columns, random);
    }

    private static int fillRows(Connection connection, String name, List<String> columns, Random random)
            throws SQLException {
        int rows = 0;
        for (int left = random.nextInt(60); left > 0; left--) {
            List<String> values = new ArrayList<>();
            columns.forEach(column -> values.add(random.nextInt(30) == 0 ? "CAST(? AS TEXT)" : "?"));
            try (PreparedStatement insert = connection.prepareStatement("INSERT OR IGNORE INTO " + name + "("
                    + String.join(
                            ", ", columns.stream().map(Connections::quoted).toList()) + ") VALUES ("
                    + String.join(", ", values) + ")")) {
                for (int at = 0; at < columns.size(); at++) {
                    insert.setObject(at + 1, value(random));
                }
                rows += insert.executeUpdate();
            } catch (SQLException e) {
                // Rightly so where the type is strict, or the key an integer.
                assertThat(e.getMessage()).matches("(?s).*(cannot store|datatype mismatch).*");
            }
        }
        return rows;
    }

    private static @Nullable Object value(Random random) {
        return switch (random.nextInt(9)) {
            case 0 -> null;
            case 1 -> random.nextLong();
            case 2 -> (long) random.nextInt(5) - 2;
            case 3 -> Double.longBitsToDouble(random.nextLong());
            case 4 ->
                pick(random, List.of(0.0, -0.0, 1.0, 0.1, 1e15, 9.2e18, 1e19, Double.MIN_VALUE, 1 / 0.0, -1 / 0.0));
            case 5 -> bytes(random);
            case 6 ->
                pick(
                        random,
                        List.of("", "1", " 2.50 ", "1e5", "-.5", "0x1f", "NaN", "inf", "1_000", "12abc", "+", "٣"));
            default -> text(random);
        };
    }

    private static byte[] bytes(Random random) {
        byte[] bytes = new byte[random.nextInt(random.nextInt(20) == 0 ? 3000 : 20)];
        random.nextBytes(bytes);
        return bytes.length % 2 == 0 ? bytes : java.util.Arrays.copyOf(bytes, bytes.length + 1);
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int left = random.nextInt(random.nextInt(20) == 0 ? 9000 : 12); left > 0; left--) {
            int character = random.nextInt(random.nextBoolean() ? 0x80 : 0x110000);
            text.appendCodePoint(character >= 0xd800 && character < 0xe000 ? 0xfffd : character);
        }
        return text.toString();
    }

    private static <T> T pick(Random random, List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
