package dev.holdfast.sqlite.file;

import static java.util.Objects.requireNonNull;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.io.Connections;
import dev.holdfast.sqlite.io.DatabaseHeader;
import dev.holdfast.sqlite.lock.ForeignLocks;
import dev.holdfast.sqlite.lock.OwnDescriptors;
import dev.holdfast.tree.FileIdentity;
import dev.holdfast.tree.LinkedPathException;
import dev.holdfast.tree.PathHandle;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A main file that other programs may have open, and the names that SQLite gives to its sidecars. It is opened
 * without following links: see {@code docs/internals/locations.md}.
 *
 * @param path without links
 * @param others what must not be opened under any name
 * @param folder where the file and its sidecars have to be when they are opened by their paths; empty if any folder will do
 */
public record LiveFile(Path path, OtherFiles others, Optional<PathHandle> folder) {
    /** SQLite treats a main file of one byte as an empty one. */
    public static final int MAX_EMPTY_BYTES = 1;

    /** Of a sidecar: a program would have to exchange it between each two. */
    private static final int MOST_LOOKS = 100;

    /** Where nothing else is known. */
    public LiveFile(Path path) {
        this(path, OtherFiles.NONE);
    }

    public LiveFile(Path path, OtherFiles others) {
        this(path, others, Optional.empty());
    }

    /** @param opened the file's folder; open as long as this is used */
    public LiveFile in(PathHandle opened) {
        return new LiveFile(path, others, Optional.of(opened));
    }

    static LiveFile existing(Path given) {
        return existing(given, KnownFiles.NONE);
    }

    /**
     * Looks with {@code stat} alone: opening a FIFO would hang, closing a file would drop locks.
     *
     * @return the file by its real path, under which its sidecars are
     */
    public static LiveFile existing(Path given, KnownFiles known) {
        try {
            Path real = given.toRealPath();
            known.requireAccepted(given, real);
            Map<String, Object> seen =
                    Files.readAttributes(real, "unix:isRegularFile,isDirectory,nlink", LinkOption.NOFOLLOW_LINKS);
            if (!Boolean.TRUE.equals(seen.get("isRegularFile"))) {
                boolean directory = Boolean.TRUE.equals(seen.get("isDirectory"));
                throw refused(given + (directory ? " is a directory" : " is a device, socket or pipe")
                        + ", not a SQLite database.");
            }
            if (seen.get("nlink") instanceof Integer names && names > 1) {
                throw hasFurtherNames(new LiveFile(real), given);
            }
            LiveFile file = new LiveFile(real, known.lookAtOthers(List.of(given)));
            SidecarCheck.require(file);
            return file;
        } catch (NoSuchFileException e) {
            requireLinksLead(given);
            throw new ProblemException(SourceAccess.missing(given), e);
        } catch (IOException e) {
            requireLinksLead(given);
            throw unreadable(given, e);
        }
    }

    /**
     * Throws if a link on the way to {@code given}, or that is {@code given}, leads to nothing or back to itself. A path
     * without such a link passes, whether a file is there or not.
     */
    public static void requireLinksLead(Path given) {
        brokenLink(given).ifPresent(it -> {
            throw new ProblemException(it);
        });
    }

    /** Returns the problem of a link on the way to {@code given}, or that is {@code given}, which leads nowhere. */
    static Optional<Problem> brokenLink(Path given) {
        Path absolute = given.toAbsolutePath();
        Path way = absolute.getRoot();
        for (Path name : absolute) {
            way = way == null ? name : way.resolve(name);
            if (Files.isSymbolicLink(way) && !leads(way)) {
                return Optional.of(new Problem.SourceNotFound((way.equals(absolute) ? "" : given + ": ")
                        + way + ": the link leads nowhere: it names " + named(way)
                        + ". Nothing was read or changed. Make what it names, or correct the link, and try again."));
            }
        }
        return Optional.empty();
    }

    private static boolean leads(Path link) {
        try {
            return link.toRealPath().isAbsolute();
        } catch (AccessDeniedException e) {
            return true; // what is behind it cannot be seen
        } catch (IOException e) {
            return false;
        }
    }

    private static String named(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "something else now";
        }
    }

    public static ProblemException unreadable(Path file, IOException cause) {
        Problem problem = SourceAccess.toRead(file)
                .or(() -> SourceAccess.denied(cause))
                .or(() -> SourceAccess.vanished(List.of(file), cause))
                .orElseGet(() -> switch (cause) {
                    case FileSystemException e
                    when e.getReason() != null ->
                        new Problem.SourceNotAccessible(file + " cannot be read: " + e.getReason()
                                + "; let the server's user read it and try again.");
                    default -> new Problem.Internal(cause);
                });
        return new ProblemException(problem, cause);
    }

    /** Looks for the sidecars of WAL mode only: the header must not be read here. */
    private static ProblemException hasFurtherNames(LiveFile file, Path given) {
        boolean walMode = Files.exists(file.log()) || Files.exists(file.sharedMemory());
        String detail =
                given + " has further hard links: under another name SQLite would use another journal or WAL, so"
                        + " committed data may be missing here. Nothing was changed. Keep one name only.";
        return walMode ? new ProblemException(new Problem.SourceNotAccessible(detail)) : refused(detail);
    }

    private static ProblemException refused(String detail) {
        return new ProblemException(new Problem.NotADatabase(detail));
    }

    /**
     * Holds this file or one of its sidecars, and drops no lock by that. SQLite opens by the path, so it has to be at the path
     * and in the folder. Programs make and remove sidecars at any moment, so the two looks at one need not agree at once.
     *
     * @throws ProblemException as {@link #holdAtPath}; with {@code SourceBusy} if it is not in the folder
     */
    public PathHandle hold(Path own) throws IOException {
        int looks = own.equals(path) ? 1 : MOST_LOOKS;
        for (int look = 0; look < looks; look++) {
            PathHandle handle = holdAtPath(own);
            boolean found = false;
            try {
                found = isInFolder(own, handle);
                if (found) {
                    return handle;
                }
            } finally {
                if (!found) {
                    handle.close();
                }
            }
        }
        throw new ProblemException(UnlockedWriters.changed(this));
    }

    private boolean isInFolder(Path own, PathHandle handle) throws IOException {
        return folder.isEmpty()
                || FileIdentity.of(folder.get().child(own.getFileName().toString()))
                        .equals(Optional.of(handle.identity()));
    }

    /**
     * Holds what SQLite would open under this name, in whatever folder.
     *
     * @throws ProblemException with {@code SourceNotAccessible} if a part of the path is a link now, or if it is another's file
     */
    PathHandle holdAtPath(Path own) throws IOException {
        PathHandle handle;
        try {
            handle = PathHandle.of(own);
        } catch (LinkedPathException e) {
            throw new ProblemException(isElsewhere(own), e);
        }
        try {
            Optional<String> owner = others.owner(handle);
            if (owner.isPresent()) {
                throw new ProblemException(KnownFiles.belongsElsewhere(own, own, owner.get()));
            }
            return handle;
        } catch (IOException | RuntimeException e) {
            handle.close();
            throw e;
        }
    }

    /** Holds the folder: what is done to names in the handle's path is done in this folder, whatever takes its place. */
    public PathHandle holdFolder() throws IOException {
        PathHandle handle;
        try {
            handle = PathHandle.of(directory());
        } catch (LinkedPathException e) {
            throw new ProblemException(isElsewhere(directory()), e);
        }
        if (folder.isPresent() && !folder.get().identity().equals(handle.identity())) {
            handle.close();
            throw new ProblemException(UnlockedWriters.changed(this));
        }
        return handle;
    }

    /** Opens this file or one of its sidecars. To close it drops the locks of this process on it. */
    public FileChannel open(Path own, OpenOption... options) throws IOException {
        try (PathHandle handle = hold(own)) {
            return handle.open(options);
        }
    }

    /** As {@link #open}, to ask for locks. */
    public ForeignLocks locksOn(Path own) throws IOException {
        try (PathHandle handle = hold(own)) {
            return ForeignLocks.on(handle.path());
        }
    }

    /**
     * Opens the main file with SQLite, and makes sure that it is this one that SQLite has opened.
     *
     * @throws ProblemException with {@code SourceBusy} if it is another one: a program is exchanging files or folders
     */
    public Connection connect(String parameters, int busyMillis) throws SQLException, IOException {
        try (PathHandle handle = hold(path)) {
            return connect(handle, parameters, busyMillis);
        }
    }

    /**
     * As {@link #connect(String, int)}.
     *
     * @throws ProblemException with {@code SourceBusy} also if it is not the expected file
     */
    public Connection connect(FileIdentity expected, String parameters, int busyMillis)
            throws SQLException, IOException {
        try (PathHandle handle = holdMain(expected)) {
            return connect(handle, parameters, busyMillis);
        }
    }

    /**
     * Opens the main file, as {@link #open} does.
     *
     * @throws ProblemException with {@code SourceBusy} if it is not the expected file
     */
    public FileChannel openMain(FileIdentity expected, OpenOption... options) throws IOException {
        try (PathHandle handle = holdMain(expected)) {
            return handle.open(options);
        }
    }

    private PathHandle holdMain(FileIdentity expected) throws IOException {
        PathHandle handle = hold(path);
        if (!handle.identity().equals(expected)) {
            handle.close();
            throw new ProblemException(UnlockedWriters.changed(this));
        }
        return handle;
    }

    private Connection connect(PathHandle handle, String parameters, int busyMillis) throws SQLException, IOException {
        SidecarCheck.require(this);
        OwnDescriptors before = OwnDescriptors.of(path);
        Connection connection = open(parameters, busyMillis);
        try {
            if (!OwnDescriptors.of(path).hasMore(before, handle.identity())) {
                throw new ProblemException(UnlockedWriters.changed(this));
            }
            return connection;
        } catch (Throwable e) {
            connection.close();
            throw e;
        }
    }

    private Connection open(String parameters, int busyMillis) throws SQLException {
        try {
            return Connections.openWithoutLinks(path, parameters, busyMillis);
        } catch (SQLException e) {
            if (SqliteErrors.isLink(e)) {
                throw new ProblemException(isElsewhere(path), e);
            }
            throw e;
        }
    }

    /**
     * Makes sure that SQLite has opened this sidecar, and not one of the same name in a folder that came to the path.
     *
     * @param before the descriptors of the sidecar before
     * @throws ProblemException with {@code SourceBusy} if it has not
     */
    public void requireOpened(Path sidecar, OwnDescriptors before) throws IOException {
        try (PathHandle handle = hold(sidecar)) {
            if (!OwnDescriptors.of(sidecar).hasMore(before, handle.identity())) {
                throw new ProblemException(UnlockedWriters.changed(this));
            }
        } catch (NoSuchFileException e) {
            throw new ProblemException(UnlockedWriters.changed(this), e);
        }
    }

    /**
     * Makes the first read on a connection, at which SQLite opens the WAL by its name.
     *
     * @param before the descriptors of the WAL before
     * @throws ProblemException with {@code SourceBusy} if it fails because that was another WAL
     */
    public void readFirst(Connection connection, String statement, OwnDescriptors before)
            throws SQLException, IOException {
        try {
            Connections.ask(connection, statement);
        } catch (SQLException e) {
            if (SqliteErrors.isShortRead(e)) {
                requireOpened(log(), before);
            }
            throw e;
        }
    }

    public Problem isElsewhere(Path own) {
        return new Problem.SourceNotAccessible(
                own + " was reached without links when the operation began, and now a part"
                        + " of this path is a link: a program exchanges files or folders. Nothing was read or changed through"
                        + " it. Let " + path + " lead to the database again, and try again.");
    }

    /** SQLite reads a log that is there, whatever the main file's header says. */
    public boolean isLogged(DatabaseHeader head) throws IOException {
        boolean flagged = head instanceof DatabaseHeader.Sqlite known && known.wal();
        return flagged || hasWal();
    }

    /** SQLite passes over an empty WAL. */
    public boolean hasWal() throws IOException {
        return walSize() > 0;
    }

    /** In bytes; 0 if there is none, also if its program removes it meanwhile. */
    public long walSize() throws IOException {
        try {
            return Files.size(log());
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    /**
     * Returns the size of the image that the main file holds by itself, in bytes.
     *
     * @throws ProblemException if it holds none
     */
    public long requireImageSize(DatabaseHeader head, long fileSize) {
        return switch (head) {
            case DatabaseHeader.Empty() -> 0;
            case DatabaseHeader.Foreign(String why) -> throw refused(path + " is not a SQLite database: " + why + ".");
            case DatabaseHeader.Sqlite known
            when known.isCutShort(fileSize) ->
                throw new ProblemException(new Problem.SourceCorrupt(
                        path + " has " + fileSize + " of " + known.imageSize(fileSize) + " bytes"));
            case DatabaseHeader.Sqlite known -> known.imageSize(fileSize);
        };
    }

    /**
     * Returns whether the main file is empty while its WAL has content. SQLite must not open such a pair. See {@code
     * docs/internals/wal.md#an-empty-main-file}.
     */
    public boolean isEmptyWithWal() throws IOException {
        return Files.size(path) <= MAX_EMPTY_BYTES && hasWal();
    }

    public Path directory() {
        return requireNonNull(path.getParent());
    }

    public Path log() {
        return beside("-wal");
    }

    public Path sharedMemory() {
        return beside("-shm");
    }

    public Path journal() {
        return beside("-journal");
    }

    private Path beside(String suffix) {
        return path.resolveSibling(path.getFileName() + suffix);
    }
}
