package dev.holdfast.sqlite.restore;

import dev.holdfast.sqlite.wal.WalScanner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.BitSet;

/**
 * Looks in a log for one committed transaction that made the database equal to an image. Other programs may have
 * written since, so the database itself need not be equal any more.
 */
final class CommittedImageFinder implements WalScanner.Visitor {
    private final RestoreImage image;
    private final FileChannel wanted;
    private final BitSet equal;
    private final ByteBuffer expected;
    private final ByteBuffer found;
    private boolean proven;

    /** @param wanted the image's file; its owner closes it */
    CommittedImageFinder(RestoreImage image, FileChannel wanted) {
        this.image = image;
        this.wanted = wanted;
        this.equal = new BitSet(image.pages() + 1);
        this.expected = ByteBuffer.allocate(image.pageSize());
        this.found = ByteBuffer.allocate(image.pageSize());
    }

    boolean proven() {
        return proven;
    }

    @Override
    public void restarted(int pageSize) {
        equal.clear();
    }

    @Override
    public void rolledBack() {
        equal.clear();
    }

    @Override
    public void frame(int frame, int page, ByteBuffer content) throws IOException {
        if (page > image.pages() || page == image.lockPage() || content.remaining() != image.pageSize()) {
            return;
        }
        image.read(wanted, expected.clear(), (page - 1L) * image.pageSize());
        expected.flip();
        found.clear().put(content).flip();
        boolean counted = page != 1 || image.isCountedBy(found);
        if (page == 1) {
            RestoreImage.mask(expected);
            RestoreImage.mask(found);
        }
        equal.set(page, counted && found.equals(expected));
    }

    @Override
    public void committed(int pages) {
        proven |= pages == image.pages() && equal.cardinality() == image.dataPages();
        equal.clear();
    }
}
