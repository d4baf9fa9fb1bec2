package dev.holdfast.sqlite.snapshot;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.snapshot.Confirmation;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.UnsharedLocks;
import dev.holdfast.sqlite.io.FileState;
import dev.holdfast.sqlite.io.ResourceStack;
import dev.holdfast.sqlite.lock.FreshStat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.Optional;

/** A file that programs without its locks may write to, compared with what it was before the first byte was read. */
final class UnsharedFile implements LockedImage {
    private final LockedImage file;
    private final Evidence before;
    private final UnsharedLocks locks;

    /** Closed after the connection to the file, because closing drops its locks. */
    private final ResourceStack opened = new ResourceStack();

    UnsharedFile(LockedImage file, Evidence before, UnsharedLocks locks) {
        this.file = file;
        this.before = before;
        this.locks = locks;
    }

    /**
     * What a writer changes: a commit or a checkpoint the main file's times and counters, a new WAL its header. A commit
     * that is appended to the WAL is not part of the image.
     */
    record Evidence(LiveFile file, FileState main, ByteBuffer header, Optional<FileState> wal, ByteBuffer walHeader) {
        private static final int MAIN_HEADER_BYTES = 100;
        private static final int WAL_HEADER_BYTES = 32;

        /** Inside the gate, before anything of this process has the file open, or with {@code opened} to close later. */
        static Evidence of(LiveFile file, ResourceStack opened) throws IOException {
            // The headers first: to open a file makes the kernel forget what it has cached of its content.
            ByteBuffer header = head(file, file.path(), MAIN_HEADER_BYTES, opened);
            ByteBuffer walHeader = head(file, file.log(), WAL_HEADER_BYTES, opened);
            return new Evidence(file, state(file.path()), header, walState(file.log()), walHeader);
        }

        private static FileState state(Path path) throws IOException {
            Optional<FileState> fresh = FreshStat.of(path);
            return fresh.isPresent() ? fresh.get() : FileState.of(path);
        }

        private static Optional<FileState> walState(Path wal) throws IOException {
            try {
                return Optional.of(state(wal)).filter(it -> it.size() > 0);
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        }

        private static ByteBuffer head(LiveFile file, Path path, int bytes, ResourceStack opened) throws IOException {
            ByteBuffer head = ByteBuffer.allocate(bytes);
            try {
                FileChannel channel = opened.add(file.open(path, StandardOpenOption.READ));
                while (head.hasRemaining() && channel.read(head, head.position()) >= 0) {
                    // more may come
                }
            } catch (NoSuchFileException e) {
                return ByteBuffer.allocate(0);
            }
            return head.flip();
        }

        boolean isSameAs(Evidence now) {
            return main.equals(now.main)
                    && header.equals(now.header)
                    && walHeader.equals(now.walHeader)
                    && wal.isPresent() == now.wal.isPresent()
                    && (wal.isEmpty()
                            || (wal.get().isSameFile(now.wal.get())
                                    && wal.get().size() <= now.wal.get().size()));
        }
    }

    @Override
    public Confirmation confirm() {
        Confirmation confirmed = file.confirm();
        if (confirmed instanceof Confirmation.Changed) {
            return confirmed;
        }
        try {
            return before.isSameAs(Evidence.of(before.file(), opened))
                    ? Confirmation.UNCHANGED
                    : new Confirmation.Changed(locks.changed());
        } catch (IOException e) {
            return new Confirmation.Changed(locks.changed());
        }
    }

    @Override
    public Optional<String> remark() {
        return file.remark();
    }

    @Override
    public void catchUp() throws IOException {
        file.catchUp();
    }

    @Override
    public boolean isBeingWritten() throws IOException {
        return file.isBeingWritten();
    }

    @Override
    public boolean ready(ProgressMonitor work) throws IOException, SQLException {
        return file.ready(work);
    }

    @Override
    public long size() {
        return file.size();
    }

    @Override
    public InputStream open() throws IOException {
        return file.open();
    }

    @Override
    public void close() throws IOException, SQLException {
        try {
            file.close();
        } finally {
            opened.close();
        }
    }
}
