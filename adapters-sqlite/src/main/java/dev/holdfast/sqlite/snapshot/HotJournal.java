package dev.holdfast.sqlite.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.Scratch;
import dev.holdfast.sqlite.file.SharedLock;
import dev.holdfast.sqlite.io.Channels;
import dev.holdfast.sqlite.io.JournalFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A rollback journal that the next connection plays back, because its writer is gone: the main file may be half-written.
 * See {@code docs/internals/journals.md}.
 */
public final class HotJournal {
    /** SQLite's limit of a path. A longer name is none. */
    private static final int MAX_NAME_BYTES = 512;

    private HotJournal() {}

    /** @param lock keeps each program from playing the journal back meanwhile */
    static boolean isThere(LiveFile file, SharedLock lock) throws IOException {
        if (lock.channel().size() <= LiveFile.MAX_EMPTY_BYTES) {
            return false; // of another file, or of the transaction that was the first one
        }
        try (FileChannel journal = file.open(file.journal(), StandardOpenOption.READ)) {
            ByteBuffer first = ByteBuffer.allocate(1);
            Channels.read(journal, first, 0);
            if (first.position() == 0 || first.get(0) == 0 || lock.writerAtWork()) {
                return false;
            }
            Optional<byte[]> superJournal = superJournal(journal);
            return superJournal.isEmpty() || exists(file, superJournal.get());
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** @throws ProblemException if the journal is hot and names a super-journal that the server cannot read */
    public static void requireReadableSuperJournal(LiveFile file, SharedLock lock) throws IOException {
        boolean _ = isThere(file, lock);
    }

    /** The name of the super-journal, which a transaction over several files has. */
    private static Optional<byte[]> superJournal(FileChannel journal) throws IOException {
        long size = journal.size();
        if (size < JournalFormat.TRAILER) {
            return Optional.empty();
        }
        ByteBuffer trailer = ByteBuffer.allocate(JournalFormat.TRAILER);
        Channels.read(journal, trailer, size - JournalFormat.TRAILER);
        int length = trailer.getInt(JournalFormat.NAME_LENGTH);
        if (length <= 0
                || length > MAX_NAME_BYTES
                || length > size - JournalFormat.TRAILER
                || trailer.getLong(JournalFormat.TRAILER_MAGIC) != JournalFormat.MAGIC) {
            return Optional.empty();
        }
        byte[] name = new byte[length];
        Channels.read(journal, ByteBuffer.wrap(name), size - JournalFormat.TRAILER - length);
        return name[0] != 0 && isSum(trailer.getInt(JournalFormat.NAME_SUM), name)
                ? Optional.of(name)
                : Optional.empty();
    }

    /** SQLite adds the bytes up as C's {@code char}, which has a sign on some processors and none on others. */
    private static boolean isSum(int expected, byte[] name) {
        int signed = 0;
        int unsigned = 0;
        for (byte b : name) {
            signed += b;
            unsigned += b & 0xff;
        }
        return expected == signed || expected == unsigned;
    }

    /** Without it the transaction is committed, and the journal means nothing any more. */
    private static boolean exists(LiveFile file, byte[] name) throws IOException {
        int length = 0;
        while (length < name.length && name[length] != 0) {
            length++;
        }
        String text = new String(name, 0, length, UTF_8);
        try {
            Path path = Path.of(text);
            var attributes = Files.readAttributes(path, "unix:size,isRegularFile");
            if (Boolean.FALSE.equals(attributes.get("isRegularFile"))) {
                throw new ProblemException(unreadable(file, text, "cannot be read as a file"));
            }
            path.getFileSystem().provider().checkAccess(path, AccessMode.READ);
            return !Long.valueOf(0).equals(attributes.get("size"));
        } catch (NoSuchFileException e) {
            return false;
        } catch (AccessDeniedException e) {
            throw new ProblemException(unreadable(file, text, "cannot be read: permission denied"), e);
        } catch (IOException | InvalidPathException e) {
            throw new ProblemException(unreadable(file, text, "cannot be looked up (" + e.getMessage() + ")"), e);
        }
    }

    private static Problem unreadable(LiveFile file, String name, String why) {
        return new Problem.SourceNotAccessible(file.journal() + " belongs to a transaction over several files whose"
                + " super-journal " + name + " " + why + ", so it is unknown whether the transaction is committed."
                + " Nothing was changed. Let the server's user read the super-journal and try again.");
    }

    /**
     * Copies the journal without its reference to a super-journal: playing it back, SQLite would look at the other
     * files of the transaction and delete the super-journal.
     */
    static void copy(LiveFile file, Path to, ProgressMonitor work) throws IOException {
        try (FileChannel from = file.open(file.journal(), StandardOpenOption.READ)) {
            Scratch.copy(from, from.size(), to, work);
        }
        // Of the copy: whatever happens to the journal, no super-journal is named in what is played back.
        try (FileChannel copy = FileChannel.open(to, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (superJournal(copy).isPresent()) {
                Channels.write(copy, ByteBuffer.allocate(Long.BYTES), copy.size() - Long.BYTES);
            }
        }
    }
}
