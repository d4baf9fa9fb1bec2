package dev.holdfast.store.folder;

import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/** Lets one thread at a time change what belongs to a key. Some keys share a lock. */
public final class KeyLocks {
    /** Far more than a few file system calls take, unless the file system hangs. */
    private static final long LONGEST_WAIT_SECONDS = 60;

    private static final int LOCKS = 64;

    private final List<ReentrantLock> locks =
            Stream.generate(ReentrantLock::new).limit(LOCKS).toList();

    public <T> T holding(BackupKey key, FileWork<T> change) throws IOException {
        ReentrantLock lock = lock(key);
        acquire(lock, key);
        try {
            return change.run();
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether {@code change} ran: not while another thread changes what belongs to the key. */
    public boolean tryHolding(BackupKey key, FileWork<?> change) throws IOException {
        ReentrantLock lock = lock(key);
        if (!lock.tryLock()) {
            return false;
        }
        try {
            change.run();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private ReentrantLock lock(BackupKey key) {
        return locks.get(Math.floorMod(key.hashCode(), LOCKS));
    }

    private static void acquire(ReentrantLock lock, BackupKey key) {
        try {
            if (!lock.tryLock(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new ProblemException(new Problem.StoreUnavailable("Another change of backup \"" + key
                        + "\" has not ended for " + LONGEST_WAIT_SECONDS + " s; does the file system answer?"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProblemException(
                    new Problem.StoreUnavailable(
                            "Interrupted while waiting for another change of \"" + key + "\"; ask again."),
                    e);
        }
    }
}
