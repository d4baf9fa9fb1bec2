package dev.holdfast.sqlite;

import dev.holdfast.application.check.ImageChecks;
import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteLimits;

/** Checks by SQLite's own pragmas, on a file opened as immutable so that nothing appears beside it (rule 21). */
final class PragmaChecks implements ImageChecks {
    private static final int MOST_LINES = 20;

    /** Instructions of SQLite's machine; a few milliseconds. */
    private static final int BETWEEN_LOOKS = 10_000;

    private final Scratch scratch;

    PragmaChecks(Scratch scratch) {
        this.scratch = scratch;
    }

    @Override
    public Finding check(Artifact image, Depth depth, Work work) {
        if (depth == Depth.CHECKSUM) {
            return new Finding.Sound();
        }
        try {
            Optional<Path> file = image.file();
            if (file.isPresent()) {
                return check(file.get(), depth, work);
            }
            try (Scratch.Folder folder = scratch.folder()) {
                scratch.require(image.size());
                return check(LocalImage.copy(image, folder.database(), work), depth, work);
            }
        } catch (IOException e) {
            throw new ProblemException(new Problem.Internal(e), e);
        }
    }

    private static Finding check(Path file, Depth depth, Work work) throws IOException {
        work.checkCancelled();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return switch (FileHead.of(channel)) {
                case FileHead.Empty() -> new Finding.Sound();
                case FileHead.Foreign(String why) ->
                    new Finding.NotADatabase("This is not a SQLite database: " + why + ".");
                case FileHead.Sqlite known
                when known.imageSize(channel.size()) > channel.size() ->
                    new Finding.Damaged("The file is cut short: it has " + channel.size() + " of "
                            + known.imageSize(channel.size()) + " bytes.");
                case FileHead.Sqlite _ -> run(file, depth, work);
            };
        }
    }

    private static Finding run(Path file, Depth depth, Work work) {
        Cancellation cancellation = new Cancellation(work);
        List<String> found = new ArrayList<>();
        try (Connection connection = Connections.open(file, "mode=ro&immutable=1", 0)) {
            ((SQLiteConnection) connection).setLimit(SQLiteLimits.SQLITE_LIMIT_ATTACHED, 0);
            ((SQLiteConnection) connection).setLimit(SQLiteLimits.SQLITE_LIMIT_WORKER_THREADS, 0);
            ProgressHandler.setHandler(connection, BETWEEN_LOOKS, cancellation);
            try {
                structure(connection, depth == Depth.FULL ? "integrity_check" : "quick_check", found);
                if (depth == Depth.FULL && found.isEmpty()) {
                    foreignKeys(connection, found);
                }
            } finally {
                ProgressHandler.clearHandler(connection);
            }
        } catch (SQLException e) {
            if (cancellation.cancelled) {
                throw new CancelledException();
            }
            return switch (Faults.code(e)) {
                case 11 -> new Finding.Damaged(Faults.words(e));
                case 26 -> new Finding.NotADatabase("This is not a SQLite database, or it is encrypted.");
                // A schema that SQLite cannot read is the image's fault, not the server's.
                case 1 -> new Finding.Damaged(Faults.words(e));
                default -> throw new ProblemException(new Problem.Internal(e), e);
            };
        }
        return found.isEmpty() ? new Finding.Sound() : new Finding.Damaged(String.join("\n", found));
    }

    /**
     * An index may need a collation or function that only its application has; then SQLite checks nothing at all. The
     * tables are checked one by one, and those that cannot be are left out: what the image needs is no damage.
     */
    private static void structure(Connection connection, String pragma, List<String> found) throws SQLException {
        try {
            lines(connection, pragma + "(" + MOST_LINES + ")", found);
        } catch (SQLException e) {
            if (!needsItsApplication(e)) {
                throw e;
            }
            for (String table : tables(connection)) {
                try {
                    lines(connection, pragma + "(\"" + table.replace("\"", "\"\"") + "\")", found);
                } catch (SQLException beyond) {
                    if (!needsItsApplication(beyond)) {
                        throw beyond;
                    }
                }
            }
        }
    }

    private static boolean needsItsApplication(SQLException failure) {
        String words = Faults.words(failure);
        return Faults.code(failure) == 1
                && (words.contains("no such collation")
                        || words.contains("no such function")
                        || words.contains("unknown function")
                        || words.contains("no such module"));
    }

    private static List<String> tables(Connection connection) throws SQLException {
        List<String> names = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    private static void lines(Connection connection, String pragma, List<String> found) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA " + pragma)) {
            while (rows.next() && found.size() < MOST_LINES) {
                String line = rows.getString(1);
                if (!"ok".equals(line)) {
                    found.add(shortened(line));
                }
            }
        }
    }

    private static void foreignKeys(Connection connection, List<String> found) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA foreign_key_check")) {
            while (rows.next() && found.size() < MOST_LINES) {
                String line = "row " + rows.getString(2) + " of table " + rows.getString(1)
                        + " refers to a row that is missing in " + rows.getString(3);
                found.add(shortened(line));
            }
        }
    }

    /** What SQLite says may quote the image, which may be hostile. */
    private static String shortened(String line) {
        return line.length() > 300 ? line.substring(0, 300) + "…" : line;
    }

    /** Asks the work from inside SQLite; must not throw there. */
    private static final class Cancellation extends ProgressHandler {
        private final Work work;
        private boolean cancelled;

        Cancellation(Work work) {
            this.work = work;
        }

        @Override
        protected int progress() {
            try {
                work.checkCancelled();
                return 0;
            } catch (CancelledException e) {
                cancelled = true;
                return 1;
            }
        }
    }
}
