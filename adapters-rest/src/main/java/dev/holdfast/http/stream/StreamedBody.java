package dev.holdfast.http.stream;

import io.micronaut.core.io.buffer.ReadBuffer;
import io.micronaut.core.io.buffer.ReadBufferFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A response's body that a virtual thread of its own pulls out of a {@link Source}, one piece whenever the client has
 * taken the one before, so that memory does not grow with a slow reader. The source is closed by that thread in every
 * case: at the end, on an error, when the client goes away, and when it takes nothing for {@code stall}.
 */
public final class StreamedBody implements Subscription {
    private static final Logger LOG = LoggerFactory.getLogger(StreamedBody.class);

    private static final AtomicInteger OPEN = new AtomicInteger();

    private final Source source;
    private final OptionalLong length;
    private final Duration stall;
    private final Thread puller;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All guarded by the lock.
    private @Nullable Subscriber<? super ReadBuffer> client;
    private @Nullable ReadBufferFactory buffers;
    private long demand;
    private boolean cancelled;
    private boolean pulling;

    private StreamedBody(Source source, OptionalLong length, Duration stall) {
        this.source = source;
        this.length = length;
        this.stall = stall;
        this.puller = Thread.ofVirtual().name("response-body").unstarted(this::pull);
    }

    /** From here on {@code source} is this body's to close, whether or not anybody ever reads it. */
    public static StreamedBody of(Source source, OptionalLong length, Duration stall) {
        var body = new StreamedBody(source, length, stall);
        OPEN.incrementAndGet();
        body.puller.start();
        return body;
    }

    /** How many bodies hold on to their source now. */
    public static int open() {
        return OPEN.get();
    }

    OptionalLong length() {
        return length;
    }

    void subscribe(Subscriber<? super ReadBuffer> subscriber, ReadBufferFactory factory) {
        lock.lock();
        try {
            client = subscriber;
            buffers = factory;
        } finally {
            lock.unlock();
        }
        subscriber.onSubscribe(this);
    }

    @Override
    public void request(long n) {
        lock.lock();
        try {
            demand = demand + n < demand ? Long.MAX_VALUE : demand + n;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void cancel() {
        lock.lock();
        try {
            cancelled = true;
            changed.signalAll();
            // Only out of waiting for the source; its closing must not be disturbed.
            if (pulling) {
                puller.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    private void pull() {
        @Nullable Throwable failure = null;
        boolean complete = false;
        try (Source closing = source) {
            while (awaitDemand()) {
                byte @Nullable [] piece = next(closing);
                if (piece == null) {
                    complete = true;
                    break;
                }
                deliver(piece);
            }
        } catch (Exception | Error e) {
            failure = e;
        } finally {
            OPEN.decrementAndGet();
        }
        finish(complete, failure);
    }

    /** @return false if there is nobody left to deliver to */
    private boolean awaitDemand() throws InterruptedException, TimeoutException {
        lock.lock();
        try {
            long left = stall.toNanos();
            while (demand == 0 && !cancelled) {
                if (left <= 0) {
                    throw new TimeoutException("the client took nothing for " + stall);
                }
                left = changed.awaitNanos(left);
            }
            if (cancelled) {
                return false;
            }
            demand--;
            pulling = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private byte @Nullable [] next(Source from) throws Exception {
        try {
            return from.next();
        } finally {
            lock.lock();
            try {
                pulling = false;
            } finally {
                lock.unlock();
            }
        }
    }

    private void deliver(byte[] piece) {
        Subscriber<? super ReadBuffer> to = client;
        ReadBufferFactory factory = buffers;
        if (to != null && factory != null) {
            to.onNext(factory.adapt(piece));
        }
    }

    private void finish(boolean complete, @Nullable Throwable failure) {
        @Nullable Subscriber<? super ReadBuffer> to;
        boolean gone;
        lock.lock();
        try {
            to = client;
            gone = cancelled;
        } finally {
            lock.unlock();
        }
        if (failure != null && !gone) {
            LOG.warn("A response was cut off", failure);
        }
        if (to == null || gone) {
            return;
        }
        if (complete && failure == null) {
            to.onComplete();
        } else if (failure != null) {
            to.onError(failure);
        }
    }

    /** Where the bytes come from. Used by one thread. */
    public interface Source extends AutoCloseable {
        /** The next bytes, or null at the end. May block; is interrupted when the client goes away. */
        byte @Nullable [] next() throws Exception;

        @Override
        void close() throws IOException;
    }
}
