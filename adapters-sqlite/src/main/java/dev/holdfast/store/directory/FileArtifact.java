package dev.holdfast.store.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.READ;
import static java.util.Objects.requireNonNull;

import dev.holdfast.application.store.Artifact;
import dev.holdfast.store.folder.StoreErrors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** An ordinary file, as it was when somebody looked. */
record FileArtifact(Path path, long size, String version, Instant written) implements Artifact {

    /** @param path of a regular file */
    static FileArtifact at(Path path) throws IOException {
        // The change time, which nobody can set back, tells a file rewritten in place; the inode one put in its place.
        Map<String, Object> attributes =
                Files.readAttributes(path, "unix:size,ino,ctime,lastModifiedTime", NOFOLLOW_LINKS);
        long size = (Long) requireNonNull(attributes.get("size"));
        long changed = ((FileTime) requireNonNull(attributes.get("ctime"))).to(TimeUnit.NANOSECONDS);
        return new FileArtifact(
                path,
                size,
                size + "-" + attributes.get("ino") + "-" + changed,
                ((FileTime) requireNonNull(attributes.get("lastModifiedTime"))).toInstant());
    }

    /** A failure to read is the store's, and says nothing about the content: it is thrown as {@code StoreUnavailable}. */
    @Override
    public InputStream open(long offset) {
        if (offset < 0 || offset > size) {
            throw new IllegalArgumentException("offset: " + offset + " (expected: 0 to " + size + ")");
        }
        try {
            FileChannel channel = FileChannel.open(path, Set.of(READ, NOFOLLOW_LINKS));
            try {
                return new StoreInput(path, Channels.newInputStream(channel.position(offset)));
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw StoreErrors.reading(path, e);
        }
    }

    private static final class StoreInput extends InputStream {
        private final Path path;
        private final InputStream in;

        StoreInput(Path path, InputStream in) {
            this.path = path;
            this.in = in;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            try {
                return in.read(bytes, offset, length);
            } catch (IOException e) {
                throw StoreErrors.reading(path, e);
            }
        }

        @Override
        public long skip(long count) {
            try {
                return in.skip(count);
            } catch (IOException e) {
                throw StoreErrors.reading(path, e);
            }
        }

        @Override
        public int available() throws IOException {
            return in.available();
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    @Override
    public Optional<Instant> modified() {
        return Optional.of(written);
    }

    @Override
    public Optional<Path> file() {
        return Optional.of(path);
    }

    /** What was committed may be in the log alone, and what was not may be in the file until its journal is played back. */
    @Override
    public Optional<String> beside() {
        return Stream.of("-wal", "-journal")
                .map(it -> path.resolveSibling(path.getFileName() + it))
                .filter(it -> it.toFile().length() > 0)
                .findFirst()
                .map(
                        it -> "Beside " + path + " lies " + it.getFileName()
                                + ", which may hold a part of it. Put it into the"
                                + " file (sqlite3 FILE \"PRAGMA journal_mode=DELETE; PRAGMA quick_check\"), or remove it if it is not this file's.");
    }
}
