package dev.holdfast.application.access;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/** The network of a client: a client with one address of it can have them all. */
final class ClientNetwork {
    private static final int MAX_NAME = 64;
    private static final int NETWORK_BYTES = 8;

    private ClientNetwork() {}

    /** An IPv6 host is free to choose the lower half of its address, so all of these are one. */
    static String of(String address) {
        try {
            return InetAddress.ofLiteral(address) instanceof Inet6Address v6
                    ? HexFormat.of().formatHex(Arrays.copyOf(v6.getAddress(), NETWORK_BYTES))
                    : address;
        } catch (IllegalArgumentException e) {
            return address.length() > MAX_NAME ? address.substring(0, MAX_NAME) : address; // as good a key as any
        }
    }
}
