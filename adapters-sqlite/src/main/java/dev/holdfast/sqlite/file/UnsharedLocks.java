package dev.holdfast.sqlite.file;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.tree.MountTable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A database on a file system whose content has other ways to it. Programs on those ways do not see the locks of this
 * server, nor it theirs. See {@code docs/internals/locks.md#file-systems-without-shared-locks}.
 *
 * @param file as the source names it
 * @param on its file system
 */
public record UnsharedLocks(Path file, MountTable.Mount on) {
    private static final String SETTING = "If every program that uses the database reaches it through this mount, set"
            + " shared-locks: true for the database";

    /** Reads the table of mounts, and follows the links of the path unless its own mount is such a file system. */
    public static Optional<UnsharedLocks> find(Path file) throws IOException {
        MountTable mounts = MountTable.read();
        Optional<MountTable.Mount> named = mounts.withoutSharedLocks(file);
        return named.or(() -> mounts.withoutSharedLocks(real(file))).map(it -> new UnsharedLocks(file, it));
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (NoSuchFileException e) {
            Path parent = path.toAbsolutePath().normalize().getParent();
            return parent == null ? path : real(parent).resolve(path.getFileName());
        } catch (IOException e) {
            return path;
        }
    }

    private String what() {
        return file + " is on a file system whose locks other programs may not see (" + on.shown() + ")";
    }

    /** For the log at the start. */
    public String warning() {
        return what() + ". A program that uses the file on another machine or under another path may write while it is"
                + " copied. So its backups have a finding, do not count as good and let no earlier backup expire, and"
                + " restores are refused. " + SETTING + ".";
    }

    /** The finding of a backup. */
    public String finding() {
        return what() + ". A program on another machine or under another path may have written while the copy was made,"
                + " and no check may show it. " + SETTING + ".";
    }

    public Problem forRestore() {
        return new Problem.SourceNotAccessible(what() + ". A program on another machine or under another path could"
                + " write during a restore, and the database would be destroyed. Nothing was changed. " + SETTING
                + ", and restore again. Otherwise restore where the programs run, or stop them all and put the"
                + " downloaded backup in the place of the file and its -wal, -shm and -journal.");
    }

    public Problem changed() {
        return new Problem.SourceBusy(what() + ", and it changed while it was copied. What was read may mix two states"
                + " and was discarded. No backup was listed, and the database is unchanged. Try again while no program"
                + " writes. " + SETTING + ".");
    }
}
