package dev.holdfast.store.folder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static java.util.Objects.requireNonNull;

import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** The folders of one store, as {@code package-info} draws them. */
public final class Folders {
    /** For the metadata and the folders' own entries, beside the artifact's bytes. */
    private static final long RESERVE_BYTES = 1 << 20;

    private static final int LONGEST_NAME_BYTES = 255;
    private static final String METADATA_END = ".json";
    private static final FileAttribute<?> OWNER_ONLY_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<?> OWNER_ONLY_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path artifacts;
    private final Path own;
    private final Path part;
    private final Path metadata;
    private final Path longMetadata;
    private final Path claims;
    private final Path marks;
    private final String owner;
    private final AtomicLong parts = new AtomicLong();

    /** @param owner which server's parts are made here; part of a file's name */
    public Folders(Path artifacts, String owner) {
        this.owner = owner;
        this.artifacts = artifacts.toAbsolutePath().normalize();
        own = this.artifacts.resolve(".holdfast");
        part = own.resolve("part");
        metadata = own.resolve("meta");
        longMetadata = metadata.resolve("long");
        claims = own.resolve("claims");
        marks = own.resolve("marks");
    }

    /** The same folders of this server in a directory that is open. */
    public Folders in(Path directory) {
        return new Folders(directory, owner);
    }

    public Path own() {
        return own;
    }

    /** Holds one file for each server that writes here. */
    public Path marks() {
        return marks;
    }

    public Path claims() {
        return claims;
    }

    /** The file that one server at a time locks. It has no content. */
    Path serverLock() {
        return own.resolve("changes.lock");
    }

    public String owner() {
        return owner;
    }

    /** Whether this server has made it, now or in a former life. */
    public boolean isOwn(Path partFile) {
        return partFile.getFileName().toString().startsWith(owner + "-");
    }

    public Path artifacts() {
        return artifacts;
    }

    public Path part() {
        return part;
    }

    /** The folders that hold metadata files. */
    public List<Path> metadata() {
        return List.of(metadata, longMetadata);
    }

    public Path artifact(BackupKey key) {
        return artifacts.resolve(key.value());
    }

    public Path metadata(String artifactName) {
        byte[] name = artifactName.getBytes(UTF_8);
        return name.length + METADATA_END.length() <= LONGEST_NAME_BYTES
                ? metadata.resolve(artifactName + METADATA_END)
                : longMetadata.resolve(Sha256.of(Sha256.newDigest().digest(name)) + METADATA_END);
    }

    public static boolean isMetadata(Path file) {
        return file.getFileName().toString().endsWith(METADATA_END);
    }

    /**
     * The files, not the folders, in one of our own folders. None if it is not there, or is reached over a symbolic
     * link: what lies behind that is not ours to remove.
     */
    public List<Path> ownFilesIn(Path folder) throws IOException {
        for (Path it = folder; !it.equals(artifacts); it = parent(it)) {
            if (!Files.isDirectory(it, NOFOLLOW_LINKS)) {
                return List.of();
            }
        }
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (!Files.isDirectory(entry, NOFOLLOW_LINKS)) {
                    files.add(entry);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return files;
    }

    /** Whether an artifact's name is text in the server's locale, so that the text leads back to the file. */
    public boolean canName(Path file) {
        try {
            return artifacts.resolve(file.getFileName().toString()).equals(file);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** Makes what is missing, for a store that has no id yet. */
    public synchronized void prepareNew() throws IOException {
        if (!isThere()) {
            createWithParents(artifacts);
        }
        createIfMissing(own);
        prepareKnown();
    }

    /** Makes what is missing below a folder that has to be there: a directory without it is not the one that was known. */
    public synchronized void prepareKnown() throws IOException {
        for (Path folder : List.of(part, metadata, longMetadata, claims, marks)) {
            createIfMissing(folder);
        }
    }

    private static void createIfMissing(Path folder) throws IOException {
        if (!Files.isDirectory(folder, NOFOLLOW_LINKS)) {
            create(folder);
        }
    }

    /** Fails on a symbolic link, which could lead anywhere: what lies in these folders is swept. */
    private static void create(Path folder) throws IOException {
        try {
            Files.createDirectory(folder, OWNER_ONLY_FOLDER);
        } catch (FileAlreadyExistsException e) {
            // Another server that uses the same directory may have been quicker.
            if (!Files.isDirectory(folder, NOFOLLOW_LINKS)) {
                throw e;
            }
        }
        sync(parent(folder));
    }

    private static void createWithParents(Path folder) throws IOException {
        List<Path> missing = new ArrayList<>();
        for (Path it = folder; !Files.exists(it, NOFOLLOW_LINKS); it = parent(it)) {
            missing.add(it);
        }
        Files.createDirectories(folder, OWNER_ONLY_FOLDER);
        for (Path made : missing) {
            sync(parent(made));
        }
    }

    private static Path parent(Path absolute) {
        return requireNonNull(absolute.getParent(), "the root has no parent");
    }

    /** Returns whether the directory exists. {@code StoreIdentity} decides whether it is the right one. */
    public boolean isThere() throws IOException {
        if (Files.isDirectory(artifacts)) {
            return true;
        }
        if (exists(artifacts)) {
            throw new NotDirectoryException(artifacts.toString());
        }
        return false;
    }

    /** A failing file system must not look like one without the directory. */
    private static boolean exists(Path file) throws IOException {
        try {
            Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** What cannot be looked at, for example for want of a right, is not known to be missing. */
    public static void requireToBeMissing(Path folder) throws IOException {
        try {
            Files.readAttributes(folder, BasicFileAttributes.class, NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            // It is.
        }
    }

    /** @throws ProblemException with {@code InsufficientStorage} if {@code bytes} more do not fit */
    public void requireRoomFor(long bytes) throws IOException {
        FileStore store = Files.getFileStore(part);
        boolean tellsSizes = store.getTotalSpace() > 0; // some network file systems do not
        long usable = store.getUsableSpace();
        if (tellsSizes && usable - RESERVE_BYTES < bytes) {
            throw new ProblemException(new Problem.InsufficientStorage(
                    "The backup directory " + artifacts + " needs " + bytes + " bytes and " + RESERVE_BYTES
                            + " in reserve, but has only " + usable + " free; free some space or delete backups."));
        }
    }

    /** A new empty file in {@code part/}. */
    public Path createPart() throws IOException {
        while (true) {
            Path file = part.resolve(owner + "-" + parts.incrementAndGet());
            try {
                FileChannel.open(file, Set.of(WRITE, CREATE_NEW), OWNER_ONLY_FILE)
                        .close();
                return file;
            } catch (FileAlreadyExistsException e) {
                // A leftover that nobody has swept; the numbers go on.
            }
        }
    }

    /** A name in {@code part/} that no file has. */
    public Path unusedPart() {
        return part.resolve(owner + "-" + parts.incrementAndGet());
    }

    /** Makes the folder's entries survive a power cut. */
    public static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, READ)) {
            channel.force(true);
        }
    }
}
