package dev.holdfast.files.archive.zip;

import static dev.holdfast.files.archive.member.ArchiveRejectedException.damaged;
import static dev.holdfast.files.archive.member.ArchiveRejectedException.unfit;
import static java.util.Objects.requireNonNull;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.files.archive.member.Member;
import dev.holdfast.files.archive.member.MemberNames;
import dev.holdfast.files.archive.member.Members;
import dev.holdfast.files.archive.member.PackedInput;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** A zip from its first byte to its central directory, which has to describe what lies there without gaps. */
public final class ZipMembers implements Members {
    private final ZipIndex index;
    private final ZipIndex.Records records;
    private final PackedInput in;
    private final Inflater inflater = new Inflater(true);
    private @Nullable ZipRecord ahead;
    private @Nullable Content content;

    public ZipMembers(ZipIndex index, ProgressMonitor work) throws IOException {
        this.index = index;
        records = index.records();
        in = PackedInput.open(index.zip(), 0, work);
        ahead = records.next();
    }

    @Override
    public @Nullable Member next() throws IOException {
        Content before = content;
        if (before != null) {
            before.transferTo(OutputStream.nullOutputStream());
            descriptor(before.record, ahead == null ? index.start() : ahead.offset());
        }
        ZipRecord record = ahead;
        if (in.position() != (record == null ? index.start() : record.offset())) {
            throw unfit("the zip's members overlap, are out of order, or have something between them");
        }
        if (record == null) {
            in.reportRest(index.zip().size());
            return null;
        }
        ahead = records.next();
        local(record, in);
        content = new Content(record, in, inflater);
        return record.member();
    }

    @Override
    public InputStream content() {
        return requireNonNull(content, "no member was asked for");
    }

    /** One member's bytes, out of turn. */
    public static byte[] read(ZipIndex index, ZipRecord record, int most) throws IOException {
        if (record.member().size() > most) {
            throw unfit("the member " + MemberNames.shown(record.member().name()) + " is too large");
        }
        if (record.offset() >= index.start()) {
            throw unfit("a member is said to lie behind all members");
        }
        Inflater inflater = new Inflater(true);
        try (PackedInput in = PackedInput.open(index.zip(), record.offset(), ProgressMonitor.UNWATCHED)) {
            local(record, in);
            return new Content(record, in, inflater).readAllBytes();
        } finally {
            inflater.end();
        }
    }

    private static void local(ZipRecord record, PackedInput in) throws IOException {
        ByteBuffer header = in.fields(30);
        String name = MemberNames.shown(record.member().name());
        if (header.getInt(0) != Zip.LOCAL) {
            throw unfit("where the member " + name + " should be is something else");
        }
        byte[] rawName = in.exactly(header.getShort(26) & 0xffff);
        ByteBuffer extra = in.fields(header.getShort(28) & 0xffff);
        ZipRecord.Sizes sizes = ZipRecord.Sizes.of(header.getInt(22), header.getInt(18), 0, extra);
        boolean follow = (record.flags() & Zip.SIZES_FOLLOW) != 0;
        int crc = header.getInt(14);
        boolean same = Arrays.equals(rawName, record.rawName())
                && (header.getShort(6) & 0xffff) == record.flags()
                && (header.getShort(8) & 0xffff) == record.method()
                && same(sizes.size(), record.member().size(), follow)
                && same(sizes.packed(), record.packed(), follow)
                && same(crc, record.crc(), follow);
        if (!same) {
            throw unfit("the zip describes its member " + name + " in two ways");
        }
    }

    private static boolean same(long local, long central, boolean follow) {
        return local == central || (follow && local == 0);
    }

    private void descriptor(ZipRecord record, long nextAt) throws IOException {
        if ((record.flags() & Zip.SIZES_FOLLOW) == 0) {
            return;
        }
        long length = nextAt - in.position();
        if (length != 12 && length != 16 && length != 20 && length != 24) {
            throw unfit("the zip's members overlap, are out of order, or have something between them");
        }
        ByteBuffer fields = in.fields((int) length);
        boolean marked = length == 16 || length == 24;
        boolean large = length >= 20;
        boolean same = (!marked || fields.getInt() == Zip.DESCRIPTOR)
                && fields.getInt() == record.crc()
                && (large ? fields.getLong() : fields.getInt() & 0xffff_ffffL) == record.packed()
                && (large ? fields.getLong() : fields.getInt() & 0xffff_ffffL)
                        == record.member().size();
        if (!same) {
            throw unfit("the zip describes its member "
                    + MemberNames.shown(record.member().name()) + " in two ways");
        }
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        try (records) {
            in.close();
        }
    }

    private static final class Content extends InputStream {
        private final ZipRecord record;
        private final PackedInput in;
        private final Inflater inflater;
        private final CRC32 crc = new CRC32();
        private final byte[] packed = new byte[1 << 14];
        private long packedLeft;
        private long given;
        private boolean ended;

        Content(ZipRecord record, PackedInput in, Inflater inflater) {
            this.record = record;
            this.in = in;
            this.inflater = inflater;
            packedLeft = record.packed();
            inflater.reset();
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
            int count = record.method() == Zip.STORED ? stored(bytes, offset, length) : inflated(bytes, offset, length);
            if (count < 0) {
                end();
                return -1;
            }
            given += count;
            crc.update(bytes, offset, count);
            if (given > record.member().size()) {
                throw damaged(shown() + " is longer than it says");
            }
            return count;
        }

        private int stored(byte[] bytes, int offset, int length) throws IOException {
            if (packedLeft == 0) {
                return -1;
            }
            int count = in.read(bytes, offset, (int) Math.min(length, packedLeft));
            if (count < 0) {
                throw damaged("the archive is cut short");
            }
            packedLeft -= count;
            return count;
        }

        private int inflated(byte[] bytes, int offset, int length) throws IOException {
            try {
                while (true) {
                    int count = inflater.inflate(bytes, offset, length);
                    if (count > 0) {
                        return count;
                    }
                    if (inflater.finished()) {
                        return -1;
                    }
                    if (inflater.needsDictionary() || packedLeft == 0) {
                        throw damaged(shown() + " ends too early");
                    }
                    byte[] more = packed;
                    int got = in.read(more, 0, (int) Math.min(more.length, packedLeft));
                    if (got < 0) {
                        throw damaged("the archive is cut short");
                    }
                    packedLeft -= got;
                    inflater.setInput(more, 0, got);
                }
            } catch (DataFormatException e) {
                throw damaged(shown() + " cannot be unpacked: " + e.getMessage());
            }
        }

        private void end() throws IOException {
            boolean left = packedLeft > 0 || (record.method() == Zip.DEFLATED && inflater.getRemaining() > 0);
            if (left || given != record.member().size()) {
                throw damaged(shown() + " has not the size that it says");
            }
            if ((int) crc.getValue() != record.crc()) {
                throw damaged(shown() + " has not the checksum that it says");
            }
            ended = true;
        }

        private String shown() {
            return "the member " + MemberNames.shown(record.member().name());
        }
    }
}
