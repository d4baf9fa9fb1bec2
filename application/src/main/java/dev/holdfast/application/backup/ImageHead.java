package dev.holdfast.application.backup;

import dev.holdfast.application.snapshot.Confirmation;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.domain.backup.MainImage;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The first bytes of a source's main image, recorded while the image is copied, without reading it once more. */
final class ImageHead {
    private final Path main;
    private final byte[] head = new byte[MainImage.HEAD_BYTES];
    private Optional<Long> size = Optional.empty();
    private int filled;

    ImageHead(Path main) {
        this.main = main;
    }

    /** Returns the same images, with the main one watched while it is read. */
    List<DatabaseImage> watching(List<DatabaseImage> images) {
        return images.stream()
                .map(it -> it.file().equals(main) ? new DatabaseImage(it.file(), watched(it.image())) : it)
                .toList();
    }

    private Image watched(Image image) {
        size = Optional.of(image.size()); // now: the source may be let go of before the artifact is published
        return new Image() {
            @Override
            public long size() {
                return image.size();
            }

            @Override
            public InputStream open() throws IOException {
                filled = 0; // another pass begins
                return new Watched(image.open());
            }

            @Override
            public Confirmation confirm() {
                return image.confirm();
            }

            @Override
            public Optional<String> remark() {
                return image.remark();
            }
        };
    }

    /** Empty if the main image is not among the images. */
    Optional<MainImage> image() {
        return size.map(it -> MainImage.of(it, Arrays.copyOf(head, filled)));
    }

    private final class Watched extends FilterInputStream {
        Watched(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int read = in.read();
            if (read >= 0) {
                record(new byte[] {(byte) read}, 0, 1);
            }
            return read;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = in.read(into, offset, length);
            record(into, offset, read);
            return read;
        }

        private void record(byte[] from, int offset, int length) {
            int more = Math.min(length, head.length - filled);
            if (more > 0) {
                System.arraycopy(from, offset, head, filled, more);
                filled += more;
            }
        }
    }
}
