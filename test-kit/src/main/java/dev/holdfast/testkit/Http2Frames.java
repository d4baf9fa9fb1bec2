package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/**
 * A connection of HTTP/2 without encryption on which any frames can be sent, also those that no client library sends
 * (RFC 9113). One thread may send while another one reads.
 */
public final class Http2Frames implements AutoCloseable {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int PRIORITY = 2;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;

    public static final int END_STREAM = 1;
    public static final int ACK = 1;
    public static final int END_HEADERS = 4;

    public static final int NO_ERROR = 0;
    public static final int CANCEL = 8;
    public static final int ENHANCE_YOUR_CALM = 11;

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);
    private static final int SECONDS_TO_READ = 30;

    private final Socket socket;

    private Http2Frames(Socket socket) {
        this.socket = socket;
    }

    /** Connects to loopback, and sends the preface with the default settings. */
    public static Http2Frames connect(int port) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(SECONDS_TO_READ * 1000);
        var frames = new Http2Frames(socket);
        frames.send(PREFACE);
        frames.send(frame(SETTINGS, 0, 0));
        return frames;
    }

    public static byte[] frame(int type, int flags, int stream, byte... payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    public static byte[] reset(int stream) {
        return frame(RST_STREAM, 0, stream, (byte) 0, (byte) 0, (byte) 0, (byte) CANCEL);
    }

    /** Returns the header block (HPACK, without table and Huffman) of a gRPC call. */
    public static byte[] headersOfCall(String path) {
        var block = new ByteArrayOutputStream();
        block.write(0x83); // :method POST
        block.write(0x86); // :scheme http
        block.write(0x04);
        text(block, path);
        block.write(0x01);
        text(block, "localhost");
        field(block, "content-type", "application/grpc");
        field(block, "te", "trailers");
        return block.toByteArray();
    }

    private static void field(ByteArrayOutputStream block, String name, String value) {
        block.write(0x00);
        text(block, name);
        text(block, value);
    }

    private static void text(ByteArrayOutputStream block, String text) {
        if (text.length() > 126) {
            throw new IllegalArgumentException("text: " + text.length() + " characters (expected: at most 126)");
        }
        block.write(text.length());
        block.writeBytes(text.getBytes(US_ASCII));
    }

    public void send(byte[]... frames) throws IOException {
        var all = new ByteArrayOutputStream();
        for (byte[] frame : frames) {
            all.writeBytes(frame);
        }
        socket.getOutputStream().write(all.toByteArray());
    }

    /**
     * Reads until the server closes the connection, however it does.
     *
     * @return the error code of its GOAWAY, if it sent one
     */
    public OptionalInt readToEnd() throws IOException {
        OptionalInt error = OptionalInt.empty();
        try {
            while (true) {
                ByteBuffer goAway = readUntil(GOAWAY);
                error = OptionalInt.of(goAway.getInt(4));
            }
        } catch (SocketTimeoutException e) {
            throw new IOException("the server has not closed the connection (last error: " + error + ")", e);
        } catch (IOException _) {
            return error; // the end
        }
    }

    /** Reads until a frame of that type comes, and returns its payload; fails at the end of the connection. */
    public ByteBuffer readUntil(int wanted) throws IOException {
        var in = new DataInputStream(socket.getInputStream());
        while (true) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            in.skipNBytes(5); // flags and stream
            byte[] payload = in.readNBytes(length);
            if (type == wanted) {
                return ByteBuffer.wrap(payload);
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
