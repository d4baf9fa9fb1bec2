package dev.holdfast.files.archive.zip;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.holdfast.files.archive.member.Attributes;
import dev.holdfast.files.archive.member.MemberOutput;
import dev.holdfast.files.archive.member.Owner;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/** A zip to a stream that nobody can go back in. The central directory grows in a scratch file. */
public final class ZipOutput implements MemberOutput, AutoCloseable {
    /** From here on deflate could make four bytes too few for a length. */
    private static final long LARGE = 0xFF00_0000L;

    private final OutputStream out;
    private final Path centralFile;
    private final OutputStream central;
    private final Deflater deflater;
    private final byte[] deflated = new byte[64 * 1024];
    private final CRC32 crc = new CRC32();
    private long at;
    private long centralBytes;
    private long members;
    private @Nullable Open open;

    private record Open(String name, Attributes attributes, long offset, long dataOffset, boolean large) {}

    /** @param central does not exist yet */
    public ZipOutput(OutputStream out, int level, Path central) throws IOException {
        this.out = out;
        centralFile = central;
        this.central = new BufferedOutputStream(Files.newOutputStream(central, StandardOpenOption.CREATE_NEW), 1 << 16);
        deflater = new Deflater(level, true);
    }

    @Override
    public boolean keepsToSizes() {
        return false;
    }

    @Override
    public void begin(String name, long size, Attributes attributes) throws IOException {
        boolean large = size >= LARGE;
        long offset = at;
        ByteBuffer header = local(name, attributes, Zip.DEFLATED, Zip.SIZES_FOLLOW | Zip.UTF_8_NAME, large);
        put(header);
        open = new Open(name, attributes, offset, at, large);
        crc.reset();
        deflater.reset();
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        crc.update(bytes, offset, length);
        deflater.setInput(bytes, offset, length);
        while (!deflater.needsInput()) {
            put(deflated, deflater.deflate(deflated));
        }
    }

    @Override
    public void end() throws IOException {
        Open it = requireNonNull(open, "no file was begun");
        deflater.finish();
        while (!deflater.finished()) {
            put(deflated, deflater.deflate(deflated));
        }
        long packed = at - it.dataOffset();
        long size = deflater.getBytesRead();
        ByteBuffer descriptor = buffer(24).putInt(Zip.DESCRIPTOR).putInt((int) crc.getValue());
        if (it.large()) {
            descriptor.putLong(packed).putLong(size);
        } else {
            descriptor.putInt((int) packed).putInt((int) size);
        }
        put(descriptor);
        record(it, Zip.DEFLATED, Zip.SIZES_FOLLOW | Zip.UTF_8_NAME, packed, size, (int) crc.getValue(), false);
        open = null;
    }

    @Override
    public void directory(String name, Attributes attributes) throws IOException {
        long offset = at;
        put(local(name + "/", attributes, Zip.STORED, Zip.UTF_8_NAME, false));
        record(new Open(name + "/", attributes, offset, at, false), Zip.STORED, Zip.UTF_8_NAME, 0, 0, 0, true);
    }

    /** Writes the rest; does not close the stream. */
    public void finish(String comment) throws IOException {
        central.close();
        long start = at;
        try (var in = Files.newInputStream(centralFile)) {
            byte[] chunk = new byte[1 << 16];
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                put(chunk, count);
            }
        }
        if (members >= 0xFFFF || start >= 0xFFFF_FFFFL || centralBytes >= 0xFFFF_FFFFL) {
            put(large(start, at));
        }
        byte[] text = comment.getBytes(UTF_8);
        short count = (short) Math.min(members, 0xFFFF);
        put(buffer(22 + text.length)
                .putInt(Zip.END)
                .putInt(0)
                .putShort(count)
                .putShort(count)
                .putInt((int) Math.min(centralBytes, 0xFFFF_FFFFL))
                .putInt((int) Math.min(start, 0xFFFF_FFFFL))
                .putShort((short) text.length)
                .put(text));
        out.flush();
    }

    private ByteBuffer large(long start, long end) {
        return buffer(Zip.LARGE_END_BYTES + Zip.LOCATOR_BYTES)
                .putInt(Zip.LARGE_END)
                .putLong(Zip.LARGE_END_BYTES - 12)
                .putShort(Zip.MADE_BY_UNIX)
                .putShort((short) 45)
                .putInt(0)
                .putInt(0)
                .putLong(members)
                .putLong(members)
                .putLong(centralBytes)
                .putLong(start)
                .putInt(Zip.LOCATOR)
                .putInt(0)
                .putLong(end)
                .putInt(1);
    }

    private static ByteBuffer local(String name, Attributes attributes, int method, int flags, boolean large) {
        byte[] text = name.getBytes(UTF_8);
        ByteBuffer extras = extras(attributes);
        int extra = extras.remaining() + (large ? 20 : 0);
        ByteBuffer header = buffer(30 + text.length + extra).putInt(Zip.LOCAL);
        putCommon(header, attributes, method, flags, large, 0);
        header.putInt(large ? -1 : 0)
                .putInt(large ? -1 : 0)
                .putShort((short) text.length)
                .putShort((short) extra);
        header.put(text).put(extras);
        if (large) {
            header.putShort((short) Zip.LARGE_EXTRA)
                    .putShort((short) 16)
                    .putLong(0)
                    .putLong(0);
        }
        return header;
    }

    private void record(Open it, int method, int flags, long packed, long size, int crc, boolean directory)
            throws IOException {
        byte[] text = it.name().getBytes(UTF_8);
        ByteBuffer extras = extras(it.attributes());
        boolean largeSizes = it.large();
        boolean far = it.offset() >= 0xFFFF_FFFFL;
        int more = (largeSizes ? 16 : 0) + (far ? 8 : 0);
        int extra = extras.remaining() + (more > 0 ? 4 + more : 0);
        ByteBuffer header = buffer(46 + text.length + extra).putInt(Zip.CENTRAL).putShort(Zip.MADE_BY_UNIX);
        putCommon(header, it.attributes(), method, flags, more > 0, crc);
        int type = directory ? Zip.UNIX_DIRECTORY : Zip.UNIX_FILE;
        header.putInt(largeSizes ? -1 : (int) packed)
                .putInt(largeSizes ? -1 : (int) size)
                .putShort((short) text.length)
                .putShort((short) extra)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort((short) 0)
                .putInt((type | it.attributes().mode()) << 16 | (directory ? 0x10 : 0))
                .putInt(far ? -1 : (int) it.offset())
                .put(text)
                .put(extras);
        if (more > 0) {
            header.putShort((short) Zip.LARGE_EXTRA).putShort((short) more);
            if (largeSizes) {
                header.putLong(size).putLong(packed);
            }
            if (far) {
                header.putLong(it.offset());
            }
        }
        central.write(bytes(header));
        centralBytes += header.position();
        members++;
    }

    private static void putCommon(
            ByteBuffer header, Attributes attributes, int method, int flags, boolean large, int crc) {
        header.putShort((short) (large ? 45 : 20)).putShort((short) flags).putShort((short) method);
        header.putInt(dosTime(attributes.modified())).putInt(crc);
    }

    /** Seconds for the tools of Unix, if four bytes hold them, and hundreds of nanoseconds as NTFS has them; the owner. */
    private static ByteBuffer extras(Attributes attributes) {
        FileTime modified = attributes.modified();
        ByteBuffer extras = buffer(9 + 36 + 15);
        long seconds = modified.toInstant().getEpochSecond();
        if (seconds == (int) seconds) {
            extras.putShort((short) Zip.UNIX_TIMES)
                    .putShort((short) 5)
                    .put((byte) 1)
                    .putInt((int) seconds);
        }
        long ticks = Zip.ticks(modified);
        extras.putShort((short) Zip.NTFS_TIMES)
                .putShort((short) 32)
                .putInt(0)
                .putShort((short) 1)
                .putShort((short) 24)
                .putLong(ticks)
                .putLong(ticks)
                .putLong(ticks);
        Owner owner = attributes.owner();
        if (owner != null) {
            extras.putShort((short) Zip.UNIX_OWNER)
                    .putShort((short) 11)
                    .put((byte) 1)
                    .put((byte) 4)
                    .putInt(owner.uid())
                    .put((byte) 4)
                    .putInt(owner.gid());
        }
        return extras.flip();
    }

    private static int dosTime(FileTime modified) {
        LocalDateTime time = LocalDateTime.ofInstant(modified.toInstant(), ZoneOffset.UTC);
        if (time.getYear() < 1980) {
            return (1 << 21) | (1 << 16);
        }
        if (time.getYear() > 2107) {
            time = LocalDateTime.of(2107, 12, 31, 23, 59, 58);
        }
        return ((time.getYear() - 1980) << 25)
                | (time.getMonthValue() << 21)
                | (time.getDayOfMonth() << 16)
                | (time.getHour() << 11)
                | (time.getMinute() << 5)
                | (time.getSecond() / 2);
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void put(ByteBuffer filled) throws IOException {
        byte[] bytes = bytes(filled);
        put(bytes, bytes.length);
    }

    private static byte[] bytes(ByteBuffer filled) {
        byte[] bytes = new byte[filled.position()];
        filled.get(0, bytes);
        return bytes;
    }

    private void put(byte[] bytes, int length) throws IOException {
        out.write(bytes, 0, length);
        at += length;
    }

    @Override
    public void close() throws IOException {
        deflater.end();
        central.close();
    }
}
