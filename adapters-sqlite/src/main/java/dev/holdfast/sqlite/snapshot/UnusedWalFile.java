package dev.holdfast.sqlite.snapshot;

import static java.util.Objects.requireNonNull;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.snapshot.Confirmation;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.SharedLock;
import dev.holdfast.sqlite.file.UnlockedWriters;
import dev.holdfast.sqlite.io.Channels;
import dev.holdfast.sqlite.io.DatabaseHeader;
import dev.holdfast.sqlite.io.PageStream;
import dev.holdfast.sqlite.io.ResourceStack;
import dev.holdfast.sqlite.wal.CommittedWalPages;
import dev.holdfast.sqlite.wal.OverlaidPages;
import dev.holdfast.sqlite.wal.WalIndexHeader;
import dev.holdfast.sqlite.wal.WalScanner;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file in WAL mode that no other process uses. The image is what the first connection would recover: the main file
 * under the valid prefix of the WAL. The content of the wal-index is ignored, nothing is copied to scratch, and SQLite
 * does not open the file.
 *
 * <p>The SHARED lock alone does not keep writers out in WAL mode, so the image is valid only if it is confirmed after
 * the last byte was read. Programs may come meanwhile as long as they only write behind what is read. See {@code
 * docs/internals/wal.md#a-wal-that-no-process-uses}.
 */
final class UnusedWalFile implements LockedImage {
    private final LiveFile file;
    private final FileChannel main;
    private final FoundFiles found;
    private final ResourceStack opened = new ResourceStack();
    private @Nullable Content content;

    /**
     * @param lock closed by this pin
     * @param found before anything of the file was read
     */
    UnusedWalFile(LiveFile file, SharedLock lock, FoundFiles found) {
        this.file = file;
        this.main = lock.channel();
        this.found = found;
        opened.add(lock);
    }

    @Override
    public void catchUp() {
        // The image is of the moment at which no process had the file open.
    }

    @Override
    public boolean isBeingWritten() {
        return false;
    }

    @Override
    public boolean ready(ProgressMonitor work) throws IOException {
        try {
            // From then on a write to the main file is certain to change its times.
            boolean settled = UnlockedWriters.watch(file, work).isPresent();
            content = content();
            return settled && isUnchanged();
        } catch (IOException | ProblemException e) {
            // A fault in what was read says nothing about a file that changed meanwhile.
            if (isUnchanged()) {
                throw e;
            }
            return false;
        }
    }

    private Content content() throws IOException {
        if (file.hasWal()) {
            FileChannel wal = opened.add(file.open(file.log(), StandardOpenOption.READ));
            CommittedWalPages pages = CommittedWalPages.within(wal);
            WalScanner scan = WalScanner.recovering(wal);
            scan.follow(pages);
            requireKnownVersion(scan);
            pages.index();
            if (pages.pages() > 0) {
                OverlaidPages overlaid = new OverlaidPages(file.path(), main, pages, pages.pageSize());
                requireDatabase(overlaid);
                return new Content(overlaid::read, (long) pages.pages() * pages.pageSize(), Optional.of(scan));
            }
        }
        DatabaseHeader head = DatabaseHeader.of(main);
        long size = file.requireImageSize(head, main.size());
        return head instanceof DatabaseHeader.Sqlite known
                ? new Content(
                        (into, position) -> Channels.readPages(main, into, position, known.pageSize()),
                        size,
                        Optional.empty())
                : new Content((into, position) -> {}, size, Optional.empty());
    }

    private void requireKnownVersion(WalScanner scan) {
        if (scan.isOfUnknownVersion()) {
            throw new ProblemException(Problem.SourceCorrupt.because(
                    file.log() + " is of a version of the WAL format that SQLite does not know. The backup was refused"
                            + " and all files are unchanged. Back up with the program that wrote the WAL."));
        }
    }

    private void requireDatabase(OverlaidPages overlaid) throws IOException {
        ByteBuffer first = ByteBuffer.allocate(overlaid.pageSize());
        overlaid.read(first, 0);
        switch (DatabaseHeader.of(first.flip())) {
            case DatabaseHeader.Sqlite known when known.pageSize() == overlaid.pageSize() -> {}
            case DatabaseHeader.Sqlite known ->
                throw new ProblemException(Problem.SourceCorrupt.because(file.log() + " has pages of "
                        + overlaid.pageSize() + " bytes and " + file.path() + " has pages of " + known.pageSize()
                        + ": the WAL belongs to another database. The backup was refused and all files are unchanged."
                        + " Put the right WAL next to the database, or move the wrong one away."));
            case DatabaseHeader.Empty _, DatabaseHeader.Foreign _ ->
                throw new ProblemException(new Problem.NotADatabase(
                        file.path() + " is not a SQLite database, even with what its WAL holds."));
        }
    }

    private boolean isUnchanged() throws IOException {
        return found.areUnchanged() && !WalIndexHeader.isUsedByOthers(file);
    }

    @Override
    public Confirmation confirm() {
        try {
            return isContentUnchanged() ? Confirmation.UNCHANGED : new Confirmation.Changed(changedMeanwhile());
        } catch (IOException e) {
            return new Confirmation.Changed(changedMeanwhile());
        }
    }

    /**
     * Whether what was read is still what it was when no process had the file open. A commit goes behind the WAL's prefix.
     * Only a checkpoint writes to the main file, and the prefix is written over only after the header is.
     */
    private boolean isContentUnchanged() throws IOException {
        if (content == null) {
            return isUnchanged(); // it was not ready
        }
        Optional<WalScanner> prefix = content.prefix();
        return found.isMainFileUnchanged(prefix.isPresent())
                && (prefix.isEmpty() || prefix.get().isCurrent());
    }

    private Problem changedMeanwhile() {
        return new Problem.SourceBusy(file.path() + " was changed by another program while it was copied. The copy may"
                + " mix two states and was discarded. Nothing was changed, and no backup was listed. Try again.");
    }

    @Override
    public long size() {
        return requireNonNull(content).size();
    }

    @Override
    public InputStream open() {
        Content whole = requireNonNull(content);
        return new PageStream(whole.pages(), whole.size());
    }

    @Override
    public void close() throws IOException {
        opened.close();
    }

    /**
     * The pages of the image and its size in bytes.
     *
     * @param prefix what was read of the WAL, if a page of the image is in it
     */
    private record Content(PageStream.Pages pages, long size, Optional<WalScanner> prefix) {}
}
