package dev.holdfast.sqlite;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;
import org.sqlite.SQLiteException;

/** What a failure means to whoever asked. */
final class Faults {
    private Faults() {}

    /** SQLite's primary result code (its low byte), or -1. */
    static int code(SQLException failure) {
        return failure instanceof SQLiteException sqlite ? sqlite.getResultCode().code & 0xff : -1;
    }

    static boolean isBusy(SQLException failure) {
        return code(failure) == 5 || code(failure) == 6;
    }

    static ProblemException of(Path file, Deadline deadline, SQLException failure) {
        Problem problem = switch (code(failure)) {
            case 5, 6 -> busy(file, deadline);
            case 11 -> new Problem.SourceCorrupt(words(failure));
            case 13 -> full(file);
            case 26 ->
                new Problem.NotADatabase(file + " is not a SQLite database, or it is encrypted;"
                        + " correct its path in the settings, or move it away and restore a backup.");
            default -> new Problem.Internal(failure);
        };
        return new ProblemException(problem, failure);
    }

    static Problem.SourceBusy busy(Path file, Deadline deadline) {
        return new Problem.SourceBusy(file + " stayed locked by another program for " + deadline.allowed()
                + "; try again later. A program in exclusive locking mode holds its lock as long as it runs.");
    }

    static Problem.InsufficientStorage full(Path file) {
        return new Problem.InsufficientStorage("The disk that " + file + " is on is full; free some space there.");
    }

    /** A full disk is a problem of its own, all else stays what it is. */
    static IOException ofWriting(Path file, IOException failure) {
        String text = String.valueOf(
                failure instanceof FileSystemException known && known.getReason() != null
                        ? known.getReason()
                        : failure.getMessage());
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.contains("no space left") || lower.contains("quota exceeded")) {
            throw new ProblemException(full(file), failure);
        }
        return failure;
    }

    static String words(SQLException failure) {
        return String.valueOf(failure.getMessage());
    }
}
