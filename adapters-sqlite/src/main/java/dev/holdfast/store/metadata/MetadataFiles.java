package dev.holdfast.store.metadata;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.WRITE;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.store.folder.Folders;
import dev.holdfast.store.folder.OwnFiles;
import dev.holdfast.store.folder.UncertainChangeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The metadata beside the artifacts: each file is replaced as a whole or not at all. */
public final class MetadataFiles {
    /** Several times what all labels and a long finding take. */
    private static final int LARGEST_BYTES = 1 << 20;

    /** From the metadata to the artifact's name it is a moment. */
    private static final Duration LONGEST_PUBLISHING = Duration.ofMinutes(10);

    private static final System.Logger LOG = System.getLogger(MetadataFiles.class.getName());

    private final Folders folders;
    private final FailPoints failPoints;

    public MetadataFiles(Folders folders, FailPoints failPoints) {
        this.folders = folders;
        this.failPoints = failPoints;
    }

    /** As {@link MetadataFormat#read}. Empty if there is none, or none that can be believed; the log then says why. */
    public Optional<Recorded> read(BackupKey key) throws IOException {
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

    /** As {@link #read}, of a metadata file whose key is not known. */
    public Optional<Recorded> readIn(Path file) throws IOException {
        try {
            Recorded recorded = MetadataFormat.read(readAll(file));
            return Optional.of(recorded)
                    .filter(it -> folders.metadata(it.backup().key().value()).equals(file));
        } catch (NoSuchFileException | MetadataFormat.GarbledException e) {
            return Optional.empty();
        }
    }

    private static byte[] readAll(Path file) throws IOException, MetadataFormat.GarbledException {
        // Opening a pipe would block until another process writes to it.
        if (!Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS)
                .isRegularFile()) {
            throw new MetadataFormat.GarbledException("not a regular file");
        }
        try {
            return OwnFiles.read(file, LARGEST_BYTES);
        } catch (OwnFiles.TooLargeException e) {
            throw new MetadataFormat.GarbledException("more than " + LARGEST_BYTES + " bytes");
        }
    }

    /**
     * Durable when this returns.
     *
     * @throws UncertainChangeException if the metadata may have changed all the same
     */
    public void write(Recorded recorded) throws IOException {
        Path file = file(recorded.backup());
        Path part = writePart(text(recorded));
        try {
            rename(part, file);
            Folders.sync(folderOf(file));
        } catch (IOException e) {
            throw new UncertainChangeException(
                    e, UncertainChangeException.maybeChanged(recorded.backup().key()));
        }
    }

    /**
     * Records that the artifacts of these metadata files were away. What cannot be read as metadata stays as it is.
     * Durable when this returns.
     */
    public void markAway(Collection<Path> files, Instant since) throws IOException {
        edit(files, (_, text) -> MetadataFormat.awaySince(text, since));
    }

    /** As {@link #markAway}, of artifacts that a start misses. */
    public void markMissing(Map<Path, Sightings> missing) throws IOException {
        edit(missing.keySet(), (file, text) -> MetadataFormat.missing(text, requireNonNull(missing.get(file))));
    }

    private interface Edit {
        byte[] edited(Path file, byte[] text) throws IOException, MetadataFormat.GarbledException;
    }

    private void edit(Collection<Path> files, Edit edit) throws IOException {
        Set<Path> changed = new HashSet<>();
        for (Path file : files) {
            try {
                replace(file, edit.edited(file, readAll(file)));
                changed.add(folderOf(file));
            } catch (NoSuchFileException e) {
                // Removed meanwhile, by another server.
            } catch (JsonProcessingException | MetadataFormat.GarbledException e) {
                LOG.log(System.Logger.Level.DEBUG, "Metadata without an artifact cannot be read: " + file, e);
            }
        }
        for (Path folder : changed) {
            Folders.sync(folder);
        }
    }

    private void replace(Path file, byte[] text) throws IOException {
        rename(writePart(text), file);
    }

    private void rename(Path part, Path file) throws IOException {
        try {
            Files.move(part, file, ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
        failPoints.reached("store.meta-renamed");
    }

    /**
     * As {@link #write}, for a backup that is new. Its caller holds the key's lock and has seen no artifact.
     *
     * @return a second name of the metadata, for {@link #endChange}: without an artifact, metadata with two names is
     *     what a killed process left
     * @throws FileAlreadyExistsException if another server is publishing a backup of this key, or the key belongs to a
     *     backup that a user has marked and whose artifact is missing
     */
    public Path create(Backup backup) throws IOException {
        Path file = file(backup);
        Path part = writePart(text(new Recorded(backup, Optional.empty())));
        boolean linked = false;
        try {
            if (Files.exists(file, NOFOLLOW_LINKS) && isLeftover(file, part)) {
                Files.delete(file);
            }
            link(part, file);
            linked = true;
        } finally {
            if (!linked) {
                Files.deleteIfExists(part);
            }
        }
        failPoints.reached("store.meta-renamed");
        Folders.sync(folderOf(file));
        return part;
    }

    /**
     * Gives the metadata of a backup that is about to be removed a second name, as {@link #create} does.
     *
     * @return empty if there is no metadata, or the file system has no links
     */
    public Optional<Path> beginRemoval(BackupKey key) throws IOException {
        Path file = folders.metadata(key.value());
        if (!Files.isRegularFile(file, NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        Path second = folders.unusedPart();
        try {
            Files.createLink(second, file);
            return Optional.of(second);
        } catch (UnsupportedOperationException | FileSystemException e) {
            LOG.log(System.Logger.Level.DEBUG, "Metadata cannot be marked as being removed: " + file, e);
            return Optional.empty();
        }
    }

    /** Removes the second name of metadata whose artifact is published, or which is removed itself. */
    public void endChange(Path second) throws IOException {
        Files.deleteIfExists(second);
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

    /**
     * Of ourselves, who publish nothing else under this key now, or old by the file system's own clock. A backup that a
     * user has pinned or labelled keeps its name while its artifact is missing.
     */
    private boolean isLeftover(Path file, Path justWritten) throws IOException {
        if (readIn(file).filter(Recorded::isMarkedByUser).isPresent()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "A new backup cannot have the name of a pinned or labelled backup whose file is missing. Put that"
                            + " file back, or remove its metadata {0}.",
                    file);
            return false;
        }
        Instant written = Files.getLastModifiedTime(file, NOFOLLOW_LINKS).toInstant();
        Instant now = Files.getLastModifiedTime(justWritten, NOFOLLOW_LINKS).toInstant();
        return isOurs(file) || written.plus(LONGEST_PUBLISHING).isBefore(now);
    }

    /** Whether no other server may still be using it: this one has written it, or nobody says who has. */
    public boolean isOurs(Path file) throws IOException {
        try {
            String server = MetadataFormat.server(readAll(file));
            return server.isEmpty() || server.equals(folders.owner());
        } catch (MetadataFormat.GarbledException e) {
            return true;
        }
    }

    /** The databases that the metadata names. One that cannot be read names none. */
    public Set<DatabaseName> databases() throws IOException {
        Set<DatabaseName> databases = new TreeSet<>();
        for (Path folder : folders.metadata()) {
            for (Path file : folders.ownFilesIn(folder)) {
                if (Folders.isMetadata(file)) {
                    databaseIn(file).ifPresent(databases::add);
                }
            }
        }
        return databases;
    }

    private static Optional<DatabaseName> databaseIn(Path file) throws IOException {
        try {
            return MetadataFormat.database(readAll(file));
        } catch (NoSuchFileException | MetadataFormat.GarbledException e) {
            return Optional.empty();
        }
    }

    private Path file(Backup backup) {
        return folders.metadata(backup.key().value());
    }

    private byte[] text(Recorded recorded) throws IOException {
        return MetadataFormat.write(recorded.backup(), folders.owner(), recorded.awaySince());
    }

    private Path writePart(byte[] text) throws IOException {
        if (text.length > LARGEST_BYTES) {
            throw new IllegalArgumentException(
                    "metadata: " + text.length + " bytes (expected: at most " + LARGEST_BYTES + ")");
        }
        Path part = folders.createPart();
        boolean written = false;
        try {
            try (FileChannel channel = FileChannel.open(part, WRITE)) {
                ByteBuffer rest = ByteBuffer.wrap(text);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            failPoints.reached("store.meta-part-written");
            written = true;
            return part;
        } finally {
            if (!written) {
                Files.deleteIfExists(part);
            }
        }
    }

    /** Durable when this returns. */
    public void remove(BackupKey key) throws IOException {
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
