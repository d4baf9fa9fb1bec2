package dev.holdfast.rest.v1;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a {@code Range} header means for a representation of a known size (RFC 9110, section 14). */
sealed interface ByteRange {
    /** No range, one of another unit, a malformed one, or several: the whole is sent, as the RFC allows. */
    record Whole() implements ByteRange {}

    record Part(long offset, long length) implements ByteRange {}

    record Unsatisfiable() implements ByteRange {}

    Pattern SINGLE = Pattern.compile("bytes=[ \t]*(\\d*)-(\\d*)[ \t]*", Pattern.CASE_INSENSITIVE);

    static ByteRange of(Optional<String> header, long size) {
        Matcher matcher = SINGLE.matcher(header.orElse(""));
        if (!matcher.matches()) {
            return new Whole();
        }
        String first = matcher.group(1);
        String last = matcher.group(2);
        if (first.isEmpty()) {
            return last.isEmpty() ? new Whole() : suffix(number(last), size);
        }
        long from = number(first);
        long to = last.isEmpty() ? Long.MAX_VALUE : number(last);
        if (to < from) {
            return new Whole();
        }
        return from >= size ? new Unsatisfiable() : new Part(from, Math.min(to, size - 1) - from + 1);
    }

    private static ByteRange suffix(long wanted, long size) {
        long length = Math.min(wanted, size);
        return length == 0 ? new Unsatisfiable() : new Part(size - length, length);
    }

    /** A number too large for a long lies behind every end, as the largest long does. */
    private static long number(String digits) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException _) {
            return Long.MAX_VALUE;
        }
    }
}
