package dev.holdfast.store.metadata;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.holdfast.store.folder.Folders;
import dev.holdfast.store.folder.OwnFiles;
import dev.holdfast.store.metadata.StoreDocument.UnreadableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The files in which a directory says which store it is. Each is replaced as a whole or not at all. */
public final class IdentityFiles {
    /** The JSON of a store that serves thousands of databases. */
    private static final int MAX_BYTES = 1 << 20;

    private final Folders folders;
    private final Path document;
    private final String owner;

    public IdentityFiles(Folders folders) {
        this.folders = folders;
        document = folders.own().resolve("store.json");
        owner = folders.owner() + "-";
    }

    /** Empty if the directory or the file is missing. */
    public Optional<StoreDocument> document() throws IOException, UnreadableException {
        Optional<byte[]> text = read(document);
        return text.isEmpty() ? Optional.empty() : Optional.of(StoreDocument.read(text.get()));
    }

    /**
     * The values of this server's marks. It writes one; a copy over an older copy leaves several. The name of a file has
     * the value, so that a change needs a single sync.
     */
    public Set<String> marks() throws IOException {
        Set<String> values = new TreeSet<>();
        for (Path file : markFiles()) {
            values.add(file.getFileName().toString().substring(owner.length()));
        }
        return values;
    }

    private List<Path> markFiles() throws IOException {
        return folders.ownFilesIn(folders.marks()).stream()
                .filter(it -> it.getFileName().toString().startsWith(owner))
                .toList();
    }

    /** Nothing behind a symbolic link is this store's. Opening a pipe would block. */
    private Optional<byte[]> read(Path file) throws IOException, UnreadableException {
        for (Path folder = file.getParent(); folder != null && !folder.equals(folders.artifacts()); ) {
            if (!Files.isDirectory(folder, NOFOLLOW_LINKS)) {
                Folders.requireToBeMissing(folder);
                return Optional.empty();
            }
            folder = folder.getParent();
        }
        try {
            if (!Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS)
                    .isRegularFile()) {
                throw new UnreadableException(file + " is not a regular file");
            }
            return Optional.of(OwnFiles.read(file, MAX_BYTES));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (OwnFiles.TooLargeException e) {
            throw new UnreadableException(file + " has more than " + MAX_BYTES + " bytes");
        }
    }

    /**
     * Writes the document, durably, if there is none.
     *
     * @return whether there was none
     */
    public boolean create(StoreDocument content) throws IOException {
        Path part = write(content.write());
        try {
            Files.createLink(document, part);
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (UnsupportedOperationException | FileSystemException e) {
            // A file system without hard links has to do without the exclusion.
            if (Files.exists(document, NOFOLLOW_LINKS)) {
                return false;
            }
            Files.move(part, document, ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
        Folders.sync(folders.own());
        return true;
    }

    /** Writes the document, durably, over the one that is there. */
    public void replace(StoreDocument content) throws IOException {
        replace(document, content.write());
    }

    /** Moves a document that cannot be read out of the way; it is kept. */
    public void setAside() throws IOException {
        Path aside = document.resolveSibling("store.json.unreadable");
        for (int i = 1; Files.exists(aside, NOFOLLOW_LINKS); i++) {
            aside = document.resolveSibling("store.json.unreadable-" + i);
        }
        Files.move(document, aside);
    }

    /** Replaces this server's marks. Durable when this returns. */
    public void writeMark(String value) throws IOException {
        Path mark = folders.marks().resolve(owner + value);
        List<Path> before = markFiles();
        if (before.isEmpty()) {
            Files.createFile(mark);
        } else {
            Files.move(before.getFirst(), mark, ATOMIC_MOVE);
            for (Path other : before.subList(1, before.size())) {
                Files.deleteIfExists(other);
            }
        }
        Folders.sync(folders.marks());
    }

    /** Writes a file of Holdfast's own folder, durably, in place of the one that is there. */
    public void replace(Path file, byte[] content) throws IOException {
        Path part = write(content);
        try {
            Files.move(part, file, ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
        Folders.sync(file.resolveSibling(""));
    }

    private Path write(byte[] content) throws IOException {
        Path part = folders.createPart();
        try (FileChannel channel = FileChannel.open(part, WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
            return part;
        } catch (IOException e) {
            Files.deleteIfExists(part);
            throw e;
        }
    }
}
