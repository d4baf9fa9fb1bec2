package dev.holdfast.http.access;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A host and a port, as a {@code Host} header names them.
 *
 * @param host in lower case; an IPv6 address in brackets
 */
record Authority(String host, int port) {
    private static final Pattern SHAPE = Pattern.compile("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(?::([0-9]{1,5}))?");

    static Optional<Authority> parse(String text, int defaultPort) {
        Matcher matcher = SHAPE.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int port = matcher.group(2) == null ? defaultPort : Integer.parseInt(matcher.group(2));
        return Optional.of(new Authority(matcher.group(1).toLowerCase(Locale.ROOT), port));
    }

    /** The authority of an origin of that scheme; empty for any other, and for {@code null}. */
    static Optional<Authority> ofOrigin(String origin, String scheme, int defaultPort) {
        String prefix = scheme + "://";
        return origin.toLowerCase(Locale.ROOT).startsWith(prefix)
                ? parse(origin.substring(prefix.length()), defaultPort)
                : Optional.empty();
    }

    boolean isLoopback() {
        return (host.startsWith("[") || host.indexOf(':') < 0) && LoopbackHost.is(host);
    }
}
