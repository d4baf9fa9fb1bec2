package dev.holdfast.bootstrap.start;

import dev.holdfast.bootstrap.settings.Settings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Whether the server listens at the addresses of the settings and at no other. */
public final class BoundAddresses {
    private BoundAddresses() {}

    /**
     * What a setting asks for.
     *
     * @param key of the setting
     * @param port 0 takes any
     */
    record Wanted(String key, String host, int port) {
        boolean fits(SocketAddress bound) {
            return bound instanceof InetSocketAddress socket
                    && (port == 0 || port == socket.getPort())
                    && isHost(socket.getAddress());
        }

        /** All addresses of IPv4 are bound as those of IPv6 where the machine has both. */
        private boolean isHost(InetAddress bound) {
            try {
                return Arrays.stream(InetAddress.getAllByName(host))
                        .anyMatch(it -> it.equals(bound) || (it.isAnyLocalAddress() && bound.isAnyLocalAddress()));
            } catch (UnknownHostException _) {
                return false;
            }
        }

        @Override
        public String toString() {
            return host + " port " + (port == 0 ? "of any number" : port) + " by " + key;
        }
    }

    public static List<Wanted> of(Settings settings) {
        return List.of(
                new Wanted("holdfast.http", settings.httpHost(), settings.httpPort()),
                new Wanted(
                        "holdfast.grpc", settings.grpc().host(), settings.grpc().port()));
    }

    /** @throws StartupException names both sides of a difference */
    public static void require(List<Wanted> wanted, List<? extends SocketAddress> bound) {
        var left = new ArrayList<SocketAddress>(bound);
        boolean all = wanted.stream().allMatch(it -> takeOne(it, left));
        if (!all || !left.isEmpty()) {
            throw new StartupException(
                    "addresses: the server listens at " + joined(bound) + " (expected: " + joined(wanted)
                            + ", and no other). The start stops here, since an address that no setting names could give access to the backups.");
        }
    }

    private static boolean takeOne(Wanted wanted, List<SocketAddress> left) {
        for (SocketAddress each : left) {
            if (wanted.fits(each)) {
                return left.remove(each);
            }
        }
        return false;
    }

    private static String joined(List<?> all) {
        return all.isEmpty()
                ? "no address"
                : all.stream().map(BoundAddresses::shown).collect(Collectors.joining(", "));
    }

    private static String shown(Object address) {
        return address instanceof InetSocketAddress socket
                ? socket.getAddress().getHostAddress() + " port " + socket.getPort()
                : String.valueOf(address);
    }
}
