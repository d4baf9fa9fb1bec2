package dev.holdfast.files;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.BackupKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** The metadata beside the artifacts: each file is replaced as a whole or not at all. */
final class MetadataFiles {
    /** Several times what all labels and a long finding take. */
    private static final int LARGEST_BYTES = 1 << 20;

    /** From the metadata to the artifact's name it is a moment. */
    private static final Duration LONGEST_PUBLISHING = Duration.ofMinutes(10);

    private static final System.Logger LOG = System.getLogger(MetadataFiles.class.getName());

    private final Folders folders;
    private final FailPoints failPoints;

    MetadataFiles(Folders folders, FailPoints failPoints) {
        this.folders = folders;
        this.failPoints = failPoints;
    }

    /** Empty if there is none, or none that can be believed; the log then says why. */
    Optional<Backup> read(BackupKey key) throws IOException {
        Path file = folders.metadata(key.value());
        try {
            return Optional.of(MetadataFormat.read(key, readAll(file)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (MetadataFormat.GarbledException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Metadata {0} cannot be read, so its backup counts as external and unchecked: {1}",
                    file,
                    e.getMessage());
            return Optional.empty();
        }
    }

    private static byte[] readAll(Path file) throws IOException, MetadataFormat.GarbledException {
        // Opening a pipe would block until another process writes to it.
        if (!Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS)
                .isRegularFile()) {
            throw new MetadataFormat.GarbledException("not a regular file");
        }
        try (InputStream in = Channels.newInputStream(FileChannel.open(file, Set.of(READ, NOFOLLOW_LINKS)))) {
            byte[] text = in.readNBytes(LARGEST_BYTES + 1);
            if (text.length > LARGEST_BYTES) {
                throw new MetadataFormat.GarbledException("more than " + LARGEST_BYTES + " bytes");
            }
            return text;
        }
    }

    /** Durable when this returns. */
    void write(Backup backup) throws IOException {
        writing(backup, (part, file) -> Files.move(part, file, ATOMIC_MOVE));
    }

    /**
     * As {@link #write}, for a backup that is new. Its caller holds the key's lock and has seen no artifact.
     *
     * @throws FileAlreadyExistsException if another server is publishing a backup of this key
     */
    void create(Backup backup) throws IOException {
        writing(backup, (part, file) -> {
            if (Files.exists(file, NOFOLLOW_LINKS) && isLeftover(file, part)) {
                Files.delete(file);
            }
            link(part, file);
        });
    }

    /** A file system without hard links has to do without the exclusion. */
    private static void link(Path part, Path file) throws IOException {
        try {
            Files.createLink(file, part);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            Files.move(part, file, ATOMIC_MOVE);
        }
    }

    /** Of ourselves, who publish nothing else under this key now, or old by the file system's own clock. */
    private boolean isLeftover(Path file, Path justWritten) throws IOException {
        Instant written = Files.getLastModifiedTime(file, NOFOLLOW_LINKS).toInstant();
        Instant now = Files.getLastModifiedTime(justWritten, NOFOLLOW_LINKS).toInstant();
        return isOurs(file) || written.plus(LONGEST_PUBLISHING).isBefore(now);
    }

    /** Whether no other server may still be using it: this one has written it, or nobody says who has. */
    boolean isOurs(Path file) throws IOException {
        try {
            String server = MetadataFormat.server(readAll(file));
            return server.isEmpty() || server.equals(folders.owner());
        } catch (MetadataFormat.GarbledException e) {
            return true;
        }
    }

    private interface Naming {
        void give(Path part, Path file) throws IOException;
    }

    private void writing(Backup backup, Naming name) throws IOException {
        byte[] text = MetadataFormat.write(backup, folders.owner());
        if (text.length > LARGEST_BYTES) {
            throw new IllegalArgumentException(
                    "metadata: " + text.length + " bytes (expected: at most " + LARGEST_BYTES + ")");
        }
        Path file = folders.metadata(backup.key().value());
        Path part = folders.createPart();
        try {
            try (FileChannel channel = FileChannel.open(part, WRITE)) {
                ByteBuffer rest = ByteBuffer.wrap(text);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            failPoints.reached("store.meta-part-written");
            name.give(part, file);
        } finally {
            Files.deleteIfExists(part);
        }
        failPoints.reached("store.meta-renamed");
        Folders.sync(folderOf(file));
    }

    /** Durable when this returns. */
    void remove(BackupKey key) throws IOException {
        Path file = folders.metadata(key.value());
        if (Files.deleteIfExists(file)) {
            failPoints.reached("store.meta-removed");
            Folders.sync(folderOf(file));
        }
    }

    private static Path folderOf(Path file) {
        return file.resolveSibling("");
    }
}
