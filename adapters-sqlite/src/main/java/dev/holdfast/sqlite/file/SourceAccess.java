package dev.holdfast.sqlite.file;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.tree.LinkedPathException;
import dev.holdfast.tree.Mounts;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The reason why the server cannot read or write a database: a missing file, missing rights, a read-only file system, a
 * path that SQLite cannot open. SQLite names neither the file nor the reason, so the files are looked at, with {@code stat}
 * and {@code access} only.
 */
public final class SourceAccess {
    /**
     * The longest path of a main file, in bytes, that SQLite opens: 512, without the end of the name of the longest sidecar
     * ({@code MAX_PATHNAME} in SQLite's {@code os_unix.c}). It is the path after all links are resolved.
     */
    public static final int MAX_PATH_BYTES = 504;

    private SourceAccess() {}

    /** Returns why {@code database} cannot be backed up in any state; empty if nothing is known against it. */
    public static Optional<Problem> toRead(Path database) {
        return Files.exists(database) ? unreadable(real(database)) : Optional.of(missing(database));
    }

    /**
     * Returns why {@code database} cannot be restored in any state; empty if nothing is known against it. A database that
     * is missing can be restored where its folder can be written.
     */
    public static Optional<Problem> toRestore(Path database) {
        if (!Files.exists(database, LinkOption.NOFOLLOW_LINKS)) {
            Path real = real(database);
            return closedFolder(database).or(() -> tooLong(real)).or(() -> closedToNewFile(real));
        }
        if (!Files.exists(database)) {
            return closedFolder(database);
        }
        Path real = real(database);
        return tooLong(real).or(() -> unreadable(real)).or(() -> unwritable(real));
    }

    /** Returns whether SQLite can open a file of this path. */
    public static boolean canOpen(Path file) {
        return bytes(real(file)) <= MAX_PATH_BYTES;
    }

    /** Returns the problem of a path that SQLite cannot open; empty if it can. */
    public static Optional<Problem> tooLong(Path database) {
        Path real = real(database);
        return bytes(real) <= MAX_PATH_BYTES
                ? Optional.empty()
                : Optional.of(new Problem.SourceNotAccessible("The path " + real + " has " + bytes(real)
                        + " bytes, and SQLite opens paths of up to " + MAX_PATH_BYTES
                        + " bytes; move the database, or mount its folder, to a shorter path."));
    }

    private static int bytes(Path path) {
        return path.toString().getBytes(UTF_8).length;
    }

    /** Returns the problem of a file that does not exist, or of a folder that does not let the server see whether it does. */
    static Problem missing(Path database) {
        return closedFolder(database)
                .or(() -> LiveFile.brokenLink(database))
                .orElseGet(() -> Problem.SourceNotFound.missing(database));
    }

    /** The problem of a file that was refused for a reason that a look at its permissions does not show. */
    static Optional<Problem> denied(Throwable failure) {
        return failure instanceof AccessDeniedException known
                ? Optional.of(new Problem.SourceNotAccessible(known.getFile() + " cannot be used: permission denied;"
                        + " let the server's user read and write to it and try again."))
                : Optional.empty();
    }

    /**
     * The problem of a file that was there when the operation began and was not there at one of its steps: a program
     * removes, renames or exchanges it or its folder. By now it may be there again. To be asked after the rights and the length of the path.
     */
    public static Optional<Problem> vanished(List<Path> databases, Throwable failure) {
        return switch (failure) {
            case NoSuchFileException e -> vanished(databases, Path.of(e.getFile()));
            case LinkedPathException e -> vanished(databases, Path.of(e.getFile()));
            case SQLException e
            when SqliteErrors.isMissing(e) && hasFreeDescriptors() ->
                Optional.of(missingMeanwhile(databases.getFirst()));
            default -> Optional.empty();
        };
    }

    private static boolean hasFreeDescriptors() {
        try (FileChannel nothing = FileChannel.open(Path.of("/dev/null"))) {
            return nothing.isOpen();
        } catch (IOException e) {
            return false;
        }
    }

    private static Optional<Problem> vanished(List<Path> databases, Path missing) {
        return databases.stream()
                        .flatMap(it -> Stream.of(it, real(it)))
                        .anyMatch(it -> missing.startsWith(it.resolveSibling("")))
                ? Optional.of(missingMeanwhile(missing))
                : Optional.empty();
    }

    private static Problem missingMeanwhile(Path missing) {
        return new Problem.SourceBusy(missing + " was there when the operation began and could not be opened in the"
                + " middle of it: another program removes, renames or exchanges this file or a folder above it. Try"
                + " again while that program does not, or stop it meanwhile.");
    }

    private static Optional<Problem> unreadable(Path real) {
        Optional<Problem> closed = closedFolder(real);
        if (closed.isPresent()) {
            return closed;
        }
        for (Path file : withSidecars(real)) {
            if (isDenied(file, AccessMode.READ)) {
                return Optional.of(new Problem.SourceNotAccessible(file + " cannot be read: permission denied;"
                        + " let the server's user read " + file + " and try again."));
            }
        }
        return Optional.empty();
    }

    private static Optional<Problem> unwritable(Path real) {
        for (Path file : withSidecars(real)) {
            if (isDenied(file, AccessMode.WRITE)) {
                return Optional.of(unwritable(file, real));
            }
        }
        LiveFile file = new LiveFile(real);
        boolean both = Files.exists(file.log()) && Files.exists(file.sharedMemory());
        return both ? Optional.empty() : unwritableFolder(real);
    }

    private static Optional<Problem> unwritableFolder(Path real) {
        Path folder = real.getParent();
        while (folder != null && !Files.exists(folder)) {
            folder = folder.getParent();
        }
        return folder != null && isDenied(folder, AccessMode.WRITE)
                ? Optional.of(unwritable(folder, real))
                : Optional.empty();
    }

    /** A new file's name is made durable through its folder, which must be readable for that. */
    private static Optional<Problem> closedToNewFile(Path real) {
        Path folder = real.getParent();
        return folder != null && isDenied(folder, AccessMode.READ)
                ? Optional.of(new Problem.SourceNotAccessible(folder + " cannot be read: permission denied;"
                        + " let the server's user read and write to " + folder + " and restore again."))
                : unwritableFolder(real);
    }

    /** Whether a file is there and the server may not do this with it. A sidecar may come and go at any moment. */
    private static boolean isDenied(Path file, AccessMode mode) {
        try {
            file.getFileSystem().provider().checkAccess(file, mode);
            return false;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static Problem unwritable(Path path, Path database) {
        boolean readOnly = isMountedReadOnly(path);
        return new Problem.SourceNotAccessible(path + " cannot be written: "
                + (readOnly
                        ? "its file system is mounted read-only; mount it writable"
                        : "permission denied; let the server's user write to " + path)
                + " and restore " + database.getFileName() + " again.");
    }

    private static boolean isMountedReadOnly(Path path) {
        try {
            return Mounts.isReadOnly(path);
        } catch (IOException e) {
            return false;
        }
    }

    private static List<Path> withSidecars(Path real) {
        LiveFile file = new LiveFile(real);
        return List.of(real, file.log(), file.sharedMemory(), file.journal());
    }

    /** The first folder on the way to the file whose content is closed to the server. */
    private static Optional<Problem> closedFolder(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        for (int i = 0; i < absolute.getNameCount() - 1; i++) {
            Path folder = absolute.getRoot().resolve(absolute.subpath(0, i + 1));
            if (Files.isDirectory(folder) && isDenied(folder, AccessMode.EXECUTE)) {
                return Optional.of(
                        new Problem.SourceNotAccessible("The folder " + folder + " is closed to the server, so "
                                + file + " cannot be reached; let the server's user"
                                + " enter the folder (permission x) and try again."));
            }
        }
        return Optional.empty();
    }

    /** Links are resolved on the way to a missing file too. */
    private static Path real(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        try {
            return absolute.toRealPath();
        } catch (NoSuchFileException e) {
            Path parent = absolute.getParent();
            return parent == null ? absolute : real(parent).resolve(absolute.getFileName());
        } catch (IOException e) {
            return absolute;
        }
    }

    /** @throws ProblemException if the database cannot be restored, whatever its state is */
    public static void requireRestorable(Path database) {
        toRestore(database).ifPresent(it -> {
            throw new ProblemException(it);
        });
    }
}
