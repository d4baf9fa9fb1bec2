package dev.holdfast.sqlite.file;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.util.Objects.requireNonNull;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.tree.PathHandle;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The check that the sidecars of a database are regular files with one name. It only calls {@code lstat} and {@code access}, because
 * opening a pipe blocks until another process writes to it. See {@code docs/internals/sources.md#sidecar-types}.
 */
public final class SidecarCheck {
    private static final int TYPE_BITS = 0170000;
    private static final int REGULAR_FILE = 0100000;

    private SidecarCheck() {}

    /** @throws ProblemException with {@code SourceNotAccessible} that names the first sidecar that cannot be used */
    public static void require(LiveFile file) throws IOException {
        require(file, file.log(), "the WAL");
        require(file, file.sharedMemory(), "the wal-index");
        require(file, file.journal(), "the rollback journal");
    }

    private static void require(LiveFile file, Path sidecar, String role) throws IOException {
        int type;
        try {
            type = (int) requireNonNull(Files.getAttribute(sidecar, "unix:mode", NOFOLLOW_LINKS)) & TYPE_BITS;
        } catch (NoSuchFileException e) {
            return;
        }
        if (type != REGULAR_FILE) {
            throw refused(sidecar + " is " + name(type) + ", but under this name SQLite keeps " + role + " of "
                    + file.path() + ". Its content cannot be read completely, and nothing was changed. Move " + sidecar
                    + " away and try again.");
        }
        try (PathHandle held = file.holdAtPath(sidecar)) {
            // Two looks at the files of others are never of one moment, so a file that is shared is recognised by its
            // names.
            if (held.attributes("unix:nlink").get("nlink") instanceof Integer names && names > 1) {
                throw refused(
                        sidecar + " has further hard links: under another name it may belong to another database."
                                + " As it is " + role + " of " + file.path()
                                + ", SQLite would write to it. Nothing was changed."
                                + " Stop the programs that use the database, keep the file's name next to it only, and try again.");
            }
            held.path().getFileSystem().provider().checkAccess(held.path(), AccessMode.READ);
        } catch (NoSuchFileException e) {
            return; // its program has just removed it
        } catch (AccessDeniedException e) {
            throw refused(sidecar + " cannot be read: permission denied. It is " + role + " of " + file.path()
                    + " and may hold committed data. Nothing was changed. Let the server's user read and write "
                    + sidecar + " and try again.");
        }
    }

    private static String name(int type) {
        return switch (type) {
            case 0040000 -> "a directory";
            case 0010000 -> "a pipe";
            case 0140000 -> "a socket";
            case 0120000 -> "a symbolic link, which SQLite does not follow";
            default -> "a device";
        };
    }

    private static ProblemException refused(String detail) {
        return new ProblemException(new Problem.SourceNotAccessible(detail));
    }
}
