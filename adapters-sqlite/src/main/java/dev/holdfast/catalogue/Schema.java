package dev.holdfast.catalogue;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Brings a file to the tables that this version works with.
 *
 * @param scripts in order; the n-th brings a file of {@code user_version} n - 1 to n. A script that was ever released
 *     is never changed
 */
record Schema(Path file, List<String> scripts) {
    private static final long APPLICATION_ID = 0x48666374;
    private static final List<String> RELEASED = List.of(
            "0001-operations-and-accounts.sql",
            "0002-watching-operations.sql",
            "0003-plans.sql",
            "0004-documents.sql",
            "0005-stores.sql",
            "0006-audit.sql",
            "0007-locations.sql",
            "0008-audit-shares.sql");

    Schema {
        scripts = List.copyOf(scripts);
    }

    static Schema current(Path file) {
        return new Schema(file, RELEASED.stream().map(Schema::resource).toList());
    }

    private static String resource(String name) {
        try (InputStream script = Schema.class.getResourceAsStream(name)) {
            if (script == null) {
                throw new IllegalStateException("resource: " + name + " is missing");
            }
            return new String(script.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Refuses a file that this version must not write to. Changes nothing. To be called outside of a transaction. */
    void check(Connection connection) throws SQLException {
        // Else a file that another process is just making could look like one with tables but without a version.
        Session.readAtOneMoment(connection, this::look);
    }

    /** @return the file's version */
    private int look(Connection connection) throws SQLException {
        long version = version(connection);
        long application = Sql.number(connection, "PRAGMA application_id");
        boolean isNew =
                version == 0 && application == 0 && Sql.number(connection, "SELECT count(*) FROM sqlite_schema") == 0;
        if (!isNew && application != APPLICATION_ID) {
            throw new CatalogueException(file, "is a SQLite database of another application");
        }
        if (version > scripts.size()) {
            throw new CatalogueException(
                    file,
                    "schema version: " + version + " (expected: at most " + scripts.size()
                            + "); a newer Holdfast has written it, use that one");
        }
        return Math.toIntExact(version);
    }

    /** Each script in a transaction of its own, so that a killed migration goes on where it stopped. */
    void migrate(Connection connection) throws SQLException {
        while (version(connection) < scripts.size()) {
            Session.transact(connection, this::runNext);
        }
    }

    /** Looks again, now that nobody else can write: another process may have run the script meanwhile. */
    private boolean runNext(Connection connection) throws SQLException {
        int version = look(connection);
        if (version == scripts.size()) {
            return false;
        }
        Sql.executeScript(connection, scripts.get(version));
        Sql.execute(connection, "PRAGMA user_version = " + (version + 1));
        return true;
    }

    private static long version(Connection connection) throws SQLException {
        return Sql.number(connection, "PRAGMA user_version");
    }
}
