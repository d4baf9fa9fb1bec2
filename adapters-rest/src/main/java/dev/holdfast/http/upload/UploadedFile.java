package dev.holdfast.http.upload;

import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;

/**
 * The one file of a request that is still arriving. Closing it throws away what has not been read. Reading it ends in a
 * {@code ProblemException} if it proves too large or its form wrong, in an {@code IOException} if the client goes away
 * or falls silent.
 */
public final class UploadedFile implements AutoCloseable {
    private final RequestBodyStream body;
    private final String filename;
    private final InputStream content;
    private final long announcedSize;

    UploadedFile(RequestBodyStream body, MultipartForm.Part part, long announcedSize, UploadLimits limits) {
        this.body = body;
        this.filename = lastSegment(part.filename());
        this.content = new Bounded(part, limits);
        this.announcedSize = announcedSize;
    }

    /** The last part of what the client calls it; empty if no backup could ever be called so. */
    public String filename() {
        return filename;
    }

    public InputStream content() {
        return content;
    }

    /** In bytes; 0 if the client does not say. */
    public long announcedSize() {
        return announcedSize;
    }

    @Override
    public void close() {
        body.close();
    }

    /** Clients write paths of either kind. U+FFFD stands where the header was not UTF-8. */
    static String lastSegment(String path) {
        String name = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
        return BackupKey.isValid(name) && name.indexOf('\ufffd') < 0 ? name : "";
    }

    static Problem tooLarge(UploadLimits limits) {
        return new Problem.UploadTooLarge("An upload has at most " + limits.maxSize()
                + " bytes; the setting holdfast.uploads.max-size says how many.");
    }

    private static final class Bounded extends InputStream {
        private final InputStream from;
        private final UploadLimits limits;
        private long count;

        Bounded(InputStream from, UploadLimits limits) {
            this.from = from;
            this.limits = limits;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int n = from.read(into, offset, length);
            count += Math.max(0, n);
            if (count > limits.maxSize()) {
                throw new ProblemException(tooLarge(limits));
            }
            return n;
        }
    }
}
