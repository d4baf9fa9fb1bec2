package dev.holdfast.application.archive;

import dev.holdfast.application.operation.ProgressMonitor;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;

/** What archives need a SQLite library for. Works on private files that nobody else has open. */
public interface DatabaseConverter {
    /**
     * Brings the write-ahead log that lies beside {@code database} into it, as any program would that opens it; a log
     * that belongs to no committed state is dropped. Afterwards {@code database} is complete and alone. Takes both as
     * hostile input.
     *
     * @throws UnfitException if that cannot be done
     */
    void absorbLog(Path database, ProgressMonitor work) throws UnfitException;

    /**
     * Writes everything that {@code database} holds as JSON in the shape of Django's {@code dumpdata}, without loss. Equal
     * content gives equal bytes. Does not close {@code out}.
     *
     * @throws UnfitException if a dump cannot hold all of it, as a {@link DamagedException} if SQLite calls it damaged
     */
    void dump(Path database, OutputStream out, ProgressMonitor work) throws UnfitException;

    /**
     * Makes a database of what {@link #dump} wrote. Takes it as hostile input. Does not close {@code dump}.
     *
     * @param database does not exist yet
     * @throws UnfitException if it is no such dump
     */
    void load(InputStream dump, Path database, ProgressMonitor work) throws UnfitException;

    /** SQLite itself reports damage, or another kind of file. */
    final class DamagedException extends UnfitException {
        private static final long serialVersionUID = 1L;

        public DamagedException(String finding, Throwable cause) {
            super(finding, cause);
        }
    }

    /** @see #getMessage() what is wrong, for a person; quotes at most a few words of the input */
    sealed class UnfitException extends Exception permits DamagedException {
        private static final long serialVersionUID = 1L;

        public UnfitException(String finding) {
            super(finding);
        }

        public UnfitException(String finding, Throwable cause) {
            super(finding, cause);
        }
    }
}
