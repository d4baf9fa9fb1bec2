package dev.holdfast.http.download;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a {@code Range} header means for a representation of a known size (RFC 9110, section 14). */
sealed interface ByteRange {
    /** No range, one of another unit, a malformed one, or several where those are not wanted: the RFC allows it. */
    record Whole() implements ByteRange {}

    record Part(long offset, long length) implements ByteRange {
        String contentRange(long size) {
            return "bytes " + offset + "-" + (offset + length - 1) + "/" + size;
        }
    }

    /** At least two, in the order that the client names them. */
    record Parts(List<Part> parts) implements ByteRange {}

    record Unsatisfiable() implements ByteRange {}

    /** More are a nuisance, not a download. */
    int MOST_PARTS = 32;

    Pattern BYTES = Pattern.compile("bytes=(.*)", Pattern.CASE_INSENSITIVE);
    Pattern SINGLE = Pattern.compile("[ \t]*(\\d*)-(\\d*)[ \t]*");

    /** @param several whether several ranges are taken for what they are */
    static ByteRange of(Optional<String> header, long size, boolean several) {
        Matcher matcher = BYTES.matcher(header.orElse(""));
        if (!matcher.matches()) {
            return new Whole();
        }
        String[] ranges = matcher.group(1).split(",", -1);
        if (ranges.length == 1) {
            return single(ranges[0], size);
        }
        return several && ranges.length <= MOST_PARTS ? several(ranges, size) : new Whole();
    }

    /** What lies outside is left out; together they are at most as much as the whole. */
    private static ByteRange several(String[] ranges, long size) {
        List<Part> parts = new ArrayList<>();
        long total = 0;
        for (String range : ranges) {
            switch (single(range, size)) {
                case Whole whole -> {
                    return whole;
                }
                case Part part -> {
                    parts.add(part);
                    total += part.length();
                }
                case Parts _, Unsatisfiable _ -> {}
            }
        }
        if (total > size) {
            return new Whole();
        }
        return switch (parts.size()) {
            case 0 -> new Unsatisfiable();
            case 1 -> parts.getFirst();
            default -> new Parts(List.copyOf(parts));
        };
    }

    private static ByteRange single(String range, long size) {
        Matcher matcher = SINGLE.matcher(range);
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
