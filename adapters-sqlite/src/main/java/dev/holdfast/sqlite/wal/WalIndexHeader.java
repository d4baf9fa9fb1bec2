package dev.holdfast.sqlite.wal;

import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.io.Channels;
import dev.holdfast.sqlite.lock.DeadlineBusyHandler;
import dev.holdfast.sqlite.lock.ForeignLocks;
import dev.holdfast.sqlite.lock.OwnLocks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.util.Optional;
import java.util.Set;

/**
 * The header of the shared memory: how much of the log is committed for everybody. The log itself may hold a commit
 * more, that of a writer which died before it could say so; SQLite passes over it and writes there again. Format:
 * sqlite.org/walformat, "The WAL-Index Header", and {@code docs/internals/wal.md#the-wal-index-header}.
 *
 * @param sharedMemory closed by its owner after every connection of the process to the database: {@code
 *     docs/internals/locks.md#order-of-closing}
 */
public record WalIndexHeader(FileChannel sharedMemory) {
    /** Bytes of the wal-index that SQLite locks, from sqlite.org/walformat, "Locking Matrix". */
    public static final long WRITE_LOCK = 120;

    public static final long READ_LOCKS = 123;
    public static final long READ_LOCK_COUNT = 5;

    /** Each connection in WAL mode holds this byte as long as it uses the wal-index. */
    static final long DEAD_MAN_SWITCH = 128;

    private static final int LENGTH = 48;
    private static final int FRAMES = 16;
    private static final int SALTS = 32;
    private static final int CHECKSUM = 40;

    /** A writer takes some nanoseconds to write it. */
    private static final int ATTEMPTS = 200;

    /**
     * What it says.
     *
     * @param salts of the log that {@code frames} belongs to, as in that log's header
     */
    public record Committed(long salts, int frames) {}

    /** It stays half-written: its writer is dead, and the next program that begins to read will recover it. */
    static final class HalfWrittenException extends IOException {
        private static final long serialVersionUID = 1L;

        HalfWrittenException() {
            super("the log's index stays half-written");
        }
    }

    /**
     * Returns whether another process uses the wal-index of this file, which is what makes its content valid. Works
     * inside the file's gate, and this process must have no SQLite connection to the file. On a system without an
     * answer, a wal-index that exists is taken to be used.
     */
    public static boolean isUsedByOthers(LiveFile file) throws IOException {
        for (int attempt = 1; Files.exists(file.sharedMemory()); attempt++) {
            if (!ForeignLocks.areVisible()) {
                return true;
            }
            try (ForeignLocks locks = file.locksOn(file.sharedMemory())) {
                return locks.isHeld(DEAD_MAN_SWITCH, 1);
            } catch (IOException e) {
                // The last program that used it may have removed it, and the next one made it again.
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
        return false;
    }

    /**
     * Returns the other processes that use the wal-index, if they can be seen.
     *
     * @param file as the kernel names it
     */
    static Set<Long> visibleUsers(String file) throws IOException {
        return OwnLocks.processesOn(file, DEAD_MAN_SWITCH, 1);
    }

    /** Empty if it stays half-written. */
    public Optional<Committed> read() throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            ByteBuffer twice = ByteBuffer.allocate(2 * LENGTH);
            Channels.read(sharedMemory, twice, 0);
            if (isWhole(twice)) {
                return Optional.of(new Committed(
                        twice.order(ByteOrder.BIG_ENDIAN).getLong(SALTS),
                        twice.order(ByteOrder.nativeOrder()).getInt(FRAMES)));
            }
            DeadlineBusyHandler.pause();
        }
        return Optional.empty();
    }

    /** It stands there twice, and has a checksum. */
    private static boolean isWhole(ByteBuffer twice) {
        if (twice.hasRemaining() || !twice.slice(0, LENGTH).equals(twice.slice(LENGTH, LENGTH))) {
            return false;
        }
        ByteBuffer words = twice.order(ByteOrder.nativeOrder());
        int a = 0;
        int b = 0;
        for (int i = 0; i < CHECKSUM; i += 8) {
            a += words.getInt(i) + b;
            b += words.getInt(i + 4) + a;
        }
        return a == words.getInt(CHECKSUM) && b == words.getInt(CHECKSUM + 4);
    }
}
