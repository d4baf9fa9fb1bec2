package dev.holdfast.sqlite.wal;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.io.Channels;
import dev.holdfast.sqlite.io.LockPage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * The pages of a main file under the committed pages of its WAL.
 *
 * @param file for messages
 * @param wal indexed
 */
public record OverlaidPages(Path file, FileChannel main, CommittedWalPages wal, int pageSize) {
    /** The page that SQLite locks and never writes. */
    public long lockPage() {
        return LockPage.number(pageSize);
    }

    /**
     * Fills {@code into} from {@code position}, both on the boundary of a page.
     *
     * @throws ProblemException with {@code SourceCorrupt} if a page is in neither file
     */
    public void read(ByteBuffer into, long position) throws IOException {
        if (wal.pages() == 0) {
            Channels.readPages(main, into, position, pageSize);
        } else {
            Channels.read(main, into, position);
        }
        // Pages behind the main file's end are in the WAL, except the lock page.
        long end = position + into.limit();
        for (long at = position + into.position(); at < end; at += pageSize - at % pageSize) {
            long page = at / pageSize + 1;
            if (page != lockPage() && !wal.has(page)) {
                throw new ProblemException(
                        new Problem.SourceCorrupt(file + " ends before page " + page + ", and its log lacks it"));
            }
        }
        while (into.hasRemaining()) {
            into.put((byte) 0);
        }
        wal.patch(into, position);
    }
}
