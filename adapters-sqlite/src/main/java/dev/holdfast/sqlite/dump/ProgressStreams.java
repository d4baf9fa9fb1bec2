package dev.holdfast.sqlite.dump;

import dev.holdfast.application.operation.ProgressMonitor;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Streams that report to the work what goes through them, and leave closing to whoever opened them. */
final class ProgressStreams {
    private static final int BETWEEN_REPORTS = 256 << 10;

    private ProgressStreams() {}

    static final class Output extends OutputStream {
        private final OutputStream out;
        private final ProgressMonitor work;
        private long unreported;

        Output(OutputStream out, ProgressMonitor work) {
            this.out = out;
            this.work = work;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            out.write(from, offset, length);
            unreported += length;
            if (unreported >= BETWEEN_REPORTS) {
                report();
            }
        }

        void report() {
            long bytes = unreported;
            unreported = 0;
            work.advance(bytes);
        }
    }

    static final class Input extends FilterInputStream {
        private final ProgressMonitor work;
        private long all;
        private long unreported;

        Input(InputStream in, ProgressMonitor work) {
            super(in);
            this.work = work;
        }

        long all() {
            return all;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int count = in.read(into, offset, length);
            if (count > 0) {
                all += count;
                unreported += count;
                if (unreported >= BETWEEN_REPORTS) {
                    report();
                }
            }
            return count;
        }

        void report() {
            long bytes = unreported;
            unreported = 0;
            work.advance(bytes);
        }

        @Override
        public void close() {}
    }
}
