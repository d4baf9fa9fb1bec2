package dev.holdfast.files.archive.zip;

import static dev.holdfast.files.archive.member.ArchiveRejectedException.damaged;
import static dev.holdfast.files.archive.member.ArchiveRejectedException.unfit;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.files.archive.member.PackedInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Where a zip's central directory is. It must reach from the last member to the end, so that there is one way only to
 * read the zip.
 */
public record ZipIndex(Artifact zip, long start, long end, long members, String comment) {

    public static ZipIndex of(Artifact zip) throws IOException {
        int tail = (int) Math.min(zip.size(), 0xffff + Zip.END_BYTES);
        long tailStart = zip.size() - tail;
        ByteBuffer bytes;
        try (PackedInput in = PackedInput.open(zip, tailStart, ProgressMonitor.UNWATCHED)) {
            bytes = in.fields(tail);
        }
        int at = tail - Zip.END_BYTES;
        while (at >= 0 && bytes.getInt(at) != Zip.END) {
            at--;
        }
        if (at < 0) {
            throw damaged("the zip has no end; it is cut short, or no zip");
        }
        int length = bytes.getShort(at + 20) & 0xffff;
        if (at + Zip.END_BYTES + length > tail) {
            throw damaged("the zip's comment is cut short");
        }
        if (at + Zip.END_BYTES + length < tail) {
            throw unfit("something follows the end of the zip");
        }
        if (bytes.getInt(at + 4) != 0 || bytes.getShort(at + 8) != bytes.getShort(at + 10)) {
            throw unfit("the zip has several parts");
        }
        String comment =
                ISO_8859_1.decode(bytes.slice(at + Zip.END_BYTES, length)).toString();
        long endAt = tailStart + at;
        long members = bytes.getShort(at + 10) & 0xffff;
        long size = bytes.getInt(at + 12) & 0xffff_ffffL;
        long start = bytes.getInt(at + 16) & 0xffff_ffffL;
        ByteBuffer large = large(zip, endAt);
        if (large != null) {
            long largeAt = endAt - Zip.LOCATOR_BYTES - Zip.LARGE_END_BYTES;
            boolean same = (members == 0xffff || members == large.getLong(32))
                    && (size == 0xffff_ffffL || size == large.getLong(40))
                    && (start == 0xffff_ffffL || start == large.getLong(48));
            if (!same || large.getLong(24) != large.getLong(32)) {
                throw unfit("the zip's two ends contradict each other");
            }
            members = large.getLong(32);
            size = large.getLong(40);
            start = large.getLong(48);
            endAt = largeAt;
        }
        if (start < 0 || size < 0 || members < 0 || start > endAt || size != endAt - start) {
            throw unfit("the zip's members and its central directory do not fill it without gaps");
        }
        if (members > size / 46) {
            throw damaged("the zip's central directory is smaller than its members need");
        }
        return new ZipIndex(zip, start, endAt, members, comment);
    }

    private static @Nullable ByteBuffer large(Artifact zip, long endAt) throws IOException {
        long locatorAt = endAt - Zip.LOCATOR_BYTES;
        long largeAt = locatorAt - Zip.LARGE_END_BYTES;
        if (largeAt < 0) {
            return null;
        }
        ByteBuffer both;
        try (PackedInput in = PackedInput.open(zip, largeAt, ProgressMonitor.UNWATCHED)) {
            both = in.fields(Zip.LARGE_END_BYTES + Zip.LOCATOR_BYTES);
        }
        if (both.getInt(Zip.LARGE_END_BYTES) != Zip.LOCATOR) {
            return null;
        }
        boolean one = both.getInt(Zip.LARGE_END_BYTES + 4) == 0
                && both.getInt(Zip.LARGE_END_BYTES + 16) <= 1
                && both.getInt(16) == 0
                && both.getInt(20) == 0;
        if (!one
                || both.getLong(Zip.LARGE_END_BYTES + 8) != largeAt
                || both.getInt(0) != Zip.LARGE_END
                || both.getLong(4) != Zip.LARGE_END_BYTES - 12) {
            throw unfit("the zip's end for large sizes is not where it has to be");
        }
        return both.slice(0, Zip.LARGE_END_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    public Records records() {
        return new Records(this, PackedInput.open(zip, start, ProgressMonitor.UNWATCHED));
    }

    /** The central directory from its beginning. */
    public static final class Records implements AutoCloseable {
        private final ZipIndex index;
        private final PackedInput in;
        private long read;

        private Records(ZipIndex index, PackedInput in) {
            this.index = index;
            this.in = in;
        }

        /** Null after the last. */
        @Nullable
        public ZipRecord next() throws IOException {
            if (read == index.members) {
                if (in.position() != index.end) {
                    throw unfit("the zip's central directory holds more than its members");
                }
                return null;
            }
            read++;
            ZipRecord record = ZipRecord.read(in);
            if (in.position() > index.end) {
                throw damaged("the zip's central directory is cut short");
            }
            return record;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
