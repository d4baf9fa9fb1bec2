package dev.holdfast.http.request;

import dev.holdfast.application.connection.OpenConnections;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The first reader of a connection's bytes. It passes on only what has one meaning: another program on the way, such as a
 * proxy, cannot find other ends of messages in it ({@code docs/internals/messages.md#ends-of-messages}). At anything else
 * it passes on an {@link AmbiguousMessage}, and nothing after that.
 *
 * <p>Used by the channel's own thread only.
 */
final class MessageGate extends ByteToMessageDecoder {
    /** Above every head that the codec behind accepts, which refuses a longer one. */
    private static final int MAX_HEAD_BYTES = 32 << 10;
    /** Sizes with extensions, which no client is known to send. */
    private static final int MAX_SIZE_LINE_BYTES = 256;

    private static final int MAX_TRAILER_BYTES = 8 << 10;
    private static final Pattern SIZE_LINE =
            Pattern.compile("([0-9A-Fa-f]{1,15})(?:[ \t]*;[\t\\x20-\\x7e\\x80-\\xff]*)?");

    private final OpenConnections open;
    private State state = State.HEAD;
    private @Nullable RequestHead head;
    /** Bytes of the part that is being read whose lines have been looked at. */
    private int looked;
    /** Bytes of that part in which the end of a line was searched for. */
    private int searched;
    /** Bytes of the body, or of a chunk, that are still to come. */
    private long left;
    /** Bytes of memory that wait for more to come. */
    private long held;

    private enum State {
        HEAD,
        BODY,
        CHUNK_SIZE,
        CHUNK,
        CHUNK_END,
        TRAILER,
        /** The head is too long for the codec, which says so. */
        TOO_LONG,
        REFUSED
    }

    MessageGate(OpenConnections open) {
        this.open = open;
    }

    /** A connection whose unfinished head no longer fits with those of the others ends. */
    private void hold(ChannelHandlerContext context, ByteBuf in) {
        long before = held;
        held = in.isReadable() ? in.capacity() : 0;
        if (!open.hold(before, held)) {
            state = State.REFUSED;
            in.skipBytes(in.readableBytes());
            release();
            open.reportClosed(
                    "too many requests have not arrived as a whole",
                    context.channel().remoteAddress());
            WireHandlers.close(context);
        }
    }

    private void release() {
        var _ = open.hold(held, 0);
        held = 0;
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        release();
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (state == State.REFUSED) {
            in.skipBytes(in.readableBytes());
            return;
        }
        int begin = in.readerIndex();
        int clear = begin;
        AmbiguousMessage refusal = null;
        try {
            for (int next = pass(in, clear); next > clear; next = pass(in, clear)) {
                clear = next;
            }
        } catch (AmbiguousMessageException e) {
            refusal = new AmbiguousMessage(e.getMessage(), state != State.HEAD);
            state = State.REFUSED;
        }
        if (clear > begin) {
            out.add(in.readRetainedSlice(clear - begin));
        }
        if (refusal != null) {
            in.skipBytes(in.readableBytes());
            out.add(refusal);
        }
        hold(context, in);
    }

    /** Returns the index after what may be passed on, or {@code from} if more has to come first. */
    private int pass(ByteBuf in, int from) throws AmbiguousMessageException {
        int available = in.writerIndex() - from;
        return switch (state) {
            case HEAD -> passHead(in, from);
            case BODY, CHUNK -> {
                int passed = (int) Math.min(left, available);
                left -= passed;
                if (left == 0) {
                    state = state == State.BODY ? State.HEAD : State.CHUNK_END;
                }
                yield from + passed;
            }
            case CHUNK_SIZE -> passSize(in, from);
            case CHUNK_END -> {
                if (available < 2) {
                    yield from;
                }
                if (in.getByte(from) != '\r' || in.getByte(from + 1) != '\n') {
                    throw new AmbiguousMessageException("a chunk is longer than its size");
                }
                state = State.CHUNK_SIZE;
                yield from + 2;
            }
            case TRAILER -> passTrailer(in, from);
            case TOO_LONG -> from + available;
            case REFUSED -> from;
        };
    }

    private int passHead(ByteBuf in, int from) throws AmbiguousMessageException {
        for (String line = line(in, from, MAX_HEAD_BYTES); line != null; line = line(in, from, MAX_HEAD_BYTES)) {
            if (head == null && line.isEmpty()) {
                return end(from, State.HEAD); // an empty line before a request (RFC 9112, 2.2)
            }
            if (head == null) {
                head = new RequestHead(line);
            } else if (!line.isEmpty()) {
                head.add(line);
            } else {
                long length = head.bodyLength();
                head = null;
                left = length;
                return end(
                        from, length == RequestHead.CHUNKED ? State.CHUNK_SIZE : length == 0 ? State.HEAD : State.BODY);
            }
        }
        if (searched >= MAX_HEAD_BYTES) {
            return end(from, State.TOO_LONG);
        }
        return from;
    }

    private int passSize(ByteBuf in, int from) throws AmbiguousMessageException {
        String line = line(in, from, MAX_SIZE_LINE_BYTES);
        if (line == null) {
            if (searched >= MAX_SIZE_LINE_BYTES) {
                throw new AmbiguousMessageException("the size of a chunk has too many characters");
            }
            return from;
        }
        Matcher size = SIZE_LINE.matcher(line);
        if (!size.matches()) {
            throw new AmbiguousMessageException("the size of a chunk is not a hexadecimal number");
        }
        left = Long.parseLong(size.group(1), 16);
        return end(from, left == 0 ? State.TRAILER : State.CHUNK);
    }

    private int passTrailer(ByteBuf in, int from) throws AmbiguousMessageException {
        for (String line = line(in, from, MAX_TRAILER_BYTES); line != null; line = line(in, from, MAX_TRAILER_BYTES)) {
            if (line.isEmpty()) {
                return end(from, State.HEAD);
            }
            RequestHead.checkTrailer(line);
        }
        if (searched >= MAX_TRAILER_BYTES) {
            throw new AmbiguousMessageException("the trailer is too long");
        }
        return from;
    }

    /** Returns the next line without its end, a character a byte, or null if it has not arrived whole. */
    private @Nullable String line(ByteBuf in, int from, int max) throws AmbiguousMessageException {
        int limit = Math.min(in.writerIndex() - from, max);
        if (searched >= limit) {
            return null;
        }
        int feed = in.indexOf(from + searched, from + limit, (byte) '\n');
        if (feed < 0) {
            searched = limit;
            return null;
        }
        int begin = from + looked;
        if (feed == begin || in.getByte(feed - 1) != '\r') {
            throw new AmbiguousMessageException("a line ends with a line feed alone");
        }
        looked = feed + 1 - from;
        searched = looked;
        return in.toString(begin, feed - 1 - begin, StandardCharsets.ISO_8859_1);
    }

    private int end(int from, State next) {
        int end = from + (next == State.TOO_LONG ? searched : looked);
        looked = 0;
        searched = 0;
        state = next;
        return end;
    }
}
