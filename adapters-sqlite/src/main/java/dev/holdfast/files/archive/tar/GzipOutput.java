package dev.holdfast.files.archive.tar;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;

/** A gzip of chosen effort, whose closing leaves the stream below open. */
public final class GzipOutput extends GZIPOutputStream {
    public GzipOutput(OutputStream out, int level) throws IOException {
        super(new KeptOpen(out), 1 << 16);
        def.setLevel(level);
    }

    /** Without finishing, for whoever closes early does not want a whole archive. */
    @Override
    public void close() {
        def.end();
    }

    private static final class KeptOpen extends FilterOutputStream {
        KeptOpen(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            out.flush();
        }
    }
}
