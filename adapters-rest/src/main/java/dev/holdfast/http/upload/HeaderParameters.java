package dev.holdfast.http.upload;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A header's value and its parameters: {@code form-data; name="file"; filename="a.db"}.
 *
 * @param value in lower case
 * @param parameters by their names in lower case
 */
record HeaderParameters(String value, Map<String, String> parameters) {
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final Pattern VALUE = Pattern.compile("\\s*(" + TOKEN + "(?:/" + TOKEN + ")?)\\s*");
    private static final Pattern NAME = Pattern.compile(";\\s*(" + TOKEN + ")\\s*=\\s*(" + TOKEN + ")?");
    private static final Pattern EXTENDED = Pattern.compile("(?i)UTF-8'[A-Za-z0-9-]*'(.*)");

    /** Empty if it is not of that form, or has a parameter twice. */
    static Optional<HeaderParameters> parse(String text) {
        Matcher begin = VALUE.matcher(text);
        if (!begin.lookingAt()) {
            return Optional.empty();
        }
        var parameters = new HashMap<String, String>();
        int at = begin.end();
        Matcher name = NAME.matcher(text);
        while (name.region(at, text.length()).lookingAt()) {
            at = name.end();
            String content = name.group(2);
            if (content == null) {
                int end = endOfQuoted(text, at);
                if (end < 0) {
                    return Optional.empty();
                }
                content = unquoted(text, at + 1, end);
                at = end + 1;
            }
            if (parameters.put(name.group(1).toLowerCase(Locale.ROOT), content) != null) {
                return Optional.empty();
            }
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }
        boolean whole = at == text.length() || text.substring(at).strip().equals(";");
        return whole
                ? Optional.of(new HeaderParameters(begin.group(1).toLowerCase(Locale.ROOT), Map.copyOf(parameters)))
                : Optional.empty();
    }

    /** @return where the closing quote is, or less than 0 */
    private static int endOfQuoted(String text, int from) {
        if (from >= text.length() || text.charAt(from) != '"') {
            return -1;
        }
        for (int at = from + 1; at < text.length(); at++) {
            if (text.charAt(at) == '"') {
                return at;
            }
            if (isEscape(text, at)) {
                at++;
            }
        }
        return -1;
    }

    private static String unquoted(String text, int from, int to) {
        var plain = new StringBuilder(to - from);
        for (int at = from; at < to; at++) {
            if (isEscape(text, at)) {
                at++;
            }
            plain.append(text.charAt(at));
        }
        return plain.toString();
    }

    /** A backslash is itself, as in the paths that old browsers send, but before a quote or a backslash. */
    private static boolean isEscape(String text, int at) {
        return text.charAt(at) == '\\'
                && at + 1 < text.length()
                && (text.charAt(at + 1) == '"' || text.charAt(at + 1) == '\\');
    }

    Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name));
    }

    /** {@code filename*=UTF-8''%E2%82%AC.db} goes before {@code filename} (RFC 8187). */
    Optional<String> extended(String name) {
        return parameter(name + "*").flatMap(HeaderParameters::decode).or(() -> parameter(name));
    }

    private static Optional<String> decode(String text) {
        Matcher matcher = EXTENDED.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String encoded = matcher.group(1);
        var bytes = new ByteArrayOutputStream(encoded.length());
        for (int at = 0; at < encoded.length(); at++) {
            char c = encoded.charAt(at);
            if (c != '%') {
                bytes.write(c); // a token is ASCII
            } else if (at + 2 < encoded.length()
                    && HexFormat.isHexDigit(encoded.charAt(at + 1))
                    && HexFormat.isHexDigit(encoded.charAt(at + 2))) {
                bytes.write(HexFormat.fromHexDigits(encoded, at + 1, at + 3));
                at += 2;
            } else {
                return Optional.empty();
            }
        }
        try {
            return Optional.of(UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString());
        } catch (CharacterCodingException _) {
            return Optional.empty();
        }
    }
}
