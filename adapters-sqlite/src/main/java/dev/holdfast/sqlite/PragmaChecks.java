package dev.holdfast.sqlite;

import dev.holdfast.application.check.ImageChecks;
import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Depth;
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

    private final Scratch scratch;

    PragmaChecks(Scratch scratch) {
        this.scratch = scratch;
    }

    @Override
    public Finding check(Artifact image, Depth depth, Work work) {
        if (depth == Depth.CHECKSUM) {
            return new Finding.Sound(depth);
        }
        try {
            Optional<Path> file = image.file();
            if (file.isPresent() && SourceAccess.canOpen(file.get())) {
                return check(file.get(), depth, work);
            }
            try (Scratch.Folder folder = scratch.folder()) {
                scratch.require(image.size());
                return check(LocalImage.copy(image, folder.database(), work), depth, work);
            }
        } catch (IOException e) {
            throw Faults.ofScratch(scratch.root(), e);
        }
    }

    /** @param file that nobody writes */
    static Finding check(Path file, Depth depth, Work work) throws IOException {
        work.checkCancelled();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return switch (FileHead.of(channel)) {
                case FileHead.Empty() -> new Finding.Sound(depth);
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
        StandIns standIns = new StandIns();
        while (true) {
            try {
                return run(file, depth, cancellation, standIns);
            } catch (SQLException e) {
                if (cancellation.cancelled()) {
                    throw new CancelledException();
                }
                if (!standIns.learn(e)) {
                    return failed(e);
                }
            }
        }
    }

    private static Finding failed(SQLException failure) {
        return switch (Faults.code(failure)) {
            case 11 -> new Finding.Damaged(Faults.words(failure));
            case 26 -> new Finding.NotADatabase("This is not a SQLite database, or it is encrypted.");
            // A schema that SQLite cannot read is the image's fault, not the server's.
            case 1 -> new Finding.Damaged(Faults.words(failure));
            // It only reads the image; what it sorts goes to the folder for temporary files.
            default -> throw Faults.ofScratch(Path.of(System.getProperty("java.io.tmpdir")), failure);
        };
    }

    private static Finding run(Path file, Depth depth, Cancellation cancellation, StandIns standIns)
            throws SQLException {
        List<String> found = new ArrayList<>();
        List<String> orphans = new ArrayList<>();
        Depth reached = standIns.areNeeded() ? Depth.QUICK : depth;
        try (Connection connection = Connections.open(file, "mode=ro&immutable=1", 0)) {
            ((SQLiteConnection) connection).setLimit(SQLiteLimits.SQLITE_LIMIT_ATTACHED, 0);
            ((SQLiteConnection) connection).setLimit(SQLiteLimits.SQLITE_LIMIT_WORKER_THREADS, 0);
            standIns.installIn(connection);
            cancellation.watch(connection);
            try {
                lines(connection, reached == Depth.FULL ? "integrity_check" : "quick_check", found);
                if (depth == Depth.FULL && found.isEmpty()) {
                    foreignKeys(connection, orphans);
                }
            } finally {
                ProgressHandler.clearHandler(connection);
            }
        }
        if (standIns.areNeeded()) {
            found.removeIf(StandIns::mayHaveCaused);
        }
        if (!found.isEmpty()) {
            return new Finding.Damaged(String.join("\n", found));
        }
        return new Finding.Sound(
                reached, orphans.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", orphans)));
    }

    private static void lines(Connection connection, String pragma, List<String> found) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA " + pragma + "(" + MOST_LINES + ")")) {
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
}
