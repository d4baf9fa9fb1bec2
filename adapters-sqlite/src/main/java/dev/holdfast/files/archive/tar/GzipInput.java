package dev.holdfast.files.archive.tar;

import static dev.holdfast.files.archive.member.ArchiveRejectedException.damaged;
import static dev.holdfast.files.archive.member.ArchiveRejectedException.unfit;

import dev.holdfast.files.archive.member.PackedInput;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Exactly one gzip member: what follows it is refused, where Java's own would read on or pass over it. */
public final class GzipInput extends InputStream {
    private static final int RESERVED = 0xE0;
    private static final int HEADER_CHECKSUM = 1 << 1;
    private static final int EXTRA = 1 << 2;
    private static final int NAME = 1 << 3;
    private static final int COMMENT = 1 << 4;
    private static final int LONGEST_TEXT = 1 << 16;

    private final PackedInput in;
    private final long size;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] packed = new byte[1 << 14];
    private boolean ended;

    /** @param size of all that is in {@code in} */
    public GzipInput(PackedInput in, long size) throws IOException {
        this.in = in;
        this.size = size;
        var header = in.fields(10);
        if ((header.getShort(0) & 0xffff) != 0x8b1f || header.get(2) != 8) {
            throw unfit("it is no gzip");
        }
        int flags = header.get(3);
        if ((flags & RESERVED) != 0) {
            throw unfit("the gzip has a header that is not known");
        }
        if ((flags & EXTRA) != 0) {
            in.exactly(in.fields(2).getShort() & 0xffff);
        }
        skipText((flags & NAME) != 0);
        skipText((flags & COMMENT) != 0);
        if ((flags & HEADER_CHECKSUM) != 0) {
            in.exactly(2);
        }
    }

    private void skipText(boolean there) throws IOException {
        for (int length = 0; there && in.exactly(1)[0] != 0; length++) {
            if (length == LONGEST_TEXT) {
                throw unfit("the gzip has a header that is too long");
            }
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (ended || length == 0) {
            return ended ? -1 : 0;
        }
        try {
            while (true) {
                int count = inflater.inflate(bytes, offset, length);
                if (count > 0) {
                    crc.update(bytes, offset, count);
                    return count;
                }
                if (inflater.finished()) {
                    end();
                    return -1;
                }
                if (inflater.needsDictionary()) {
                    throw damaged("the gzip cannot be unpacked");
                }
                // The eight bytes of the trailer stay behind, so that they need not be pushed back.
                long most = Math.min(packed.length, size - 8 - in.position());
                int got = most <= 0 ? -1 : in.read(packed, 0, (int) most);
                if (got < 0) {
                    throw damaged("the gzip is cut short");
                }
                inflater.setInput(packed, 0, got);
            }
        } catch (DataFormatException e) {
            throw damaged("the gzip cannot be unpacked: " + e.getMessage());
        }
    }

    private void end() throws IOException {
        if (inflater.getRemaining() > 0 || in.position() != size - 8) {
            throw unfit("something follows the end of the gzip");
        }
        var trailer = in.fields(8);
        if (trailer.getInt() != (int) crc.getValue() || trailer.getInt() != (int) inflater.getBytesWritten()) {
            throw damaged("the gzip has not the checksum or the size that it says");
        }
        ended = true;
        in.reportRest(size);
    }

    public long unpacked() {
        return inflater.getBytesWritten();
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        in.close();
    }
}
