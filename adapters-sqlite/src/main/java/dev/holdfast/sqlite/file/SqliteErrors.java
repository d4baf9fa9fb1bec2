package dev.holdfast.sqlite.file;

import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.io.Deadline;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What a failure means to whoever asked. */
public final class SqliteErrors {
    private static final int PRIMARY = 0xff;

    private SqliteErrors() {}

    /** Returns SQLite's primary result code, which is the low byte of its result code. */
    public static SQLiteErrorCode primaryCode(SQLException failure) {
        return SQLiteErrorCode.getErrorCode(
                failure instanceof SQLiteException sqlite ? sqlite.getResultCode().code & PRIMARY : -1);
    }

    public static boolean isBusy(SQLException failure) {
        SQLiteErrorCode code = primaryCode(failure);
        return code == SQLiteErrorCode.SQLITE_BUSY || code == SQLiteErrorCode.SQLITE_LOCKED;
    }

    /**
     * Whether SQLite may have found a file missing, or the main file no longer at its path ({@code SQLITE_READONLY_DBMOVED};
     * {@code SQLITE_IOERR_FSTAT} when it was about to make a sidecar). A missing right, a path that is too long or a lack of
     * descriptors has the first of these codes too.
     */
    public static boolean isMissing(SQLException failure) {
        SQLiteErrorCode code = primaryCode(failure);
        return code == SQLiteErrorCode.SQLITE_CANTOPEN
                || code == SQLiteErrorCode.SQLITE_READONLY
                || (failure instanceof SQLiteException known
                        && known.getResultCode() == SQLiteErrorCode.SQLITE_IOERR_FSTAT);
    }

    /** Whether a file was not opened because a part of its path is a link. */
    static boolean isLink(SQLException failure) {
        return failure instanceof SQLiteException sqlite
                && sqlite.getResultCode() == SQLiteErrorCode.SQLITE_CANTOPEN_SYMLINK;
    }

    /** Whether a file ended where SQLite knew of more: a WAL that does not belong to its wal-index, for example. */
    static boolean isShortRead(SQLException failure) {
        return failure instanceof SQLiteException known
                && known.getResultCode() == SQLiteErrorCode.SQLITE_IOERR_SHORT_READ;
    }

    /** The problem of a database that could not be read through SQLite. */
    public static ProblemException of(Path file, Deadline deadline, SQLException failure) {
        return new ProblemException(
                known(file, deadline, failure).orElseGet(() -> ofReading(List.of(file), failure)), failure);
    }

    /** The problem of a database that could not be restored through SQLite. */
    public static ProblemException ofRestoring(Path file, Deadline deadline, SQLException failure) {
        return new ProblemException(
                known(file, deadline, failure).orElseGet(() -> ofRestoring(List.of(file), failure)), failure);
    }

    private static Optional<Problem> known(Path file, Deadline deadline, SQLException failure) {
        return switch (primaryCode(failure)) {
            case SQLITE_BUSY, SQLITE_LOCKED -> Optional.of(busy(file, deadline));
            case SQLITE_CORRUPT -> Optional.of(new Problem.SourceCorrupt(words(failure)));
            case SQLITE_FULL -> Optional.of(FullDisk.at(file));
            case SQLITE_NOTADB ->
                Optional.of(new Problem.NotADatabase(file + " is not a SQLite database, or it is encrypted;"
                        + " correct its path in the settings, or move it away and restore a backup."));
            default -> Optional.empty();
        };
    }

    /** The problem of databases that could not be read, whatever was thrown; their folders are not written to. */
    public static Problem ofReading(List<Path> files, Throwable failure) {
        if (failure instanceof ProblemException known) {
            return known.problem();
        }
        // What SQLite cannot write while it reads is its own, in a folder that belongs to the application.
        Optional<Problem> full = failure instanceof SQLException
                ? Optional.empty()
                : FullDisk.problem(files.getFirst(), failure).map(it -> it);
        return full.or(() -> first(files, SourceAccess::toRead))
                .or(() -> SourceAccess.denied(failure))
                .or(() -> failure instanceof SQLException ? first(files, SourceAccess::tooLong) : Optional.empty())
                .or(() -> SourceAccess.vanished(files, failure))
                .orElseGet(() -> new Problem.Internal(failure));
    }

    /** The problem of databases that could not be restored, whatever was thrown. */
    public static Problem ofRestoring(List<Path> files, Throwable failure) {
        if (failure instanceof ProblemException known) {
            return known.problem();
        }
        return first(files, SourceAccess::toRestore)
                .or(() -> FullDisk.problem(files.getFirst(), failure))
                .or(() -> SourceAccess.denied(failure))
                .or(() -> SourceAccess.vanished(files, failure))
                .orElseGet(() -> new Problem.Internal(failure));
    }

    private static Optional<Problem> first(List<Path> files, Function<Path, Optional<Problem>> check) {
        return files.stream().map(check).flatMap(Optional::stream).findFirst();
    }

    /** The problem of a private file that could not be written; {@link Problem.Internal} unless the disk is full. */
    public static ProblemException ofScratch(Path place, Exception failure) {
        if (failure instanceof ProblemException known) {
            return known;
        }
        return new ProblemException(
                FullDisk.problem(place, failure).<Problem>map(it -> it).orElseGet(() -> new Problem.Internal(failure)),
                failure);
    }

    public static Problem.SourceBusy busy(Path file, Deadline deadline) {
        return new Problem.SourceBusy(file + " stayed locked by another program for " + deadline.allowed()
                + "; try again later. A program in exclusive locking mode holds its lock as long as it runs.");
    }

    /** A full disk is a problem of its own, all else stays what it is. */
    public static IOException ofWriting(Path file, IOException failure) {
        FullDisk.problem(file, failure).ifPresent(it -> {
            throw new ProblemException(it, failure);
        });
        return failure;
    }

    public static String words(SQLException failure) {
        return String.valueOf(failure.getMessage());
    }
}
