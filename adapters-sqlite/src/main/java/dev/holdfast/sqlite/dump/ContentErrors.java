package dev.holdfast.sqlite.dump;

import dev.holdfast.application.archive.DatabaseConverter.DamagedException;
import dev.holdfast.application.archive.DatabaseConverter.UnfitException;
import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.io.Cancellation;
import java.nio.file.Path;
import java.sql.SQLException;

/** What SQLite's refusal of somebody's database or dump means. */
final class ContentErrors {
    private static final int MOST_WORDS = 300;

    private ContentErrors() {}

    /**
     * @throws CancelledException if the work was cancelled
     * @throws ProblemException if it is the server that cannot
     */
    static UnfitException because(SQLException failure, Path file, Cancellation cancellation) {
        if (cancellation.cancelled()) {
            throw new CancelledException();
        }
        return switch (SqliteErrors.primaryCode(failure)) {
            case SQLITE_FULL, SQLITE_NOMEM, SQLITE_READONLY, SQLITE_IOERR, SQLITE_CANTOPEN ->
                throw SqliteErrors.ofScratch(file, failure);
            case SQLITE_INTERRUPT ->
                new UnfitException("A statement of its schema does far more than a schema does.", failure);
            case SQLITE_CORRUPT ->
                new DamagedException("SQLite says: " + shortened(SqliteErrors.words(failure)), failure);
            case SQLITE_TOOBIG -> new UnfitException(tooLarge("A row"), failure);
            case SQLITE_NOTADB -> new DamagedException("This is not a SQLite database, or it is encrypted.", failure);
            default -> new UnfitException("SQLite says: " + shortened(SqliteErrors.words(failure)), failure);
        };
    }

    /** @param row which one, as the beginning of a sentence */
    static String tooLarge(String row) {
        return row + " is larger than " + (DumpFormat.MOST_BYTES_OF_A_ROW >> 20) + " MiB, the limit of a dump.";
    }

    /**
     * Names what the failure was met at.
     *
     * @return the failure itself, if it is the server's
     */
    static SQLException at(String what, SQLException failure, Cancellation cancellation) throws UnfitException {
        if (cancellation.cancelled()) {
            throw new CancelledException();
        }
        switch (SqliteErrors.primaryCode(failure)) {
            case SQLITE_FULL, SQLITE_NOMEM, SQLITE_READONLY, SQLITE_IOERR, SQLITE_CANTOPEN -> {
                return failure;
            }
            case SQLITE_INTERRUPT -> throw new UnfitException(what + " does far more than a schema does.", failure);
            case SQLITE_TOOBIG -> throw new UnfitException(tooLarge(what), failure);
            default ->
                throw new UnfitException(
                        what + " cannot be made again: SQLite says: " + shortened(SqliteErrors.words(failure)),
                        failure);
        }
    }

    /** Of the input, which may be hostile, a few words only. */
    static String shortened(String words) {
        return words.length() > MOST_WORDS ? words.substring(0, MOST_WORDS) + "…" : words;
    }
}
