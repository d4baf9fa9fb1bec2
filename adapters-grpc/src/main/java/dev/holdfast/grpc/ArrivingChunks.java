package dev.holdfast.grpc;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a client sends, as a stream to read. Holds no more than was asked for: each chunk that has been read asks for
 * another one, so a slow disk slows the client down.
 */
final class ArrivingChunks extends InputStream {
    private final Duration silence;
    private final Runnable askForMore;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Queue<ByteString> waiting = new ArrayDeque<>();
    private ByteString current = ByteString.EMPTY;
    private int position;
    private boolean complete;
    private @Nullable String broken;

    /** @param silence after which a reader gives up */
    ArrivingChunks(Duration silence, Runnable askForMore) {
        this.silence = silence;
        this.askForMore = askForMore;
    }

    void add(ByteString chunk) {
        change(() -> waiting.add(chunk));
    }

    /** Nothing more comes, and that is as it should be. */
    void complete() {
        change(() -> complete = true);
    }

    /** Nothing more comes; whoever reads on gets an {@link IOException}. */
    void breakOff(String why) {
        change(() -> {
            if (!complete) {
                broken = why;
                waiting.clear();
            }
        });
    }

    private void change(Runnable step) {
        lock.lock();
        try {
            step.run();
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        while (position == current.size()) {
            ByteString next = next();
            if (next == null) {
                return -1;
            }
            current = next;
            position = 0;
            askForMore.run();
        }
        int read = Math.min(length, current.size() - position);
        current.substring(position, position + read).copyTo(into, offset);
        position += read;
        return read;
    }

    /** Null at the end. */
    private @Nullable ByteString next() throws IOException {
        lock.lock();
        try {
            long left = silence.toNanos();
            while (waiting.isEmpty() && !complete && broken == null) {
                if (left <= 0) {
                    throw new IOException("nothing came for " + silence.toSeconds() + " s");
                }
                left = arrived.awaitNanos(left);
            }
            if (broken != null) {
                throw new IOException(broken);
            }
            return waiting.poll();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while more was waited for", e);
        } finally {
            lock.unlock();
        }
    }
}
