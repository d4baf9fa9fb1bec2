package dev.holdfast.sqlite.file;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.io.Channels;
import dev.holdfast.tree.SecureDirectories;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** Where private copies lie, each in a directory of its own that goes with all that SQLite puts beside the copy. */
public final class Scratch {
    private static final System.Logger LOG = System.getLogger(Scratch.class.getName());

    private static final int CHUNK = 1 << 20;
    private static final String COPY = "copy-";

    /** What the driver unpacks where {@code org.sqlite.tmpdir} says. */
    private static final String NATIVE_PART = "sqlite-";

    private final Path root;

    private Scratch(Path root) {
        this.root = root;
    }

    /** Removes what a killed process left, by the names that are given here: whatever else lies there is somebody's. */
    public static Scratch in(Path root) throws IOException {
        if (Files.isSymbolicLink(root)) {
            throw new FileSystemException(root.toString(), null, "expected a directory, not a symbolic link");
        }
        Files.createDirectories(root);
        for (Path left : children(root)) {
            String name = left.getFileName().toString();
            if (name.startsWith(COPY)) {
                SecureDirectories.delete(left);
            } else if (name.startsWith(NATIVE_PART)) {
                deleteUnlessOpen(left);
            }
        }
        return new Scratch(root.toRealPath());
    }

    /** On FUSE and NFS the library that this process has loaded stays there under a name that the file system gave it. */
    private static void deleteUnlessOpen(Path left) throws IOException {
        try {
            SecureDirectories.delete(left);
        } catch (FileSystemException e) {
            if (!Files.isWritable(left)) {
                throw e;
            }
            LOG.log(Level.DEBUG, left + " is removed at a later start", e);
        }
    }

    private static List<Path> children(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }

    public Folder folder() throws IOException {
        try {
            return new Folder(Files.createTempDirectory(
                    root, COPY, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
        } catch (IOException e) {
            throw SqliteErrors.ofWriting(root, e);
        }
    }

    /** Where the private copies are. */
    public Path root() {
        return root;
    }

    /** Throws unless {@code bytes} more fit. */
    public void require(long bytes) throws IOException {
        FullDisk.require(root, bytes);
    }

    /** One private directory; closing removes it. */
    public record Folder(Path path) implements AutoCloseable {
        public Path database() {
            return path.resolve("copy.db");
        }

        /** Removes the folder. If that fails, the next start does: the work that used it has its outcome already. */
        @Override
        public void close() {
            try {
                SecureDirectories.delete(path);
            } catch (IOException e) {
                LOG.log(Level.WARNING, path + " could not be removed; the next start of the server removes it", e);
            }
        }
    }

    /** Copies {@code size} bytes through a channel that its owner keeps open. */
    public static void copy(FileChannel from, long size, Path to, ProgressMonitor work) throws IOException {
        try (FileChannel out = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long at = 0; at < size; ) {
                work.checkCancelled();
                long moved = from.transferTo(at, Math.min(CHUNK, size - at), out);
                if (moved <= 0) {
                    throw new ProblemException(
                            new Problem.SourceCorrupt("the file ended at " + at + " of " + size + " bytes"));
                }
                at += moved;
            }
        } catch (IOException e) {
            throw SqliteErrors.ofWriting(to, e);
        }
    }

    /** Copies a stream; reports every chunk to {@code work}. */
    public static void copy(InputStream from, FileChannel to, ProgressMonitor work) throws IOException {
        byte[] chunk = new byte[CHUNK];
        long at = 0;
        for (int count = from.readNBytes(chunk, 0, CHUNK); count > 0; count = from.readNBytes(chunk, 0, CHUNK)) {
            Channels.write(to, ByteBuffer.wrap(chunk, 0, count), at);
            at += count;
            work.advance(count);
        }
    }
}
