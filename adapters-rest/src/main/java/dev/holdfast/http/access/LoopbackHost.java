package dev.holdfast.http.access;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.regex.Pattern;

/**
 * Whether a host is this machine and cannot become another one: {@code localhost}, {@code 127.0.0.0/8} in four decimal
 * parts, {@code ::1}. No name is looked up. Every other way of writing it ({@code 127.1}, {@code 2130706433},
 * {@code localhost.}, {@code ::ffff:127.0.0.1}) is not one: nobody needs it, and parsers disagree about it.
 */
public final class LoopbackHost {
    private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern NAME_OR_IPV4 =
            Pattern.compile("localhost|127(?:\\." + OCTET + "){3}", Pattern.CASE_INSENSITIVE);
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:]{3,39}");

    private LoopbackHost() {}

    /** @param host as a setting has it: a name or an address, an IPv6 one with or without brackets, no port */
    public static boolean is(String host) {
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        return NAME_OR_IPV4.matcher(host).matches()
                || isIpv6Loopback(bracketed ? host.substring(1, host.length() - 1) : host);
    }

    private static boolean isIpv6Loopback(String text) {
        try {
            return IPV6.matcher(text).matches()
                    && InetAddress.ofLiteral(text) instanceof Inet6Address address
                    && address.isLoopbackAddress();
        } catch (IllegalArgumentException _) {
            return false; // looks like an address, is none
        }
    }
}
