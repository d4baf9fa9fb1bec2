package dev.holdfast.application.connection;

import java.time.Duration;

/**
 * How many connections are open at once, over HTTP and gRPC together, and how long the server waits for a client that sends nothing.
 *
 * @param all of all clients
 * @param ofOneAddress of one address, or of one network of IPv6 with 64 bits. A proxy has one address for all clients
 * @param reserve more for addresses of loopback that have fewer than these, so that this machine's own probes are
 *     answered when other clients have all connections
 * @param heldBytes the memory for heads of requests that have arrived in part, of all connections
 * @param head the time for one head, and for the first one from the connection's beginning
 * @param silence the time without a byte between two requests, and within a body that the server reads
 */
public record ConnectionLimits(
        int all, int ofOneAddress, int reserve, long heldBytes, Duration head, Duration silence) {
    private static final int MIN_CONNECTIONS = 64;
    private static final int MAX_CONNECTIONS = 16_384;
    private static final int LOOPBACK_RESERVE = 32;
    /** What a connection costs without a request, with room for the requests. */
    private static final long HEAP_OF_CONNECTION = 64 << 10;

    private static final long MAX_HELD_BYTES = 64 << 20;
    private static final Duration USUAL_HEAD = Duration.ofSeconds(30);
    /** Longer than usual proxies and clients keep a connection that they do not use, so they close it first. */
    private static final Duration USUAL_SILENCE = Duration.ofMinutes(3);

    /**
     * Half of the descriptors and an eighth of the memory; the rest is for the server's own work.
     *
     * @param descriptors that the process may have open
     * @param memory of the heap at most, in bytes
     */
    public static ConnectionLimits of(long descriptors, long memory) {
        long fitting = Math.min(descriptors / 2, memory / HEAP_OF_CONNECTION);
        int all = Math.clamp(fitting, MIN_CONNECTIONS, MAX_CONNECTIONS);
        return new ConnectionLimits(
                all, all / 2, LOOPBACK_RESERVE, Math.min(MAX_HELD_BYTES, memory / 8), USUAL_HEAD, USUAL_SILENCE);
    }
}
