package dev.holdfast.rest.request;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts the open connections and the memory that they hold before a request is complete. Safe for several threads. */
final class OpenConnections {
    private static final int NETWORK_BYTES = 8;
    private static final long LOG_INTERVAL = TimeUnit.MINUTES.toNanos(1);
    private static final Logger LOG = LoggerFactory.getLogger(OpenConnections.class);

    private final ConnectionLimits limits;
    private final Map<Object, Integer> ofAddress = new HashMap<>();
    private int all;
    private final AtomicLong held = new AtomicLong();
    private final AtomicLong closed = new AtomicLong();
    private final AtomicLong nextLine = new AtomicLong(System.nanoTime());

    OpenConnections(ConnectionLimits limits) {
        this.limits = limits;
    }

    ConnectionLimits limits() {
        return limits;
    }

    /** Returns whether another connection of this address may be open; then {@link #end} follows. */
    boolean begin(@Nullable SocketAddress remote) {
        Object key = network(remote);
        synchronized (ofAddress) {
            int own = ofAddress.getOrDefault(key, 0);
            boolean usual = all < limits.all() && own < limits.ofOneAddress();
            boolean reserved = own < limits.reserve() && all < limits.all() + limits.reserve() && isLoopback(remote);
            if (usual || reserved) {
                all++;
                ofAddress.put(key, own + 1);
                return true;
            }
        }
        return false;
    }

    void end(@Nullable SocketAddress remote) {
        synchronized (ofAddress) {
            all--;
            ofAddress.computeIfPresent(network(remote), (_, own) -> own == 1 ? null : own - 1);
        }
    }

    private static boolean isLoopback(@Nullable SocketAddress remote) {
        return remote instanceof InetSocketAddress socket
                && socket.getAddress() != null
                && socket.getAddress().isLoopbackAddress();
    }

    private static Object network(@Nullable SocketAddress remote) {
        InetAddress address = remote instanceof InetSocketAddress socket ? socket.getAddress() : null;
        if (address instanceof Inet6Address v6 && !v6.isLoopbackAddress()) {
            return ByteBuffer.wrap(Arrays.copyOf(v6.getAddress(), NETWORK_BYTES));
        }
        return address == null ? "" : address;
    }

    /** Changes the memory that a connection holds. Returns whether more may be held than before, if it is more. */
    boolean hold(long before, long now) {
        return held.addAndGet(now - before) <= limits.heldBytes() || now <= before;
    }

    /** Logs at most one line a minute, so that strangers cannot fill the log. */
    void reportClosed(String reason, @Nullable SocketAddress remote) {
        long number = closed.incrementAndGet();
        long now = System.nanoTime();
        long due = nextLine.get();
        if (now - due >= 0 && nextLine.compareAndSet(due, now + LOG_INTERVAL)) {
            LOG.warn(
                    "{} connection(s) over HTTP were closed without an answer since the last such line: {}. The last one came"
                            + " from {}. Data and running operations are not affected. If these clients are yours, let them"
                            + " share connections, or raise the limit of open files.",
                    number,
                    reason,
                    remote instanceof InetSocketAddress socket && socket.getAddress() != null
                            ? socket.getAddress().getHostAddress()
                            : "an unknown address");
            closed.addAndGet(-number);
        }
    }
}
