package dev.holdfast.sqlite.check;

import dev.holdfast.application.check.ImageChecks.Finding;
import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.sqlite.file.Scratch;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.io.Cancellation;
import dev.holdfast.sqlite.io.Connections;
import dev.holdfast.sqlite.io.DatabaseHeader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteLimits;

/**
 * One check of one file by SQLite's pragmas. For one thread.
 *
 * <p>SQLite connects every virtual table for it, and stops at the first one that only its application can open. Such
 * tables are left out and named; everything that is stored in b-trees is checked. See {@code docs/internals/checks.md}.
 */
final class FileCheck {
    /** SQLite's own limit if a table is named. */
    private static final int MAX_LINES_OF_A_TABLE = 100;

    private final Path file;
    private final Depth depth;
    private final Scratch scratch;
    private final ProgressMonitor work;
    private final long size;
    private final Cancellation cancellation;
    private final CheckLines lines;
    private final StubFunctions standIns = new StubFunctions();

    FileCheck(Path file, DatabaseHeader.Sqlite head, long size, Depth depth, Scratch scratch, ProgressMonitor work) {
        this.file = file;
        this.size = size;
        this.depth = depth;
        this.scratch = scratch;
        this.work = work;
        this.cancellation = new Cancellation(work);
        this.lines = new CheckLines(head, size);
    }

    /**
     * The virtual tables by what becomes of them.
     *
     * @param opened SQLite opens them and can check their content
     * @param standing opened by a stand-in for the application's tokenizer, so that their content cannot be checked
     * @param failing their module is known and does not open them
     */
    private record VirtualTables(List<String> opened, List<String> standing, List<String> failing) {}

    Finding run() throws IOException {
        try {
            VirtualTables tables = survey();
            if (tables.failing().isEmpty()) {
                return check(file, tables);
            }
            try (Scratch.Folder folder = scratch.folder()) {
                return check(copyWithout(tables.failing(), folder), tables);
            }
        } catch (SQLException e) {
            return failed(e);
        }
    }

    private Finding failed(SQLException failure) {
        if (cancellation.cancelled()) {
            throw new CancelledException();
        }
        return switch (SqliteErrors.primaryCode(failure)) {
            // A schema that SQLite cannot read is the image's fault, not the server's.
            case SQLITE_ERROR, SQLITE_CORRUPT -> new Finding.Damaged(SqliteErrors.words(failure));
            case SQLITE_NOTADB -> new Finding.NotADatabase("This is not a SQLite database, or it is encrypted.");
            // It only reads the image; what it sorts goes to the folder for temporary files.
            default -> throw SqliteErrors.ofScratch(Path.of(System.getProperty("java.io.tmpdir")), failure);
        };
    }

    /** Returns whether the failure is about the content of a table, not about the server. */
    private static boolean isOfContent(SQLException failure) {
        return switch (SqliteErrors.primaryCode(failure)) {
            case SQLITE_ERROR, SQLITE_READONLY, SQLITE_CORRUPT, SQLITE_TOOBIG -> true;
            default -> false;
        };
    }

    private Connection open(Path image) throws SQLException {
        Connection connection = Connections.open(image, "mode=ro&immutable=1", 0);
        try {
            Connections.limit(connection, SQLiteLimits.SQLITE_LIMIT_ATTACHED, 0);
            Connections.limit(connection, SQLiteLimits.SQLITE_LIMIT_WORKER_THREADS, 0);
            standIns.installIn(connection);
            cancellation.watch(connection);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Opens each virtual table by itself, first as SQLite knows it, then with stand-ins for unknown tokenizers. */
    private VirtualTables survey() throws SQLException {
        List<String> opened = new ArrayList<>();
        List<String> standing = new ArrayList<>();
        List<String> failing = new ArrayList<>();
        Connection connection = open(file);
        try {
            for (String name : names(connection, true)) {
                work.checkCancelled();
                Optional<SQLException> failure = openingFailure(connection, name);
                if (failure.isEmpty()) {
                    opened.add(name);
                } else {
                    leaveOut(name, failure.get());
                    if (standIns.learnTokenizer(failure.get())) {
                        standing.add(name);
                    } else if (!SqliteErrors.words(failure.get()).contains("no such module: ")) {
                        failing.add(name);
                    }
                }
            }
        } finally {
            close(connection);
        }
        if (!standing.isEmpty()) {
            connection = open(file);
            try {
                for (String name : standing) {
                    if (openingFailure(connection, name).isPresent()) {
                        failing.add(name);
                    }
                }
            } finally {
                close(connection);
            }
            standing.removeAll(failing);
        }
        return new VirtualTables(opened, standing, failing);
    }

    private static Optional<SQLException> openingFailure(Connection connection, String virtualTable)
            throws SQLException {
        try (PreparedStatement _ =
                connection.prepareStatement("SELECT * FROM main." + Connections.quoted(virtualTable))) {
            return Optional.empty();
        } catch (SQLException e) {
            if (isOfContent(e)) {
                return Optional.of(e);
            }
            throw e;
        }
    }

    private static void close(Connection connection) throws SQLException {
        try (connection) {
            ProgressHandler.clearHandler(connection);
        }
    }

    private static List<String> names(Connection connection, boolean virtual) throws SQLException {
        List<String> names = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA table_list")) {
            while (rows.next()) {
                String type = rows.getString("type");
                if ("main".equals(rows.getString("schema"))
                        && (virtual ? type.equals("virtual") : type.equals("table") || type.equals("shadow"))) {
                    names.add(rows.getString("name"));
                }
            }
        }
        return names;
    }

    private void leaveOut(String table, SQLException failure) {
        lines.remark("Table " + table + " was left out, because only its application can open it ("
                + SqliteErrors.words(failure) + "). The tables that store its content were checked.");
    }

    /** A private copy whose schema lacks what SQLite cannot open, so that it checks everything else. */
    private Path copyWithout(List<String> names, Scratch.Folder folder) throws IOException, SQLException {
        scratch.require(size);
        Path copy = folder.database();
        try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ)) {
            Scratch.copy(from, size, copy, work);
        }
        Connection connection = Connections.open(copy, "mode=rw", 0);
        try {
            cancellation.watch(connection);
            Connections.execute(connection, "PRAGMA writable_schema=on");
            try (PreparedStatement delete =
                    connection.prepareStatement("DELETE FROM sqlite_schema WHERE type = 'table' AND name = ?")) {
                for (String name : names) {
                    delete.setString(1, name);
                    delete.executeUpdate();
                }
            }
        } finally {
            close(connection);
        }
        return copy;
    }

    private Finding check(Path image, VirtualTables tables) throws SQLException {
        while (true) {
            Connection connection = open(image);
            try {
                return check(connection, tables);
            } catch (SQLException e) {
                if (cancellation.cancelled() || !standIns.learn(e)) {
                    throw e;
                }
            } finally {
                close(connection);
            }
        }
    }

    private Finding check(Connection connection, VirtualTables tables) throws SQLException {
        Depth reached = standIns.areNeeded() ? Depth.QUICK : depth;
        String pragma = reached == Depth.FULL ? "integrity_check" : "quick_check";
        Answer whole = ask(connection, pragma + "(" + CheckLines.MAX_LINES + ")", this::sort);
        if (whole.failure().isPresent()) {
            // All b-trees were checked before that: their findings are the first line.
            checkTableByTable(connection, pragma, tables);
        } else {
            explain(connection, pragma, tables);
            if (whole.count() >= CheckLines.MAX_LINES && lines.areExplained()) {
                ask(connection, pragma + "(" + Integer.MAX_VALUE + ")", this::sort);
                explain(connection, pragma, tables);
            }
        }
        if (!lines.areExplained()) {
            return new Finding.Damaged(lines.damage());
        }
        if (depth == Depth.FULL) {
            checkForeignKeys(connection);
        }
        standIns.descriptions().forEach(lines::remark);
        return new Finding.Sound(reached, lines.remarks());
    }

    private void sort(String line) {
        if (!standIns.areNeeded() || !StubFunctions.mayHaveCaused(line)) {
            lines.sort(line);
        }
    }

    /** Asks the virtual tables one by one which lines are theirs. */
    private void explain(Connection connection, String pragma, VirtualTables tables) throws SQLException {
        if (!lines.areExplained()) {
            for (String name : tables.opened()) {
                checkVirtualTable(connection, pragma, name);
            }
            for (String name : tables.standing()) {
                ask(connection, ofTable(pragma, name), lines::drop);
            }
        }
    }

    private void checkVirtualTable(Connection connection, String pragma, String name) throws SQLException {
        ask(connection, ofTable(pragma, name), lines::explain).failure().ifPresent(it -> leaveOut(name, it));
    }

    private void checkTableByTable(Connection connection, String pragma, VirtualTables tables) throws SQLException {
        for (String name : names(connection, false)) {
            Answer answer = ask(connection, ofTable(pragma, name), this::sort);
            if (answer.failure().isPresent()) {
                SQLException failure = answer.failure().get();
                if (SqliteErrors.primaryCode(failure) == SQLiteErrorCode.SQLITE_CORRUPT) {
                    throw failure;
                }
                lines.remark("The rows of table " + name + " were not all checked, because SQLite cannot calculate"
                        + " with them (" + SqliteErrors.words(failure) + "). The pages that store them were checked.");
            } else if (answer.count() >= MAX_LINES_OF_A_TABLE) {
                lines.remark("The rows of table " + name + " were not all checked: too many have a finding. The pages"
                        + " that store them were checked.");
            }
        }
        for (String name : tables.opened()) {
            checkVirtualTable(connection, pragma, name);
        }
    }

    private static String ofTable(String pragma, String name) {
        return pragma + "(" + Connections.quoted(name) + ")";
    }

    private void checkForeignKeys(Connection connection) throws SQLException {
        if (foreignKeys(connection, "foreign_key_check").isEmpty()) {
            return;
        }
        for (String name : names(connection, false)) {
            Optional<SQLException> failure = foreignKeys(connection, ofTable("foreign_key_check", name));
            if (failure.isPresent()) {
                if (SqliteErrors.primaryCode(failure.get()) == SQLiteErrorCode.SQLITE_CORRUPT) {
                    throw failure.get();
                }
                lines.remark("The foreign keys of table " + name + " cannot be checked ("
                        + SqliteErrors.words(failure.get()) + ").");
            }
        }
    }

    private Optional<SQLException> foreignKeys(Connection connection, String pragma) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA " + pragma)) {
            for (int count = 0; count <= CheckLines.MAX_LINES && rows.next(); count++) {
                lines.remark("row " + rows.getString(2) + " of table " + rows.getString(1)
                        + " refers to a row that is missing in " + rows.getString(3));
            }
            return Optional.empty();
        } catch (SQLException e) {
            if (cancellation.cancelled() || !isOfContent(e)) {
                throw e;
            }
            return Optional.of(e);
        }
    }

    /**
     * What a pragma answered.
     *
     * @param count the number of lines, without "ok"
     * @param failure where it stopped in the middle
     */
    private record Answer(int count, Optional<SQLException> failure) {}

    /** @throws SQLException if the pragma could not begin, or a name is missing that a stand-in can have */
    private Answer ask(Connection connection, String pragma, Consumer<String> each) throws SQLException {
        int count = 0;
        try (PreparedStatement statement = connection.prepareStatement("PRAGMA " + pragma)) {
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String line = rows.getString(1);
                    if (!"ok".equals(line)) {
                        count++;
                        each.accept(line);
                    }
                }
                return new Answer(count, Optional.empty());
            } catch (SQLException e) {
                if (cancellation.cancelled() || !isOfContent(e) || StubFunctions.isForMissingName(e)) {
                    throw e;
                }
                return new Answer(count, Optional.of(e));
            }
        }
    }
}
