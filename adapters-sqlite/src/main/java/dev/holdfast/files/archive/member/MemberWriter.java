package dev.holdfast.files.archive.member;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.backup.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Arrays;

/** Copies files into an archive and keeps their checksums in its manifest. */
public final class MemberWriter {
    private static final int CHUNK = 1 << 16;
    private static final int REPORT = 1 << 20;

    private final MemberOutput out;
    private final ManifestWriter manifest;
    private final ProgressMonitor work;
    private final MessageDigest digest = Sha256.newDigest();
    private final byte[] chunk = new byte[CHUNK];
    private long unreported;

    public MemberWriter(MemberOutput out, ManifestWriter manifest, ProgressMonitor work) {
        this.out = out;
        this.manifest = manifest;
        this.work = work;
    }

    /** @param read how many bytes came, at most as many as were announced */
    public record Written(long read, Sha256 sha256) {}

    public void directory(String name, Attributes attributes) throws IOException {
        work.checkCancelled();
        out.directory(name, attributes);
        manifest.directory(name);
    }

    /** A part of the source. What it has beyond its announced size is left. */
    public Written file(String name, long size, Attributes attributes, InputStream content) throws IOException {
        Written written = copy(name, size, attributes, content, true);
        manifest.file(name, out.keepsToSizes() ? size : written.read(), written.sha256());
        return written;
    }

    /** What was made for the archive and does not count as progress; not in the list yet. */
    public Written unlisted(String name, long size, Attributes attributes, InputStream content) throws IOException {
        return copy(name, size, attributes, content, false);
    }

    public void list(String name, Written written) throws IOException {
        manifest.file(name, written.read(), written.sha256());
    }

    private Written copy(String name, long size, Attributes attributes, InputStream content, boolean progress)
            throws IOException {
        out.begin(name, size, attributes);
        digest.reset();
        long read = 0;
        while (read < size) {
            int count = read(name, content, (int) Math.min(CHUNK, size - read));
            if (count < 0) {
                break;
            }
            put(count);
            read += count;
            report(count, progress);
        }
        if (out.keepsToSizes()) {
            Arrays.fill(chunk, (byte) 0);
            for (long padded = read; padded < size; padded += Math.min(CHUNK, size - padded)) {
                work.checkCancelled();
                put((int) Math.min(CHUNK, size - padded));
            }
        }
        out.end();
        return new Written(read, Sha256.of(digest.digest()));
    }

    private int read(String name, InputStream content, int most) {
        try {
            return content.read(chunk, 0, most);
        } catch (IOException e) {
            throw ArchiveErrors.unreadable(name, e);
        }
    }

    private void put(int count) throws IOException {
        digest.update(chunk, 0, count);
        out.write(chunk, 0, count);
    }

    private void report(int count, boolean progress) {
        unreported += progress ? count : 0;
        if (!progress) {
            work.checkCancelled();
        } else if (unreported >= REPORT) {
            flush();
        }
    }

    /** Reports what is not reported yet. */
    public void flush() {
        long bytes = unreported;
        unreported = 0;
        work.advance(bytes);
    }
}
