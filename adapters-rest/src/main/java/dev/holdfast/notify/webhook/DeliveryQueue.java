package dev.holdfast.notify.webhook;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What waits for one receiver, oldest first, at most {@link #CAPACITY}. */
final class DeliveryQueue<T> {
    static final int CAPACITY = 1000;

    private final ArrayDeque<T> waiting = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean closed;

    /** Adds it, unless closed, in place of the oldest if there is no room. @return what will not be sent for it */
    Optional<T> add(T item) {
        lock.lock();
        try {
            if (closed) {
                return Optional.of(item);
            }
            Optional<T> oldest = waiting.size() < CAPACITY ? Optional.empty() : Optional.of(waiting.removeFirst());
            waiting.addLast(item);
            changed.signal();
            return oldest;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the next one, until closed at the longest; empty once it is closed and nothing is left. */
    Optional<T> take() {
        lock.lock();
        try {
            while (waiting.isEmpty()) {
                if (closed) {
                    return Optional.empty();
                }
                changed.awaitUninterruptibly();
            }
            return Optional.of(waiting.removeFirst());
        } finally {
            lock.unlock();
        }
    }

    /** Takes nothing more; what is in it can still be taken. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Takes out all that is left. */
    List<T> clear() {
        lock.lock();
        try {
            List<T> left = List.copyOf(waiting);
            waiting.clear();
            return left;
        } finally {
            lock.unlock();
        }
    }
}
