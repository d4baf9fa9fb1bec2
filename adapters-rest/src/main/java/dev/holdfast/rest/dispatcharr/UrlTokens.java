package dev.holdfast.rest.dispatcharr;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.rest.security.DialectTokens;
import jakarta.inject.Singleton;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.HexFormat;

/**
 * Tokens of 32 hex digits that stand in addresses. That of a task tells how it stands, as long as the task is known. That
 * of a download ends with the hour after the next full one: within an hour it is the same on every call, as with the
 * original, but a link that somebody finds later opens nothing.
 */
@Singleton
final class UrlTokens {
    private static final String TASK = "dispatcharr-task";
    private static final String DOWNLOAD = "dispatcharr-download";
    private static final int LENGTH = 32;
    private static final int END_LENGTH = 8;
    private static final long HOUR = 3600;

    private final DialectTokens tokens;
    private final InstantSource clock;

    UrlTokens(DialectTokens tokens, InstantSource clock) {
        this.tokens = tokens;
        this.clock = clock;
    }

    String task(String id) {
        return tokens.mark(TASK, id).substring(0, LENGTH);
    }

    boolean opensTask(String token, String id) {
        return same(token, task(id));
    }

    String download(String filename) {
        long end = (clock.instant().getEpochSecond() / HOUR + 2) * HOUR;
        return download(filename, HexFormat.of().toHexDigits((int) end));
    }

    /** @param end in seconds, of 8 hex digits: enough until 2106 */
    private String download(String filename, String end) {
        return end + tokens.mark(DOWNLOAD, end + "/" + filename).substring(0, LENGTH - END_LENGTH);
    }

    boolean opensDownload(String token, String filename) {
        if (!token.matches("[0-9a-f]{32}")) {
            return false;
        }
        String end = token.substring(0, END_LENGTH);
        return same(token, download(filename, end))
                && Integer.toUnsignedLong(HexFormat.fromHexDigits(end))
                        > clock.instant().getEpochSecond();
    }

    private static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(US_ASCII), other.getBytes(US_ASCII));
    }
}
