package dev.holdfast.grpc.service;

import com.google.protobuf.ByteString;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a client sends, as a stream to read. Holds no more than was asked for: each chunk that has been read asks for
 * another one, so a slow disk slows the client down.
 */
final class UploadChunkStream extends InputStream {
    /** How often a reader that waits looks whether it may wait no longer. */
    private static final long LOOK = TimeUnit.SECONDS.toNanos(1);

    private final IdleTimeout silence;
    private final Runnable askForMore;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Of the one reader.
    private ByteString current = ByteString.EMPTY;
    private int position;

    // All guarded by the lock.
    private final Queue<ByteString> waiting = new ArrayDeque<>();
    private long announced;
    private long arrived;
    private boolean complete;
    private @Nullable String broken;
    private @Nullable Problem refused;

    /** @param silence after which a reader gives up */
    UploadChunkStream(IdleTimeout silence, Runnable askForMore) {
        this.silence = silence;
        this.askForMore = askForMore;
    }

    /** From now on other than so many bytes are an error; to be called before the first chunk. */
    void announce(long size) {
        change(() -> announced = size);
    }

    /** @param chunk not empty */
    void add(ByteString chunk) {
        change(() -> {
            arrived += chunk.size();
            if (announced > 0 && arrived > announced) {
                give(new Problem.InvalidArgument(
                        "metadata.size",
                        "More came than the " + announced + " bytes that the metadata announce; send it again."));
            } else if (broken == null && refused == null) {
                waiting.add(chunk);
            }
        });
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

    /** What comes is wrong; whoever reads on gets a {@link ProblemException}. */
    void refuse(Problem problem) {
        change(() -> give(problem));
    }

    private void give(Problem problem) {
        refused = problem;
        waiting.clear();
    }

    private void change(Runnable step) {
        lock.lock();
        try {
            step.run();
            changed.signalAll();
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
        if (position == current.size()) {
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
            await();
            if (refused != null) {
                throw new ProblemException(refused);
            }
            if (broken != null) {
                throw new IOException(broken);
            }
            if (waiting.isEmpty() && arrived < announced) {
                throw new IOException("only " + arrived + " of " + announced + " bytes came");
            }
            return waiting.poll();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while more was waited for", e);
        } finally {
            lock.unlock();
        }
    }

    private void await() throws IOException, InterruptedException {
        long began = System.nanoTime();
        while (waiting.isEmpty() && !complete && broken == null && refused == null) {
            long left = silence.atMost().toNanos() - (System.nanoTime() - began);
            if (left <= 0) {
                throw new IOException("nothing came for " + silence.atMost().toSeconds() + " s");
            }
            var _ = changed.awaitNanos(Math.min(left, LOOK));
        }
    }
}
