package dev.holdfast.sqlite.lock;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.tree.NativeFunctions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The locks that other processes hold on a file. Only asks ({@code F_GETLK}): a lock that is taken for a moment would
 * make another process that wants it in this moment report that the database is busy. The answer ignores every lock of
 * this process. See {@code docs/internals/locks.md#which-process-holds-a-byte}.
 *
 * <p>Works inside the file's gate. On systems other than 64-bit Linux no lock is ever seen.
 */
public final class ForeignLocks implements AutoCloseable {
    private static final boolean KNOWN_SYSTEM =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux") && ADDRESS.byteSize() == 8;

    private static final int READ_ONLY_CLOSE_ON_EXEC = 02000000;
    private static final int GET_LOCK = 5;
    private static final int GET_DESCRIPTION_LOCK = 36;
    private static final short READ_LOCK = 0;
    private static final short WRITE_LOCK = 1;
    private static final short UNLOCKED = 2;

    /** The process that the kernel names for a lock of an open file description: such a lock has no process. */
    private static final int NO_PROCESS = -1;

    /** {@code struct flock}. */
    private static final StructLayout LOCK = MemoryLayout.structLayout(
            JAVA_SHORT.withName("type"),
            JAVA_SHORT.withName("whence"),
            MemoryLayout.paddingLayout(4),
            JAVA_LONG.withName("start"),
            JAVA_LONG.withName("length"),
            JAVA_INT.withName("pid"),
            MemoryLayout.paddingLayout(4));

    private static final long START = 8;
    private static final long LENGTH = 16;
    private static final long PID = 24;

    private final Path file;
    private final int descriptor;

    private ForeignLocks(Path file, int descriptor) {
        this.file = file;
        this.descriptor = descriptor;
    }

    /** Returns whether this system answers the question. */
    public static boolean areVisible() {
        return KNOWN_SYSTEM;
    }

    /** @param file to be closed after every SQLite connection of this process to the database */
    public static ForeignLocks on(Path file) throws IOException {
        if (!KNOWN_SYSTEM) {
            return new ForeignLocks(file, -1);
        }
        try (Arena arena = Arena.ofConfined()) {
            int opened =
                    (int) Calls.OPEN.invokeExact(arena.allocateFrom(file.toString(), UTF_8), READ_ONLY_CLOSE_ON_EXEC);
            if (opened < 0) {
                throw new IOException(file + " cannot be opened");
            }
            return new ForeignLocks(file, opened);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /** Returns whether another process holds an exclusive lock on one of these bytes. */
    public boolean isHeldExclusively(long start, long length) throws IOException {
        return descriptor >= 0
                && holder(descriptor, GET_LOCK, READ_LOCK, start, length).isPresent();
    }

    /** Returns whether another process holds a lock, shared or exclusive, on one of these bytes. */
    public boolean isHeld(long start, long length) throws IOException {
        if (descriptor < 0) {
            return false;
        }
        Optional<Integer> holder = holder(descriptor, GET_LOCK, WRITE_LOCK, start, length);
        if (holder.isEmpty() || holder.get() != NO_PROCESS) {
            // The kernel passes over this process's own locks, and names 0 for a process of another PID namespace.
            return holder.isPresent();
        }
        List<OwnLocks.Lock> own = OwnLocks.on(descriptor).stream()
                .filter(lock -> lock.overlaps(start, length))
                .toList();
        return own.stream().noneMatch(OwnLocks.Lock::isOfDescription) || isHeldBehind(own, start, length);
    }

    /**
     * The kernel names one lock only, and a lock of an open file description of this process may hide others.
     *
     * @param own this process's locks on the bytes
     */
    private static boolean isHeldBehind(List<OwnLocks.Lock> own, long start, long length) throws IOException {
        int self = Math.toIntExact(ProcessHandle.current().pid());
        for (OwnLocks.Lock lock : own) {
            Optional<Integer> holder = lock.isOfDescription()
                    ? holder(lock.descriptor(), GET_DESCRIPTION_LOCK, WRITE_LOCK, start, length)
                    : Optional.empty();
            if (holder.isPresent() && holder.get() != NO_PROCESS && holder.get() != self) {
                return true;
            }
        }
        return OwnLocks.areAmongOthers(own, start, length);
    }

    /**
     * Returns whether this process holds a POSIX lock on one of these bytes, through any of its descriptors. On an
     * unknown system it is taken to hold one.
     */
    public boolean isHeldByThisProcess(long start, long length) throws IOException {
        return descriptor < 0
                || OwnLocks.on(descriptor).stream()
                        .anyMatch(lock -> !lock.isOfDescription() && lock.overlaps(start, length));
    }

    /** Returns the name of the file in the kernel's lists of locks; empty unless this process holds a lock on it. */
    public Optional<String> kernelName() throws IOException {
        return descriptor < 0
                ? Optional.empty()
                : OwnLocks.on(descriptor).stream().map(OwnLocks.Lock::file).findFirst();
    }

    /** Returns the process of the first lock that would be in the way of a lock of this type on these bytes. */
    private static Optional<Integer> holder(int descriptor, int command, short type, long start, long length)
            throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment lock = arena.allocate(LOCK);
            lock.set(JAVA_SHORT, 0, type);
            lock.set(JAVA_LONG, START, start);
            lock.set(JAVA_LONG, LENGTH, length);
            if ((int) Calls.CONTROL.invokeExact(descriptor, command, lock) != 0) {
                throw new IOException("descriptor " + descriptor + " cannot be asked for its locks");
            }
            return lock.get(JAVA_SHORT, 0) == UNLOCKED ? Optional.empty() : Optional.of(lock.get(JAVA_INT, PID));
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    @Override
    public void close() throws IOException {
        if (descriptor >= 0) {
            try {
                int _ = (int) Calls.CLOSE.invokeExact(descriptor);
            } catch (Throwable e) {
                throw failed(e);
            }
        }
    }

    @Override
    public String toString() {
        return "locks of other processes on " + file;
    }

    private static IOException failed(Throwable e) {
        return switch (e) {
            case IOException expected -> expected;
            case RuntimeException unexpected -> throw unexpected;
            case Error unexpected -> throw unexpected;
            default -> throw new IllegalStateException(e);
        };
    }

    private static final class Calls {
        static final MethodHandle OPEN = function("open", 2, ADDRESS, JAVA_INT);
        static final MethodHandle CONTROL = function("fcntl", 2, JAVA_INT, JAVA_INT, ADDRESS);
        static final MethodHandle CLOSE = function("close", 1, JAVA_INT);

        /** @param fixed how many arguments come before those of variable number */
        @SuppressWarnings("restricted") // as for SQLite itself, the start script allows it
        private static MethodHandle function(String name, int fixed, MemoryLayout... arguments) {
            Linker linker = Linker.nativeLinker();
            FunctionDescriptor signature = FunctionDescriptor.of(JAVA_INT, arguments);
            MemorySegment address = NativeFunctions.address(name);
            return name.equals("close")
                    ? linker.downcallHandle(address, signature)
                    : linker.downcallHandle(address, signature, Linker.Option.firstVariadicArg(fixed));
        }
    }
}
