package dev.holdfast.tree;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.NoSuchElementException;

/**
 * The addresses of the C library's functions, as the rest of the process finds them. The linker's default lookup reads
 * one library alone and passes over what is preloaded in front of it: the fault kit, or a user's own library.
 */
public final class NativeFunctions {
    private NativeFunctions() {}

    /** @throws NoSuchElementException if the process has no function of this name */
    public static MemorySegment address(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found =
                    (MemorySegment) Lookup.SYMBOL.invokeExact(MemorySegment.NULL, arena.allocateFrom(name));
            if (found.equals(MemorySegment.NULL)) {
                throw new NoSuchElementException("native function: " + name);
            }
            return found;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Lookup {
        /** {@code dlsym}; its first argument {@code RTLD_DEFAULT} is a null pointer. */
        static final MethodHandle SYMBOL = symbol();

        @SuppressWarnings("restricted") // as for SQLite itself, the start script allows it
        private static MethodHandle symbol() {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("dlsym"), FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
        }
    }
}
