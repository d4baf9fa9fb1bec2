package dev.holdfast.http.request;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The head of one request, looked at line by line: where its body ends, and that it can end nowhere else. */
final class RequestHead {
    /** The length of a body that comes in chunks. */
    static final long CHUNKED = -1;

    private static final String TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";
    private static final Pattern REQUEST_LINE = Pattern.compile(TOKEN + " [^\\x00-\\x20\\x7f]+ HTTP/1\\.([01])");
    private static final Pattern FIELD_LINE = Pattern.compile("(" + TOKEN + "):[ \t]*+([\t\\x20-\\x7e\\x80-\\xff]*)");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

    private final boolean isOfVersion11;
    private int lengths;
    private int encodings;
    private int hosts;
    private int oldWebSocketKeys;
    private long length;

    /** @param line the first line, without its end, a character a byte */
    RequestHead(String line) throws AmbiguousMessageException {
        Matcher matcher = REQUEST_LINE.matcher(line);
        if (!matcher.matches()) {
            throw new AmbiguousMessageException("the first line is no method, address and version 1.0 or 1.1");
        }
        isOfVersion11 = matcher.group(1).equals("1");
    }

    /** @param line the next line, without its end */
    void add(String line) throws AmbiguousMessageException {
        Matcher field = field(line);
        String value = field.group(2).stripTrailing();
        switch (field.group(1).toLowerCase(Locale.ROOT)) {
            case "content-length" -> {
                if (!LENGTH.matcher(value).matches()) {
                    throw new AmbiguousMessageException("Content-Length is not one number");
                }
                length = Long.parseLong(value);
                lengths++;
            }
            case "transfer-encoding" -> {
                if (!value.equalsIgnoreCase("chunked")) {
                    throw new AmbiguousMessageException("Transfer-Encoding is not chunked alone");
                }
                encodings++;
            }
            case "host" -> hosts++;
            // A GET with both has a body of eight bytes for Netty, as a draft of WebSocket had it.
            case "sec-websocket-key1", "sec-websocket-key2" -> oldWebSocketKeys++;
            default -> {} // says nothing about the message's end
        }
    }

    /** Returns the number of bytes of the body, or {@link #CHUNKED}; the head has no more lines. */
    long bodyLength() throws AmbiguousMessageException {
        if (encodings > 1 || lengths > 1) {
            throw new AmbiguousMessageException("Content-Length or Transfer-Encoding is there twice");
        }
        if (encodings > 0 && lengths > 0) {
            throw new AmbiguousMessageException("Content-Length and Transfer-Encoding are both there");
        }
        if (encodings > 0 && !isOfVersion11) {
            throw new AmbiguousMessageException("version 1.0 has no Transfer-Encoding");
        }
        if (hosts > 1 || (hosts == 0 && isOfVersion11)) {
            throw new AmbiguousMessageException("a request has exactly one Host");
        }
        if (oldWebSocketKeys > 0) {
            throw new AmbiguousMessageException("Sec-WebSocket-Key1 and Key2 have no defined meaning");
        }
        return encodings > 0 ? CHUNKED : length;
    }

    static void checkTrailer(String line) throws AmbiguousMessageException {
        switch (field(line).group(1).toLowerCase(Locale.ROOT)) {
            case "content-length", "transfer-encoding", "host" ->
                throw new AmbiguousMessageException("a trailer says how long the message is or whom it is for");
            default -> {} // says neither
        }
    }

    private static Matcher field(String line) throws AmbiguousMessageException {
        Matcher field = FIELD_LINE.matcher(line);
        if (!field.matches()) {
            throw new AmbiguousMessageException("a line of the head is no name, colon and value");
        }
        return field;
    }
}
