package dev.holdfast.store.folder;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Set;

/** Reads small files of Holdfast's own. */
public final class OwnFiles {
    private OwnFiles() {}

    /** The file is larger than anything that Holdfast writes there. */
    public static final class TooLargeException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** @param file a regular file, not a link */
    public static byte[] read(Path file, int maxBytes) throws IOException, TooLargeException {
        try (InputStream in = Channels.newInputStream(FileChannel.open(file, Set.of(READ, NOFOLLOW_LINKS)))) {
            byte[] text = in.readNBytes(maxBytes + 1);
            if (text.length > maxBytes) {
                throw new TooLargeException();
            }
            return text;
        }
    }
}
