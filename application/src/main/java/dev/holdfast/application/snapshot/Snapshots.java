package dev.holdfast.application.snapshot;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.backup.FileOwnership;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Takes snapshots of live databases. The source is only read; nobody's lock on it is lost. Safe for use by several
 * threads; at most one snapshot or replacement of a file exists at a time, a second one waits within a bound.
 */
public interface Snapshots {
    /**
     * Pins one committed moment of all SQLite files of the source. Enters {@code Phase.LOCKING_SOURCE}.
     *
     * @throws dev.holdfast.application.operation.CancelledException if the work is cancelled meanwhile
     */
    Taken take(Source source, ProgressMonitor work);

    /** The time for which a snapshot waits for other programs, and within which a copy may be repeated. */
    default Duration busyTimeout() {
        return Duration.ofSeconds(5);
    }

    /** The owner, group and permissions of a source's file; empty if the file is missing or its system has none. */
    default Optional<FileOwnership> ownership(Path file) {
        return Optional.empty();
    }

    /** What came of it. */
    sealed interface Taken {
        /** The caller closes the snapshot. */
        record Pinned(Snapshot snapshot) implements Taken {}

        /** {@code NotADatabase}, {@code SourceNotAccessible}, {@code SourceCorrupt}, {@code SourceBusy} or {@code InsufficientStorage}. */
        record Refused(Problem problem) implements Taken {}
    }
}
