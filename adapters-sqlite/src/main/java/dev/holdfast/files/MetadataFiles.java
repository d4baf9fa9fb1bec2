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
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** The metadata beside the artifacts: each file is replaced as a whole or not at all. */
final class MetadataFiles {
    /** Several times what all labels and a long finding take. */
    private static final int LARGEST_BYTES = 1 << 20;

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
            if (!Files.isRegularFile(file, NOFOLLOW_LINKS)) {
                throw new MetadataFormat.GarbledException("not a regular file");
            }
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
        byte[] text = MetadataFormat.write(backup);
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
            Files.move(part, file, ATOMIC_MOVE);
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
