package dev.holdfast.sqlite.restore;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.sqlite.io.Channels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/** Compares a whole file with an image. */
final class ImageComparison {
    /** A whole number of pages of every size, and the lock page begins one. */
    private static final int CHUNK = 1 << 20;

    private ImageComparison() {}

    static boolean hold(FileChannel target, RestoreImage image, ProgressMonitor work) throws IOException {
        if (target.size() != image.size()) {
            return false;
        }
        try (FileChannel wanted = FileChannel.open(image.file(), StandardOpenOption.READ)) {
            ByteBuffer there = ByteBuffer.allocate(CHUNK);
            ByteBuffer expected = ByteBuffer.allocate(CHUNK);
            for (long at = 0; at < image.size(); at += CHUNK) {
                int length = (int) Math.min(CHUNK, image.size() - at);
                Channels.read(target, there.clear().limit(length), at);
                image.read(wanted, expected.clear().limit(length), at);
                if (at == 0 && !image.isCountedBy(there)) {
                    return false;
                }
                if (!there.flip().equals(masked(expected.flip(), there, image, at))) {
                    return false;
                }
                work.advance(length);
            }
            return true;
        }
    }

    /** Levels in both what may differ. */
    private static ByteBuffer masked(ByteBuffer expected, ByteBuffer there, RestoreImage image, long position) {
        if (position == 0) {
            RestoreImage.mask(expected);
            RestoreImage.mask(there);
        }
        long lock = (image.lockPage() - 1L) * image.pageSize();
        if (position == lock) {
            int length = Math.min(image.pageSize(), expected.limit());
            expected.put(0, new byte[length]);
            there.put(0, new byte[length]);
        }
        return expected;
    }
}
