package dev.holdfast.sqlite.lock;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.sqlite.io.FileState;
import dev.holdfast.tree.NativeFunctions;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * {@code stat} that does not answer from a cache: FUSE and network file systems keep the times and the size of a file for
 * some seconds. See statx(2), {@code AT_STATX_FORCE_SYNC}.
 */
public final class FreshStat {
    private static final boolean KNOWN_SYSTEM = ForeignLocks.areVisible();

    private static final int CURRENT_DIRECTORY = -100;
    private static final int NO_FOLLOW_AND_FORCE_SYNC = 0x100 | 0x2000;
    private static final int BASIC_STATS = 0x7ff;

    /** {@code struct statx}, and offsets within. */
    private static final long BYTES = 256;

    private static final long INODE = 32;
    private static final long SIZE = 40;
    private static final long CHANGED = 96;
    private static final long MODIFIED = 112;
    private static final long NANOS = 8;
    private static final long DEVICE_MAJOR = 136;
    private static final long DEVICE_MINOR = 140;

    private FreshStat() {}

    /** Empty if there is no file, or if this system has no such call: then {@link FileState#of} says which. */
    public static Optional<FileState> of(Path file) {
        if (!KNOWN_SYSTEM || Calls.STATX.isEmpty()) {
            return Optional.empty();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = arena.allocate(BYTES, Long.BYTES);
            int status = (int) Calls.STATX
                    .get()
                    .invokeExact(
                            CURRENT_DIRECTORY,
                            arena.allocateFrom(file.toString(), UTF_8),
                            NO_FOLLOW_AND_FORCE_SYNC,
                            BASIC_STATS,
                            found);
            return status == 0 ? Optional.of(state(found)) : Optional.empty();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static FileState state(MemorySegment found) {
        long device = (long) found.get(JAVA_INT, DEVICE_MAJOR) << Integer.SIZE
                | Integer.toUnsignedLong(found.get(JAVA_INT, DEVICE_MINOR));
        return new FileState(
                device,
                found.get(JAVA_LONG, INODE),
                found.get(JAVA_LONG, SIZE),
                nanos(found, MODIFIED),
                nanos(found, CHANGED));
    }

    private static long nanos(MemorySegment found, long at) {
        return found.get(JAVA_LONG, at) * 1_000_000_000 + found.get(JAVA_INT, at + NANOS);
    }

    private static final class Calls {
        static final Optional<MethodHandle> STATX = statx();

        @SuppressWarnings("restricted") // as for SQLite itself, the start script allows it
        private static Optional<MethodHandle> statx() {
            try {
                return Optional.of(Linker.nativeLinker()
                        .downcallHandle(
                                NativeFunctions.address("statx"),
                                FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS)));
            } catch (NoSuchElementException e) {
                return Optional.empty(); // a C library from before 2018
            }
        }
    }
}
