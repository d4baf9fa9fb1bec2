package dev.holdfast.bootstrap.start;

import dev.holdfast.sqlite.SqliteLibrary;
import dev.holdfast.tree.MountTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Where a server keeps what is its own: {@code holdfast.db} (the catalogue), {@code holdfast.lock} (held while a server
 * runs), {@code holdfast.heartbeat} (written while a server runs, where locks are not shared), {@code jwt-secret}, {@code server-id}, {@code scratch/} (private copies, emptied at every start) and, unless set otherwise,
 * {@code backups/<database>/}.
 */
public final class DataDirectory {
    private final Path root;

    private DataDirectory(Path root) {
        this.root = root;
    }

    /**
     * Loads SQLite, before anything opens a database.
     *
     * @throws StartupException if it can be loaded from nowhere
     */
    public void loadSqlite() {
        try {
            SqliteLibrary.load(scratch());
        } catch (IOException e) {
            throw new StartupException(
                    "holdfast.data-dir: " + root + " (expected: a directory on a file system that is not"
                            + " mounted noexec; " + e.getMessage() + ")");
        }
    }

    /** Makes it, with mode 0700, if it is not there. */
    public static DataDirectory at(Path root) {
        try {
            if (!Files.isDirectory(root)) {
                Path parent = root.getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                Files.createDirectory(
                        root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            var directory = new DataDirectory(root);
            directory.closeToOthers();
            return directory;
        } catch (IOException e) {
            throw new StartupException(
                    "holdfast.data-dir: " + root + " (expected: a directory that can be made and written; "
                            + e.getClass().getSimpleName() + ": " + e.getMessage() + ")");
        }
    }

    /** An earlier version has made them with the process's own mask. */
    private void closeToOthers() throws IOException {
        OwnerOnly.directory(scratch());
        for (Path file : List.of(lockFile(), serverIdFile())) {
            OwnerOnly.ifThere(file);
        }
    }

    private Path lockFile() {
        return root.resolve("holdfast.lock");
    }

    private Path serverIdFile() {
        return root.resolve("server-id");
    }

    /**
     * One where a server or a command has left a catalogue; makes nothing.
     *
     * @throws StartupException if it is none
     */
    public static DataDirectory existing(Path root) {
        var directory = new DataDirectory(root);
        if (!Files.isRegularFile(directory.catalogue())) {
            throw new StartupException("holdfast.data-dir: " + root
                    + " (expected: a server's data directory; there is no "
                    + directory.catalogue().getFileName()
                    + " in it)");
        }
        return directory;
    }

    public Path root() {
        return root;
    }

    public Path catalogue() {
        return root.resolve("holdfast.db");
    }

    /** For archives that are being taken apart; emptied at every start. */
    public Path unpacking() {
        return root.resolve("unpacking");
    }

    public Path scratch() {
        return root.resolve("scratch");
    }

    /** Tells this directory's server from any other, at every start the same. */
    public String serverId(RandomGenerator random) {
        Path file = serverIdFile();
        try {
            if (!Files.exists(file) || Files.size(file) == 0) {
                byte[] id = new byte[16];
                random.nextBytes(id);
                Path part = root.resolve("server-id.part");
                Files.deleteIfExists(part);
                try (FileChannel channel = OwnerOnly.open(part)) {
                    channel.write(ByteBuffer.wrap(HexFormat.of().formatHex(id).getBytes(StandardCharsets.US_ASCII)));
                    channel.force(true);
                }
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            }
            String id = Files.readString(file).strip();
            if (!id.matches("[0-9a-zA-Z]{1,64}")) {
                throw new StartupException("holdfast.data-dir: " + file + " (expected: 1 to 64 letters and digits)");
            }
            return id;
        } catch (IOException e) {
            throw new StartupException("holdfast.data-dir: " + file
                    + " (expected: a file that can be read and written; " + e.getMessage() + ")");
        }
    }

    /**
     * Begins a heartbeat if the file system does not share locks; on a local disk the lock alone decides.
     *
     * @throws StartupException if another server runs here, on another path or machine
     */
    public Optional<Heartbeat> heartbeat(RandomGenerator random) {
        try {
            return MountTable.read().withoutSharedLocks(root.toRealPath()).isPresent()
                    ? Optional.of(Heartbeat.begin(
                            root.resolve("holdfast.heartbeat"), random, Heartbeat.Place.here(), Heartbeat.Waiting.REAL))
                    : Optional.empty();
        } catch (IOException e) {
            throw new StartupException("holdfast.data-dir: " + root
                    + " (expected: a directory whose file system is known; " + e.getMessage() + ")");
        }
    }

    /**
     * Keeps a second server out until it is closed, or until this process ends, however it does.
     *
     * @throws StartupException if another server runs here
     */
    public AutoCloseable lock() {
        Path file = lockFile();
        try {
            FileChannel channel = OwnerOnly.open(file);
            if (tryLock(channel) == null) {
                channel.close();
                throw new StartupException("holdfast.data-dir: " + root
                        + " (expected: a directory that no other server uses; one is running on it)");
            }
            return channel;
        } catch (IOException e) {
            throw new StartupException("holdfast.data-dir: " + root + " (expected: a directory that can be written; "
                    + e.getMessage() + ")");
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }
}
