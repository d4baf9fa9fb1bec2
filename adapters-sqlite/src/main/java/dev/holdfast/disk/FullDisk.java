package dev.holdfast.disk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.tree.LinkedPathException;
import dev.holdfast.tree.NativeFunctions;
import dev.holdfast.tree.PathHandle;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.charset.Charset;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The one place that decides whether a write failed because the disk is full or the quota is used up ({@code ENOSPC},
 * {@code EDQUOT}), and what the caller learns of it.
 */
public final class FullDisk {
    private static final int MAX_CAUSES = 20;
    private static final int MAX_MESSAGE_BYTES = 1024;
    private static final int LINUX_ENOSPC = 28;
    private static final int LINUX_EDQUOT = 122;

    /** What SQLite answers when it cannot write, create or enlarge a file, whatever the reason is. */
    private static final Set<SQLiteErrorCode> UNCLEAR = EnumSet.of(
            SQLiteErrorCode.SQLITE_IOERR,
            SQLiteErrorCode.SQLITE_IOERR_WRITE,
            SQLiteErrorCode.SQLITE_IOERR_FSYNC,
            SQLiteErrorCode.SQLITE_IOERR_DIR_FSYNC,
            SQLiteErrorCode.SQLITE_IOERR_TRUNCATE,
            SQLiteErrorCode.SQLITE_IOERR_CLOSE,
            SQLiteErrorCode.SQLITE_IOERR_SHMOPEN,
            SQLiteErrorCode.SQLITE_IOERR_SHMSIZE,
            SQLiteErrorCode.SQLITE_IOERR_SHMMAP,
            SQLiteErrorCode.SQLITE_IOERR_GETTEMPPATH,
            SQLiteErrorCode.SQLITE_CANTOPEN,
            SQLiteErrorCode.SQLITE_READONLY);

    /** More than one block, so that a disk with a few bytes left does not pass. */
    private static final int PROBE_BYTES = 1 << 16;

    private static final String PROBE = ".holdfast-probe-";

    private static final Set<String> MESSAGES = messages();

    private FullDisk() {}

    /**
     * Returns the problem if {@code failure}, or one of its causes, is a full disk; otherwise empty.
     *
     * @param place a file or directory on the disk that was written to; it need not exist. A file that the failure names
     *     goes first.
     */
    public static Optional<Problem.InsufficientStorage> problem(Path place, Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (cause instanceof ProblemException known
                    && known.problem() instanceof Problem.InsufficientStorage full) {
                return Optional.of(full);
            }
            Path named =
                    cause instanceof FileSystemException it && it.getFile() != null ? Path.of(it.getFile()) : place;
            if (isFull(named, cause)) {
                return Optional.of(at(named));
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }

    private static boolean isFull(Path place, Throwable failure) {
        return switch (failure) {
            case IOException e -> isFull(e);
            case SQLException e -> isFull(place, e);
            default -> false;
        };
    }

    private static boolean isFull(IOException failure) {
        return switch (failure) {
            case AccessDeniedException _, NoSuchFileException _, FileAlreadyExistsException _ -> false;
            case FileSystemException e when e.getReason() != null -> isFull(e.getReason());
            default -> isFull(String.valueOf(failure.getMessage()));
        };
    }

    private static boolean isFull(String message) {
        String lower = message.toLowerCase(Locale.ROOT);
        return MESSAGES.stream().anyMatch(lower::contains);
    }

    /**
     * SQLite has a code for {@code ENOSPC} in a write only. It reports a used-up quota, and a full disk on which it cannot
     * create a file or enlarge the wal-index, as an I/O error, as a file that cannot be opened, or as a read-only database.
     * Then the disk is tried.
     */
    private static boolean isFull(Path place, SQLException failure) {
        SQLiteErrorCode code = failure instanceof SQLiteException known
                ? known.getResultCode()
                : SQLiteErrorCode.getErrorCode(failure.getErrorCode());
        return code == SQLiteErrorCode.SQLITE_FULL
                || (UNCLEAR.contains(code) && (hasNoSpace(place) || refusesFile(place)));
    }

    private static boolean hasNoSpace(Path place) {
        try {
            FileStore store = store(place);
            return store != null && !store.isReadOnly() && store.getTotalSpace() > 0 && store.getUsableSpace() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Lists what an earlier look at a full disk left in {@code directory}, because it could not be removed. */
    public static List<Path> leftProbes(Path directory) throws IOException {
        List<Path> left = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, PROBE + "*")) {
                found.forEach(left::add);
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
        }
        return left;
    }

    /**
     * Writes a few bytes next to {@code place}; the file is gone when this returns. That is in one open directory: a program
     * that exchanges it meanwhile gets no file of ours.
     */
    private static boolean refusesFile(Path place) {
        Path directory = existing(place);
        if (directory == null) {
            return false;
        }
        try (PathHandle held = hold(directory)) {
            return refusesFile(held);
        } catch (IOException e) {
            return isFull(e);
        }
    }

    /** A directory of the settings may be behind a link. */
    private static PathHandle hold(Path directory) throws IOException {
        try {
            return PathHandle.of(directory);
        } catch (LinkedPathException e) {
            return PathHandle.of(directory.toRealPath());
        }
    }

    private static boolean refusesFile(PathHandle directory) {
        Path probe = null;
        try {
            probe = Files.createTempFile(directory.path(), PROBE, null);
            Files.write(probe, new byte[PROBE_BYTES]);
            return false;
        } catch (IOException e) {
            return isFull(e);
        } finally {
            deleteQuietly(directory, probe);
        }
    }

    private static void deleteQuietly(PathHandle directory, @Nullable Path probe) {
        try {
            if (probe != null) {
                Files.deleteIfExists(probe);
            }
        } catch (IOException e) {
            // The handle's own path says nothing once the handle is closed.
            System.getLogger(FullDisk.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            probe.getFileName() + " in " + directory.real() + " is of no use, and could not be removed",
                            e);
        }
    }

    /** The problem of a disk that is known to be full, with the space that is left. */
    public static Problem.InsufficientStorage at(Path place) {
        return new Problem.InsufficientStorage("The disk of " + place + " is full, or the quota of the server's user is"
                + " used up (" + free(place) + "); free some space there and try again.");
    }

    private static String free(Path place) {
        try {
            FileStore store = store(place);
            if (store != null) {
                return store.getUsableSpace() + " bytes of " + store.getTotalSpace() + " are free";
            }
        } catch (IOException e) {
            // The sentence is as true without the sizes.
        }
        return "the free space is unknown";
    }

    /**
     * Throws unless {@code bytes} more fit on the file system of {@code directory}.
     *
     * @throws ProblemException with {@link Problem.InsufficientStorage}
     */
    public static void require(Path directory, long bytes) throws IOException {
        require(directory, directory, bytes);
    }

    /** @param shown the directory's path as a message names it */
    public static void require(Path directory, Path shown, long bytes) throws IOException {
        FileStore store = Files.getFileStore(directory);
        long free = store.getUsableSpace();
        if (free < bytes) {
            throw new ProblemException(new Problem.InsufficientStorage(
                    shown + " needs " + bytes + " bytes and has " + free + " free; free some space there."));
        }
    }

    private static @Nullable FileStore store(Path place) throws IOException {
        Path there = existing(place);
        return there == null ? null : Files.getFileStore(there);
    }

    /** The directory of {@code place}, or the nearest one above it that exists. */
    private static @Nullable Path existing(Path place) {
        Path it = place.toAbsolutePath();
        while (it != null && !Files.isDirectory(it)) {
            it = it.getParent();
        }
        return it;
    }

    /** What Linux says, in English and in the language that the process was started with. */
    private static Set<String> messages() {
        var all = new HashSet<>(Set.of("no space left on device", "quota exceeded"));
        if (System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux")) {
            for (int error : new int[] {LINUX_ENOSPC, LINUX_EDQUOT}) {
                all.add(localized(error).toLowerCase(Locale.ROOT));
            }
        }
        return Set.copyOf(all);
    }

    /** Java has no number for a failure, only the C library's text, which depends on the locale. */
    @SuppressWarnings("restricted") // as for SQLite itself, the start script allows it
    private static String localized(int error) {
        try {
            MemorySegment text = (MemorySegment) Linker.nativeLinker()
                    .downcallHandle(NativeFunctions.address("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT))
                    .invokeExact(error);
            Charset charset = Charset.forName(System.getProperty("native.encoding", "UTF-8"));
            return text.reinterpret(MAX_MESSAGE_BYTES).getString(0, charset);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
