package dev.holdfast.domain.profile;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.Locale;
import java.util.Optional;

/** A time in a name: one pattern, written and read in UTC. */
final class Stamp {
    private final DateTimeFormatter format;

    /** @param pattern for {@link DateTimeFormatter}, with {@code uuuu} for the year */
    Stamp(String pattern) {
        format = DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);
    }

    String write(Instant at) {
        return format.format(at.atOffset(ZoneOffset.UTC));
    }

    /** Empty if the digits are no time, such as a 31st of February. */
    Optional<Instant> read(String text) {
        try {
            return Optional.of(LocalDateTime.parse(text, format).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
