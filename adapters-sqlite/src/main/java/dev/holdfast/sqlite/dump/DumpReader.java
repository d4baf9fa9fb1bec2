package dev.holdfast.sqlite.dump;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.holdfast.application.archive.DatabaseConverter.UnfitException;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.io.Cancellation;
import dev.holdfast.sqlite.io.Connections;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteLimits;

/**
 * Makes a database of a dump, in one transaction. Its journal is in memory and nothing is synced: after a failure there is
 * no file.
 */
final class DumpReader {
    private static final int ROWS_BETWEEN_LOOKS = 256;

    /** What a database may have more than its dump: room for a handful of pages, for indexes, for pages hardly filled. */
    private static final long SPARE = 64L << 20;

    private static final long GROWTH = 64;

    private final DumpParser dump;
    private final ProgressStreams.Input in;
    private final Connection connection;
    private final Cancellation cancellation;
    private final ProgressMonitor work;

    private DumpReader(
            DumpParser dump,
            ProgressStreams.Input in,
            Connection connection,
            Cancellation cancellation,
            ProgressMonitor work) {
        this.dump = dump;
        this.in = in;
        this.connection = connection;
        this.cancellation = cancellation;
        this.work = work;
    }

    /** @throws UncheckedIOException if {@code from} cannot be read */
    static void read(InputStream from, Path database, ProgressMonitor work) throws UnfitException {
        work.checkCancelled();
        try {
            Files.createFile(
                    database, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException e) {
            throw SqliteErrors.ofScratch(database, e);
        }
        boolean done = false;
        try {
            readInto(database, from, work);
            done = true;
        } finally {
            if (!done) {
                remove(database);
            }
        }
    }

    private static void remove(Path database) {
        try {
            Files.deleteIfExists(database);
            Files.deleteIfExists(Checkpointer.beside(database, "-journal"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void readInto(Path database, InputStream from, ProgressMonitor work) throws UnfitException {
        Cancellation cancellation = new Cancellation(work);
        try {
            Loaded loaded;
            try (Connection connection = Connections.open(database, "mode=rw", 0);
                    ProgressStreams.Input in = new ProgressStreams.Input(from, work);
                    DumpParser dump = DumpParser.of(in)) {
                prepare(connection);
                cancellation.watch(connection);
                try {
                    loaded = new DumpReader(dump, in, connection, cancellation, work).readAll();
                } finally {
                    ProgressHandler.clearHandler(connection);
                }
                in.report();
            }
            requireReadable(database, loaded);
        } catch (SQLException e) {
            throw unfit(e, database, cancellation);
        } catch (JsonProcessingException e) {
            // A location is missing where a limit was met.
            String where = e.getLocation() == null
                    ? ""
                    : ", in line " + e.getLocation().getLineNr();
            throw new UnfitException("It is not JSON as a dump has it" + where + ".", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Loaded(DumpedPragmas pragmas, List<SchemaRow> schema) {}

    private static void prepare(Connection connection) throws SQLException {
        Connections.limit(connection, SQLiteLimits.SQLITE_LIMIT_ATTACHED, 0);
        Connections.limit(connection, SQLiteLimits.SQLITE_LIMIT_WORKER_THREADS, 0);
        Connections.limit(connection, SQLiteLimits.SQLITE_LIMIT_LENGTH, 4 * DumpFormat.MOST_BYTES_OF_A_ROW);
        Connections.execute(connection, "PRAGMA journal_mode=memory");
        Connections.execute(connection, "PRAGMA synchronous=off");
        Connections.execute(connection, "PRAGMA locking_mode=exclusive");
        Connections.execute(connection, "PRAGMA foreign_keys=off");
        Connections.execute(connection, "PRAGMA cache_size=-16000");
    }

    private Loaded readAll() throws SQLException, IOException, UnfitException {
        DumpedPragmas pragmas = DumpedPragmas.of(dump.pragmas());
        pragmas.applyTo(connection);
        List<SchemaRow> schema = new ArrayList<>();
        String model = dump.schema(schema);
        SchemaRow.requireOrdered(schema);
        Room room = new Room(pragmas.pageSize(), schema.size());
        room.make();
        Connections.execute(connection, "BEGIN");
        SchemaBuilder builder = new SchemaBuilder(connection, schema, cancellation);
        List<TableShape> tables = builder.makeTables();
        for (TableShape table : tables) {
            model = readRows(table, model, room);
        }
        if (model != null) {
            throw new UnfitException(
                    "It has rows of a table that it does not have, or not in the order of its tables.");
        }
        dump.requireEnd();
        room.make();
        builder.makeRest();
        pragmas.stamp(connection);
        Connections.execute(connection, "COMMIT");
        return new Loaded(pragmas, schema);
    }

    /** @return the model of the first row that is not of this table; null at the end */
    private @Nullable String readRows(TableShape table, @Nullable String model, Room room)
            throws SQLException, IOException, UnfitException {
        if ("sqlite_sequence".equals(table.name())) {
            // What the rows of other tables have left there.
            Connections.execute(connection, "DELETE FROM main.sqlite_sequence");
        }
        String next = model;
        try (RowInserts inserts = new RowInserts(connection, table)) {
            for (int number = 1; table.model().equals(next); number++) {
                inserts.insert(dump.row(table));
                if (number % ROWS_BETWEEN_LOOKS == 0) {
                    work.checkCancelled();
                    room.make();
                }
                next = dump.nextModel();
            }
        }
        return next;
    }

    /** A schema may ask for an index or a generated column that is many times as large as the rows. */
    private final class Room {
        private final long pageSize;
        private final int schemaRows;
        private long pages;

        Room(long pageSize, int schemaRows) {
            this.pageSize = pageSize;
            this.schemaRows = schemaRows;
        }

        void make() throws SQLException {
            long bytes = SPARE + GROWTH * in.all() + 4 * pageSize * schemaRows;
            long needed = Math.min(bytes / pageSize, 0xffff_fffdL);
            if (needed > pages) {
                // In strides, so that it is not done for every few rows.
                pages = Math.min(needed + needed / 4, 0xffff_fffdL);
                Connections.execute(connection, "PRAGMA max_page_count=" + pages);
            }
        }
    }

    /** As whoever opens it next reads it. */
    private static void requireReadable(Path database, Loaded loaded) throws SQLException, UnfitException {
        try (Connection connection = Connections.open(database, "mode=ro&immutable=1", 0)) {
            if (!DumpedPragmas.of(connection).equals(loaded.pragmas())) {
                throw new UnfitException("SQLite does not keep its pragmas as they stand.");
            }
            if (!SchemaRow.allOf(connection, loaded.pragmas().charset()).equals(loaded.schema())) {
                throw new UnfitException("SQLite does not keep its schema as it stands.");
            }
        }
    }

    private static UnfitException unfit(SQLException failure, Path database, Cancellation cancellation) {
        try {
            if (SqliteErrors.primaryCode(failure) == SQLiteErrorCode.SQLITE_FULL
                    && Files.getFileStore(database.toAbsolutePath()).getUsableSpace() > SPARE) {
                return new UnfitException("The database would be more than " + GROWTH + " times as large as its dump.");
            }
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
        return ContentErrors.because(failure, database, cancellation);
    }
}
