package dev.holdfast.rest.v1;

import java.io.IOException;
import java.io.InputStream;

/** The body of a chunked response, as it comes. Reads over the head, which it expects to be a 200 event stream. */
final class Unchunked extends InputStream {
    private final InputStream raw;
    private int left;
    private boolean ended;

    Unchunked(InputStream raw) throws IOException {
        this.raw = raw;
        String status = line();
        boolean events = false;
        for (String header = line(); !header.isEmpty(); header = line()) {
            events |= header.equalsIgnoreCase("content-type: text/event-stream");
        }
        if (!status.startsWith("HTTP/1.1 200 ") || !events) {
            throw new AssertionError(status);
        }
    }

    private String line() throws IOException {
        var line = new StringBuilder();
        for (int c = raw.read(); c != '\n'; c = raw.read()) {
            if (c < 0) {
                throw new AssertionError("ended after: " + line);
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        if (ended) {
            return -1;
        }
        if (left == 0) {
            left = Integer.parseInt(line(), 16);
            if (left == 0) {
                ended = true;
                return -1;
            }
        }
        int n = raw.read(into, from, Math.min(length, left));
        if (n < 0) {
            throw new AssertionError("the body was cut off");
        }
        left -= n;
        if (left == 0) {
            line();
        }
        return n;
    }
}
