package dev.holdfast.sqlite;

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
import java.util.Locale;

/**
 * Whether a program holds the lock of a database in WAL mode that only one writer can have, from the beginning of its
 * writing until its commit is over. Only asks ({@code fcntl}, {@code F_GETLK}): Java can find out by taking the lock
 * alone, and then a program that begins to write in that instant is told that the database is busy.
 *
 * <p>Where the system is not a 64-bit Linux nobody is ever seen.
 */
final class WriterProbe implements AutoCloseable {
    /** Of the shared memory, "WAL_WRITE_LOCK" in sqlite.org/walformat. */
    private static final long WRITE = 120;

    private static final int READ_ONLY_CLOSE_ON_EXEC = 02000000;
    private static final int GET_LOCK = 5;
    private static final short READ_LOCK = 0;
    private static final short UNLOCKED = 2;
    private static final boolean KNOWN_SYSTEM =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux") && ADDRESS.byteSize() == 8;

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

    private final Path sharedMemory;
    private final int descriptor;

    private WriterProbe(Path sharedMemory, int descriptor) {
        this.sharedMemory = sharedMemory;
        this.descriptor = descriptor;
    }

    /** @param sharedMemory to be closed after every connection of this process to the database (rule 33) */
    static WriterProbe on(Path sharedMemory) throws IOException {
        if (!KNOWN_SYSTEM) {
            return new WriterProbe(sharedMemory, -1);
        }
        try (Arena arena = Arena.ofConfined()) {
            int opened = (int)
                    Calls.OPEN.invokeExact(arena.allocateFrom(sharedMemory.toString(), UTF_8), READ_ONLY_CLOSE_ON_EXEC);
            if (opened < 0) {
                throw new IOException(sharedMemory + " cannot be opened");
            }
            return new WriterProbe(sharedMemory, opened);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    boolean seesWriter() throws IOException {
        if (descriptor < 0) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment lock = arena.allocate(LOCK);
            lock.set(JAVA_SHORT, 0, READ_LOCK);
            lock.set(JAVA_LONG, START, WRITE);
            lock.set(JAVA_LONG, LENGTH, 1);
            if ((int) Calls.CONTROL.invokeExact(descriptor, GET_LOCK, lock) != 0) {
                throw new IOException(sharedMemory + " cannot be asked for its locks");
            }
            return lock.get(JAVA_SHORT, 0) != UNLOCKED;
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
