package dev.holdfast.rest.v1.json;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** How instants are written. */
public final class JsonTimestamps {
    private static final DateTimeFormatter CREATED = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSS", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private JsonTimestamps() {}

    /** A backup's {@code created_at}: UTC, six digits, no offset. */
    public static String created(Instant at) {
        return CREATED.format(at);
    }

    /** Everything else: RFC 3339 with {@code Z}. */
    public static String rfc3339(Instant at) {
        return DateTimeFormatter.ISO_INSTANT.format(at);
    }
}
