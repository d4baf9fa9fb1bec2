package dev.holdfast.http.download;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The header that tells a browser what to call the file (RFC 6266). */
public final class ContentDisposition {
    private static final String ATTR_CHARS = "!#$&+-.^_`|~";

    private ContentDisposition() {}

    /** The plain form has {@code _} for what ASCII lacks; a {@code filename*} follows then, which clients prefer. */
    public static String attachment(String filename) {
        var plain = new StringBuilder();
        var encoded = new StringBuilder();
        filename.codePoints().forEach(it -> {
            if (it == '"' || it == '\\') {
                plain.append('\\').appendCodePoint(it);
            } else {
                plain.appendCodePoint(it < ' ' || it > '~' ? '_' : it);
            }
        });
        for (byte it : filename.getBytes(UTF_8)) {
            if (isAttrChar(it)) {
                encoded.append((char) it);
            } else {
                encoded.append('%').append(String.format("%02X", it & 0xff));
            }
        }
        boolean ascii = filename.chars().allMatch(it -> it >= ' ' && it <= '~');
        return "attachment; filename=\"" + plain + "\"" + (ascii ? "" : "; filename*=UTF-8''" + encoded);
    }

    private static boolean isAttrChar(byte it) {
        return (it >= 'a' && it <= 'z')
                || (it >= 'A' && it <= 'Z')
                || (it >= '0' && it <= '9')
                || ATTR_CHARS.indexOf(it) >= 0;
    }
}
