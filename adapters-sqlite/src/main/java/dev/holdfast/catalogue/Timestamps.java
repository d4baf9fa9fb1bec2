package dev.holdfast.catalogue;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Instants as RFC 3339 text with nine digits: exact, and ordered as the instants are. */
final class Timestamps {
    private static final DateTimeFormatter FORMAT =
            new DateTimeFormatterBuilder().appendInstant(9).toFormatter(Locale.ROOT);

    private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
    private static final Instant BEHIND_LAST = Instant.parse("+10000-01-01T00:00:00Z");

    private Timestamps() {}

    static String write(Instant instant) {
        // Outside of these years the text has another width, and would be sorted wrongly.
        if (instant.isBefore(FIRST) || !instant.isBefore(BEHIND_LAST)) {
            throw new IllegalArgumentException("instant: " + instant + " (expected: year 0 to 9999)");
        }
        return FORMAT.format(instant);
    }

    static @Nullable String write(Optional<Instant> instant) {
        return instant.map(Timestamps::write).orElse(null);
    }

    static Instant read(String text) {
        return Instant.parse(text);
    }
}
