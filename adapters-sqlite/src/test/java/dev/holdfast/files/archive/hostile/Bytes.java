package dev.holdfast.files.archive.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Bytes that can be longer than the heap. */
interface Bytes {
    long size();

    void writeTo(OutputStream out) throws IOException;

    static Bytes of(byte[] bytes) {
        return repeated(bytes, 1);
    }

    static Bytes repeated(byte[] bytes, long times) {
        return new Bytes() {
            @Override
            public long size() {
                return bytes.length * times;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                for (long i = 0; i < times; i++) {
                    out.write(bytes);
                }
            }
        };
    }

    static Bytes joined(Bytes... parts) {
        return new Bytes() {
            @Override
            public long size() {
                return Arrays.stream(parts).mapToLong(Bytes::size).sum();
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                for (Bytes part : parts) {
                    part.writeTo(out);
                }
            }
        };
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }

    static byte[] random(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static ByteBuffer littleEndian(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    static byte[] filled(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.capacity()];
        buffer.get(0, bytes);
        return bytes;
    }

    static long crc32(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return crc.getValue();
    }

    /** As a raw stream, without a head of its own. */
    static byte[] deflated(byte[] bytes) {
        try (Deflater deflater = new Deflater(Deflater.BEST_SPEED, true)) {
            deflater.setInput(bytes);
            deflater.finish();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] buffer = new byte[8192];
            while (!deflater.finished()) {
                out.write(buffer, 0, deflater.deflate(buffer));
            }
            return out.toByteArray();
        }
    }

    /** A deflate stream of zeros, a thousandth of them long; made by repeating one block that needs nothing before it. */
    static Bytes deflatedZeros(int mebibytes) {
        try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true)) {
            deflater.setInput(new byte[1 << 20]);
            byte[] buffer = new byte[1 << 16];
            int length = deflater.deflate(buffer, 0, buffer.length, Deflater.FULL_FLUSH);
            byte[] last = {3, 0};
            return joined(repeated(Arrays.copyOf(buffer, length), mebibytes), of(last));
        }
    }

    static byte[] toArray(Bytes bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            bytes.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
