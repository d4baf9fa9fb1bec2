package dev.holdfast.http.download;

import io.micronaut.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Conditional requests (RFC 9110, section 13) on one representation.
 *
 * @param etag strong, with its quotes; empty if there is none
 * @param lastModified to the second, as HTTP dates are
 */
record Preconditions(Optional<String> etag, Instant lastModified) {
    enum Verdict {
        PROCEED,
        NOT_MODIFIED,
        FAILED
    }

    Preconditions {
        lastModified = lastModified.truncatedTo(ChronoUnit.SECONDS);
    }

    /** In the order that the RFC prescribes; an entity tag outweighs a date. */
    Verdict judge(HttpHeaders headers) {
        Optional<String> ifMatch = all(headers, HttpHeaders.IF_MATCH);
        Optional<String> ifNoneMatch = all(headers, HttpHeaders.IF_NONE_MATCH);
        if (ifMatch.isPresent()) {
            if (!lists(ifMatch.get(), false)) {
                return Verdict.FAILED;
            }
        } else if (date(headers, HttpHeaders.IF_UNMODIFIED_SINCE)
                .filter(lastModified::isAfter)
                .isPresent()) {
            return Verdict.FAILED;
        }
        if (ifNoneMatch.isPresent()) {
            return lists(ifNoneMatch.get(), true) ? Verdict.NOT_MODIFIED : Verdict.PROCEED;
        }
        return date(headers, HttpHeaders.IF_MODIFIED_SINCE)
                        .filter(since -> !lastModified.isAfter(since))
                        .isPresent()
                ? Verdict.NOT_MODIFIED
                : Verdict.PROCEED;
    }

    /** Whether a range may be answered with a part: without {@code If-Range}, or if that is this representation. */
    boolean rangeApplies(HttpHeaders headers) {
        String condition = headers.get(HttpHeaders.IF_RANGE);
        if (condition == null) {
            return true;
        }
        return condition.strip().endsWith("\"")
                ? etag.filter(condition.strip()::equals).isPresent()
                : parse(condition).filter(lastModified::equals).isPresent();
    }

    /** A weak tag matches where only the meaning counts, not where bytes are put together. */
    private boolean lists(String tags, boolean weakly) {
        return tags.strip().equals("*")
                || Stream.of(tags.split(",", -1))
                        .map(String::strip)
                        .map(it -> weakly && it.startsWith("W/") ? it.substring(2) : it)
                        .anyMatch(it -> etag.filter(it::equals).isPresent());
    }

    private static Optional<String> all(HttpHeaders headers, String name) {
        return headers.getAll(name).stream().reduce((a, b) -> a + "," + b);
    }

    private static Optional<Instant> date(HttpHeaders headers, String name) {
        return Optional.ofNullable(headers.get(name)).flatMap(Preconditions::parse);
    }

    /** What is no HTTP date is ignored. */
    private static Optional<Instant> parse(String text) {
        try {
            return Optional.of(ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }
}
