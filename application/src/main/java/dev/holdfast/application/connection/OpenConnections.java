package dev.holdfast.application.connection;

import java.lang.System.Logger.Level;
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

/**
 * Counts the open connections of all servers of this process, and the memory that they hold before a request is complete. Safe
 * for several threads.
 */
public final class OpenConnections {
    private static final int NETWORK_BYTES = 8;
    private static final long LOG_INTERVAL = TimeUnit.MINUTES.toNanos(1);
    private static final System.Logger LOG = System.getLogger(OpenConnections.class.getName());

    private final ConnectionLimits limits;
    private final Map<Object, Integer> ofAddress = new HashMap<>();
    private int all;
    private final AtomicLong held = new AtomicLong();
    private final AtomicLong closed = new AtomicLong();
    private final AtomicLong nextLine = new AtomicLong(System.nanoTime());

    public OpenConnections(ConnectionLimits limits) {
        this.limits = limits;
    }

    public ConnectionLimits limits() {
        return limits;
    }

    /** Returns whether another connection of this address may be open; then {@link #end} follows. */
    public boolean begin(@Nullable SocketAddress remote) {
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

    public void end(@Nullable SocketAddress remote) {
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
    public boolean hold(long before, long now) {
        return held.addAndGet(now - before) <= limits.heldBytes() || now <= before;
    }

    /** Logs at most one line a minute, so that strangers cannot fill the log. */
    public void reportClosed(String reason, @Nullable SocketAddress remote) {
        long number = closed.incrementAndGet();
        long now = System.nanoTime();
        long due = nextLine.get();
        if (now - due >= 0 && nextLine.compareAndSet(due, now + LOG_INTERVAL)) {
            String address = remote instanceof InetSocketAddress socket && socket.getAddress() != null
                    ? socket.getAddress().getHostAddress()
                    : "an unknown address";
            LOG.log(
                    Level.WARNING,
                    number + " connection(s) were closed without an answer since the last such line: " + reason
                            + ". The last one came from " + address + ". Data and running operations are not affected."
                            + " If these clients are yours, let them share connections, or raise the limit of open files.");
            closed.addAndGet(-number);
        }
    }
}
