package dev.holdfast.http.request;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.problem.Problem;
import io.micronaut.http.HttpRequest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HexFormat;

/**
 * A name as an address has it. The framework's path variables are no use here: they are decoded as a form's fields are,
 * so that {@code +} becomes a space, and broken UTF-8 is replaced instead of refused.
 */
public final class PathSegment {
    private static final int ESCAPE_LENGTH = 3;
    private static final String UNRESERVED = "-._~";
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private PathSegment() {}

    /**
     * The one segment behind {@code before}, decoded exactly once. May be anything: use cases check it.
     *
     * @param before with its last slash; part of the request's path
     */
    public static Outcome<String> behind(String before, HttpRequest<?> request) {
        String path = request.getPath();
        int begin = path.indexOf(before) + before.length();
        int end = path.indexOf('/', begin);
        return decode(end < 0 ? path.substring(begin) : path.substring(begin, end));
    }

    public static String encode(String name) {
        var encoded = new StringBuilder(name.length());
        for (byte it : name.getBytes(UTF_8)) {
            char c = (char) (it & 0xff);
            if (c < 0x80 && (Character.isLetterOrDigit(c) || UNRESERVED.indexOf(c) >= 0)) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HEX.toHexDigits(it));
            }
        }
        return encoded.toString();
    }

    private static Outcome<String> decode(String segment) {
        var bytes = new ByteArrayOutputStream(segment.length());
        int at = 0;
        while (at < segment.length()) {
            if (segment.charAt(at) == '%') {
                if (!isEscape(segment, at)) {
                    return malformed();
                }
                bytes.write(HexFormat.fromHexDigits(segment, at + 1, at + ESCAPE_LENGTH));
                at += ESCAPE_LENGTH;
            } else {
                int codePoint = segment.codePointAt(at);
                bytes.writeBytes(Character.toString(codePoint).getBytes(UTF_8));
                at += Character.charCount(codePoint);
            }
        }
        try {
            return Outcome.done(UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString());
        } catch (CharacterCodingException _) {
            return malformed();
        }
    }

    private static boolean isEscape(String segment, int at) {
        return at + 2 < segment.length()
                && HexFormat.isHexDigit(segment.charAt(at + 1))
                && HexFormat.isHexDigit(segment.charAt(at + 2));
    }

    private static Outcome<String> malformed() {
        return Outcome.refused(new Problem.InvalidFilename("The name in the address is not percent-encoded UTF-8."));
    }
}
