package dev.holdfast.sqlite.restore;

import dev.holdfast.application.snapshot.Confirmation;
import dev.holdfast.application.snapshot.Image;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/** A checksum of an image, taken while another reader reads it, so that equal bytes are recognized later. */
final class Fingerprint {
    private OptionalLong size = OptionalLong.empty();
    private OptionalLong sum = OptionalLong.empty();

    /** Returns the same image. Reading all of it completes the fingerprint. */
    Image taking(Image image) {
        size = OptionalLong.of(image.size());
        return new Image() {
            @Override
            public long size() {
                return image.size();
            }

            @Override
            public Confirmation confirm() {
                return image.confirm();
            }

            @Override
            public Optional<String> remark() {
                return image.remark();
            }

            @Override
            public InputStream open() throws IOException {
                return new Summing(image.open(), image.size());
            }
        };
    }

    /** Whether an image was read before and has the same bytes; false too if it was not read to its end. */
    boolean isOf(Image image) throws IOException {
        if (sum.isEmpty() || size.isEmpty() || size.getAsLong() != image.size()) {
            return false;
        }
        CRC32C found = new CRC32C();
        byte[] chunk = new byte[1 << 20];
        try (InputStream in = image.open()) {
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                found.update(chunk, 0, count);
            }
        }
        return found.getValue() == sum.getAsLong();
    }

    private final class Summing extends FilterInputStream {
        private final CRC32C read = new CRC32C();
        private long left;

        Summing(InputStream in, long size) {
            super(in);
            left = size;
            endIfRead();
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            if (value >= 0) {
                read.update(value);
                left--;
                endIfRead();
            }
            return value;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int count = super.read(into, offset, length);
            if (count > 0) {
                read.update(into, offset, count);
                left -= count;
                endIfRead();
            }
            return count;
        }

        @Override
        public long skip(long bytes) throws IOException {
            left = -1; // what was skipped is in no checksum
            return super.skip(bytes);
        }

        private void endIfRead() {
            if (left == 0) {
                sum = OptionalLong.of(read.getValue());
            }
        }
    }
}
