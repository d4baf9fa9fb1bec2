package dev.holdfast.files.archive.directory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.holdfast.tree.NativeFunctions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.Charset;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;

/**
 * Sets a directory's whole mode. Java sets nine bits through an open directory, and all of them by a path alone, in which
 * somebody could put a link meanwhile. Linux only.
 */
final class DirectoryModes {
    private static final int CLOSE_ON_EXEC = 02000000;
    private static final int DIRECTORY_NO_LINK = directoryNoLink();
    private static final MethodHandle OPEN = function("open", 2, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle OPEN_AT = function("openat", 3, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle CHANGE = function("fchmod", -1, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE = function("close", -1, JAVA_INT, JAVA_INT);

    private DirectoryModes() {}

    /** Two processors' kernels give other numbers to the same flags; 0 if this one's are not known. */
    private static int directoryNoLink() {
        return switch (System.getProperty("os.arch")) {
            case "amd64" -> 0200000 | 0400000;
            case "aarch64" -> 040000 | 0100000;
            default -> 0;
        };
    }

    @SuppressWarnings("restricted") // as for SQLite itself, the start script allows it
    private static MethodHandle function(String name, int variable, MemoryLayout result, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        Linker.Option[] options =
                variable < 0 ? new Linker.Option[0] : new Linker.Option[] {Linker.Option.firstVariadicArg(variable)};
        return linker.downcallHandle(NativeFunctions.address(name), FunctionDescriptor.of(result, arguments), options);
    }

    /**
     * @param identity which {@code top} has to have
     * @param path below {@code top}; empty for itself
     */
    static void set(Path top, Object identity, String path, int mode) throws IOException {
        if (DIRECTORY_NO_LINK == 0) {
            return;
        }
        int flags = DIRECTORY_NO_LINK | CLOSE_ON_EXEC;
        try (Arena arena = Arena.ofConfined()) {
            int open = (int) OPEN.invokeExact(text(arena, top.toString()), flags);
            try {
                requireOpen(open, top);
                Path link = Path.of("/proc/self/fd", Integer.toString(open));
                if (!identity.equals(
                        Files.readAttributes(link, BasicFileAttributes.class).fileKey())) {
                    throw new FileSystemException(top.toString(), null, "something else has taken its place");
                }
                for (String name : path.isEmpty() ? new String[0] : path.split("/")) {
                    int below = (int) OPEN_AT.invokeExact(open, text(arena, name), flags);
                    close(open);
                    open = below;
                    requireOpen(open, top.resolve(path));
                }
                if ((int) CHANGE.invokeExact(open, mode) != 0) {
                    throw new FileSystemException(top.resolve(path).toString(), null, "its mode cannot be set");
                }
            } finally {
                close(open);
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static void requireOpen(int open, Path shown) throws IOException {
        if (open < 0) {
            throw new FileSystemException(shown.toString(), null, "it cannot be opened");
        }
    }

    private static void close(int open) throws Throwable {
        if (open >= 0) {
            int _ = (int) CLOSE.invokeExact(open);
        }
    }

    /** As the file system has names. */
    private static MemorySegment text(Arena arena, String name) {
        byte[] bytes = name.getBytes(Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8")));
        return arena.allocateFrom(JAVA_BYTE, Arrays.copyOf(bytes, bytes.length + 1));
    }
}
