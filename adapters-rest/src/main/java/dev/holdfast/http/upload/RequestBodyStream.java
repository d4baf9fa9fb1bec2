package dev.holdfast.http.upload;

import io.micronaut.core.io.buffer.ReadBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * A request's body as a stream, for any thread. Takes from the connection what is read, and {@value #AHEAD} pieces
 * ahead; a client that is faster has to wait. Unlike the framework's own stream it does not wait for ever.
 */
final class RequestBodyStream extends InputStream implements Subscriber<ReadBuffer> {
    private static final int AHEAD = 16;

    private final Duration silence;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All guarded by the lock.
    private @Nullable Subscription subscription;
    private @Nullable ReadBuffer piece;
    private final Deque<ReadBuffer> ahead = new ArrayDeque<>(AHEAD);
    private int taken;
    private @Nullable Throwable failure;
    private boolean ended;
    private boolean closed;

    private RequestBodyStream(Duration silence) {
        this.silence = silence;
    }

    /** @param silence after which a read gives up */
    static RequestBodyStream of(Publisher<ReadBuffer> pieces, Duration silence) {
        var body = new RequestBodyStream(silence);
        pieces.subscribe(body);
        return body;
    }

    @Override
    public void onSubscribe(Subscription newSubscription) {
        boolean late;
        lock.lock();
        try {
            subscription = newSubscription;
            late = closed;
        } finally {
            lock.unlock();
        }
        if (late) {
            newSubscription.cancel();
        } else {
            newSubscription.request(AHEAD);
        }
    }

    @Override
    public void onNext(ReadBuffer next) {
        lock.lock();
        try {
            if (closed) {
                next.close();
            } else {
                ahead.add(next);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onError(Throwable thrown) {
        lock.lock();
        try {
            failure = thrown;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onComplete() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        lock.lock();
        try {
            int count = 0;
            // Waits for the first piece, and takes what else is there.
            while (count < length && (count == 0 || piece != null || !ahead.isEmpty())) {
                ReadBuffer current = awaitPiece();
                if (current == null) {
                    return -1;
                }
                count += take(current, into, from + count, length - count);
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    private int take(ReadBuffer current, byte[] into, int from, int length) {
        int available = current.readable();
        if (available > length) {
            current.split(length).toArray(into, from);
            return length;
        }
        piece = null;
        current.toArray(into, from); // closes it
        return available;
    }

    private @Nullable ReadBuffer awaitPiece() throws IOException {
        long left = silence.toNanos();
        while (true) {
            if (closed) {
                throw new IOException("the request's body is closed");
            }
            if (piece != null) {
                return piece;
            }
            if (!ahead.isEmpty()) {
                piece = ahead.remove();
                askForMore();
            } else if (failure != null) {
                throw new IOException("the request's body was cut off", failure);
            } else if (ended) {
                return null;
            } else if (left <= 0) {
                // Kept, so that whoever reads again does not wait again.
                failure = new IOException("nothing came for " + silence);
            } else {
                left = await(left);
            }
        }
    }

    /** In lots, so that the connection's thread is not woken for each piece. */
    private void askForMore() {
        taken++;
        if (subscription != null && taken >= AHEAD / 2) {
            subscription.request(taken);
            taken = 0;
        }
    }

    @SuppressWarnings("WaitNotInLoop") // its caller loops
    private long await(long left) throws InterruptedIOException {
        try {
            return changed.awaitNanos(left);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the request's body was waited for");
        }
    }

    /** Whether the body will not come to its end. */
    boolean isCutOff() {
        lock.lock();
        try {
            return failure != null;
        } finally {
            lock.unlock();
        }
    }

    /** What is still to come is thrown away; a read that waits gives up. */
    @Override
    public void close() {
        @Nullable Subscription cancelled;
        lock.lock();
        try {
            closed = true;
            cancelled = subscription;
            if (piece != null) {
                piece.close();
                piece = null;
            }
            ahead.forEach(ReadBuffer::close);
            ahead.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (cancelled != null) {
            cancelled.cancel();
        }
    }
}
