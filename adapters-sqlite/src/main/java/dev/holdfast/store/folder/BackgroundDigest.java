package dev.holdfast.store.folder;

import dev.holdfast.domain.backup.Sha256;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.security.MessageDigest;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Hashes on another thread what its caller goes on to write: hashing takes about as long as writing. Content of less
 * than a piece is hashed in place. For one thread.
 */
final class BackgroundDigest implements AutoCloseable {
    static final int PIECE_BYTES = 1 << 20;

    private final MessageDigest digest = Sha256.newDigest();
    private byte[] filling = new byte[PIECE_BYTES];
    private int filled;

    /** What the other thread hashes, or has hashed; free again then. */
    private byte @Nullable [] handedOver;

    private @Nullable Future<?> hashing;
    private @Nullable ExecutorService thread;

    void update(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length; ) {
            int count = Math.min(length - done, PIECE_BYTES - filled);
            System.arraycopy(bytes, offset + done, filling, filled, count);
            filled += count;
            done += count;
            if (filled == PIECE_BYTES) {
                handOver();
            }
        }
    }

    private void handOver() throws IOException {
        awaitHashed();
        byte[] next = handedOver == null ? new byte[PIECE_BYTES] : handedOver;
        byte[] full = filling;
        if (thread == null) {
            thread = Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("digest").factory());
        }
        hashing = thread.submit(() -> digest.update(full));
        handedOver = full;
        filling = next;
        filled = 0;
    }

    private void awaitHashed() throws IOException {
        try {
            if (hashing != null) {
                hashing.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the content was hashed");
        } catch (ExecutionException e) {
            throw new IOException("the content could not be hashed", e);
        }
    }

    /** Of all that was given; to be called once. */
    Sha256 finish() throws IOException {
        awaitHashed();
        digest.update(filling, 0, filled);
        close();
        return Sha256.of(digest.digest());
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (thread != null) {
            thread.shutdownNow();
        }
    }
}
