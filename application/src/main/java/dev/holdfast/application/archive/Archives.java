package dev.holdfast.application.archive;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Writes and reads the layouts that hold more than one plain SQLite file. Everything streams; what is read is hostile
 * until it was checked. Safe for use by several threads.
 */
public interface Archives {
    /**
     * Writes an archive of {@code layout} and does not close {@code out}. Enters {@code COPYING}. A file that changes or
     * vanishes while it is read does not stop it; links, devices, sockets and pipes are left out, and so is what cannot be
     * read for want of permission, or has a name that an archive cannot hold.
     *
     * @param layout any but {@code SQLITE}
     * @param contents without the main database it becomes an archive that {@link #unpack} refuses: better than nothing
     * @throws dev.holdfast.application.operation.CancelledException soon after the work is cancelled
     * @throws dev.holdfast.domain.problem.ProblemException with {@code SourceCorrupt} where an image cannot be read, or where
     *     a directory leads out of its {@link PathRestrictions}; with {@code BackupIncompatible} where a dump cannot hold the main
     *     database, which may be whole; with what {@code out} throws
     */
    Written write(Layout layout, Contents contents, OutputStream out, ProgressMonitor work);

    /**
     * What was written.
     *
     * @param remark what a person should know of it: which files changed or were left out, in a few lines
     * @param incomplete those of the source's directories that the archive does not hold with all that was in them
     */
    record Written(Optional<String> remark, List<Path> incomplete) {
        public Written {
            incomplete = List.copyOf(incomplete);
        }
    }

    /** What the artifact is by its content, not by its name; looks at as little of it as that takes. */
    Optional<Layout> recognise(Artifact artifact);

    /**
     * Takes an archive apart (one that lacks a database which the source has is {@link UnpackResult.Invalid} for a restore,
     * unless its own list says that the database was missing when it was made, or it is from a PocketBase of the time
     * before 0.23, which had {@code logs.db} in the place of {@code auxiliary.db}): reads each member to its end, compares it with its checksums, and puts SQLite files, and
     * directories as far as {@code extent} says, into private places. Reports bytes, enters no phase.
     *
     * @param layout any but {@code SQLITE}
     * @throws dev.holdfast.application.operation.CancelledException soon after the work is cancelled
     * @throws dev.holdfast.domain.problem.ProblemException with {@code InsufficientStorage}, {@code StoreUnavailable} or
     *     {@code Internal} where it could not be done
     */
    UnpackResult unpack(
            Artifact archive, Layout layout, Source source, Extent extent, UnpackLimits limits, ProgressMonitor work);

    /** What becomes of the directories in an archive. */
    enum Extent {
        /** Read and compared, written nowhere. */
        CHECK,
        /** Written to the server's own scratch space. */
        TRIAL,
        /** Written beside the source's directories, ready to take their place. */
        RESTORE
    }
}
