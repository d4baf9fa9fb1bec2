package dev.holdfast.security;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import java.io.IOException;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that an identity provider publishes: one set, kept for {@link #KEPT}. One thread at a time reads it, and others that
 * need it wait for that one, with a bound. A key that is known never waits. The clock is the monotonic one: a clock that is set
 * back does not keep withdrawn keys.
 */
final class PublishedKeys {
    static final Duration KEPT = Duration.ofMinutes(10);

    /** In this time at most {@link #MAX_READINGS} readings for unknown keys, and as many where there is no set. */
    static final Duration INTERVAL = Duration.ofSeconds(30);

    static final int MAX_READINGS = 2;

    private static final Logger LOG = LoggerFactory.getLogger(PublishedKeys.class);
    private final BoundedJwksClient client;
    private final URI url;
    private final LongSupplier nanoTime;
    private final ReentrantLock reading = new ReentrantLock();
    private final Limit forUnknownKeys = new Limit();
    private final Limit withoutKeys = new Limit();
    private volatile @Nullable KeySet latest;
    private boolean failed;

    /**
     * @param client whose time is also the longest wait for another thread
     * @param nanoTime as {@link System#nanoTime}
     */
    PublishedKeys(BoundedJwksClient client, URI url, LongSupplier nanoTime) {
        this.client = client;
        this.url = url;
        this.nanoTime = nanoTime;
    }

    /** What was read at one time; another reading of the same text is another one. */
    private static final class KeySet {
        private final JWKSet keys;
        private final long readAt;

        KeySet(JWKSet keys, long readAt) {
            this.keys = keys;
            this.readAt = readAt;
        }

        List<JWK> matching(JWKMatcher matcher) {
            return new JWKSelector(matcher).select(keys);
        }
    }

    /** Reads the keys in the background, so that the log says early that they cannot be read. */
    void readAhead() {
        Thread.ofPlatform().daemon().name("identity-provider-keys").start(() -> renewed(null));
    }

    /** The keys for a token; empty also while they cannot be read. May block for some seconds. */
    List<JWK> matching(JWKMatcher matcher) {
        @Nullable KeySet known = current();
        List<JWK> found = known == null ? List.of() : known.matching(matcher);
        return found.isEmpty() ? renewed(known).map(it -> it.matching(matcher)).orElse(List.of()) : found;
    }

    /** How many threads wait for one that reads; for tests. */
    int waiting() {
        return reading.getQueueLength();
    }

    private @Nullable KeySet current() {
        @Nullable KeySet set = latest;
        return set != null && nanoTime.getAsLong() - set.readAt < KEPT.toNanos() ? set : null;
    }

    /** A set other than the known one; empty if there is none, or none in time. */
    private Optional<KeySet> renewed(@Nullable KeySet known) {
        try {
            if (!reading.tryLock(client.maxTime().toMillis(), TimeUnit.MILLISECONDS)) {
                return Optional.empty();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
        try {
            @Nullable KeySet now = current();
            if (now != null && now != known) {
                return Optional.of(now); // by the thread that this one has waited for
            }
            Limit limit = now == null ? withoutKeys : forUnknownKeys;
            return limit.allows(nanoTime.getAsLong()) ? read() : Optional.empty();
        } finally {
            reading.unlock();
        }
    }

    private Optional<KeySet> read() {
        try {
            var set = new KeySet(JWKSet.parse(client.read(url)), nanoTime.getAsLong());
            latest = set;
            if (failed) {
                LOG.info("The identity provider's keys can be read from {} again.", address());
            }
            failed = false;
            return Optional.of(set);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (IOException | ExecutionException | TimeoutException | ParseException | RuntimeException e) {
            failed = true;
            LOG.warn(
                    "The identity provider's keys cannot be read from {}: {}. Its tokens are refused until they can be read"
                            + " again; users and service tokens still get in. Check holdfast.auth.jwks-url, and whether the"
                            + " provider answers.",
                    address(),
                    reason(e));
            return Optional.empty();
        }
    }

    /** Without what may be a secret in it. */
    private String address() {
        String port = url.getPort() < 0 ? "" : ":" + url.getPort();
        return url.getScheme() + "://" + url.getHost() + port + (url.getPath() == null ? "" : url.getPath());
    }

    private String reason(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return switch (cause) {
            case TimeoutException _ ->
                "no whole answer within " + client.maxTime().toSeconds() + " s";
            case ParseException _ -> "the answer is no key set";
            default -> cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        };
    }

    /** Used by the thread that reads. */
    private static final class Limit {
        private final Deque<Long> times = new ArrayDeque<>();

        boolean allows(long now) {
            while (!times.isEmpty() && now - times.getFirst() >= INTERVAL.toNanos()) {
                times.removeFirst();
            }
            if (times.size() >= MAX_READINGS) {
                return false;
            }
            times.addLast(now);
            return true;
        }
    }
}
