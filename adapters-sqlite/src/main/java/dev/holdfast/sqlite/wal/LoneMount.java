package dev.holdfast.sqlite.wal;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.SharedLock;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.io.Deadline;
import dev.holdfast.tree.Mounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A database file that is mounted without its folder, here or where the application sees it. Its sidecars are then in
 * another folder for one of the two. See {@code docs/internals/sources.md#a-file-mounted-alone}.
 *
 * @param mounted the main file or a sidecar
 * @param at the mount point
 */
public record LoneMount(LiveFile file, Path mounted, Path at) {
    private static final String ADVICE =
            " Mount the folder, not the file, for the server and for the application, and" + " try again.";

    public static Optional<LoneMount> of(LiveFile file) throws IOException {
        for (Path part : List.of(file.path(), file.log(), file.sharedMemory(), file.journal())) {
            Optional<Path> at = Mounts.ofFile(part);
            if (at.isPresent()) {
                return Optional.of(new LoneMount(file, part, at.get()));
            }
        }
        return Optional.empty();
    }

    private String what() {
        return mounted + " is mounted alone, without its folder" + (mounted.equals(at) ? "" : " (at " + at + ")");
    }

    public Problem inWalMode() {
        return new Problem.SourceNotAccessible(what() + ". The WAL of " + file.path()
                + " that one program sees is not the WAL of the other: a backup could lack committed data, and a restore"
                + " could be lost or mixed with other data. Nothing was changed, and no backup was listed." + ADVICE);
    }

    public Problem forRestore() {
        return new Problem.SourceNotAccessible(what() + ". The journal or WAL of " + file.path()
                + " may be in another folder, and a restore could be mixed with what is in it. Nothing was changed."
                + ADVICE);
    }

    /** The finding of a backup in a rollback mode. */
    public String remark() {
        return what() + ". If a program was interrupted while it wrote, its rollback journal is in another folder, and"
                + " this backup may hold a part of that transaction. Mount the folder, not the file.";
    }

    /**
     * Waits within the deadline as long as another process has the file open in WAL mode without the wal-index next to
     * it: a first connection does so for a moment. Works inside the file's gate, without a connection to the file.
     *
     * @throws ProblemException with {@code SourceNotAccessible} if it stays so
     */
    public static void awaitWalIndex(LiveFile file, Deadline deadline, ProgressMonitor work) throws IOException {
        while (!WalIndexHeader.isUsedByOthers(file) && SharedLock.isHeldByOthers(file)) {
            if (deadline.passed()) {
                boolean exclusive = SharedLock.isHeldExclusivelyByOthers(file);
                throw new ProblemException(
                        exclusive ? SqliteErrors.busy(file.path(), deadline) : withoutWalIndex(file));
            }
            deadline.pause(work);
        }
    }

    /** For another process that has the file open in WAL mode although there is no wal-index next to it. */
    public static Problem withoutWalIndex(LiveFile file) {
        return new Problem.SourceNotAccessible("Another program has " + file.path()
                + " open in WAL mode, but it does not use "
                + file.sharedMemory() + ": that program sees the file alone, without its folder, or under another name."
                + " Its WAL is in another folder: a backup could lack committed data, and a restore could be lost or"
                + " mixed with other data. Nothing was changed, and no backup was listed." + ADVICE);
    }
}
