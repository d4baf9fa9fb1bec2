package dev.holdfast.store.folder;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.holdfast.tree.NativeFunctions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.Charset;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;

/**
 * The system calls that open and make a directory by the descriptor of the one above it. A link that another program puts
 * into the path meanwhile is not followed: Java's own calls take a whole path, and follow links in all but its last part.
 * Linux only.
 */
final class FolderCalls {
    private static final int CLOSE_ON_EXEC = 02000000;
    private static final int PATH_ONLY = 010000000;
    private static final int DIRECTORY_NO_LINK = directoryNoLink();
    private static final int OWNER_ONLY = 0700;
    private static final int REMOVE_DIRECTORY = 0x200;

    private static final MethodHandle OPEN = function("open", 2, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle OPEN_AT = function("openat", 3, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle MAKE_AT = function("mkdirat", -1, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle REMOVE_AT = function("unlinkat", -1, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle DUPLICATE = function("dup3", -1, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE = function("close", -1, JAVA_INT, JAVA_INT);

    private FolderCalls() {}

    /** Two processors' kernels give other numbers to the same flags; 0 if this one's are not known. */
    private static int directoryNoLink() {
        return switch (System.getProperty("os.arch")) {
            case "amd64" -> 0200000 | 0400000;
            case "aarch64" -> 040000 | 0100000;
            default -> 0;
        };
    }

    @SuppressWarnings("restricted") // as for SQLite itself, the start script allows it
    private static MethodHandle function(String name, int variable, MemoryLayout... types) {
        Linker.Option[] options =
                variable < 0 ? new Linker.Option[0] : new Linker.Option[] {Linker.Option.firstVariadicArg(variable)};
        MemoryLayout[] arguments = Arrays.copyOfRange(types, 1, types.length);
        return Linker.nativeLinker()
                .downcallHandle(NativeFunctions.address(name), FunctionDescriptor.of(types[0], arguments), options);
    }

    private interface Call {
        int make(Arena arena) throws Throwable;
    }

    private static int make(Call call) {
        try (Arena arena = Arena.ofConfined()) {
            return call.make(arena);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** The file behind an open descriptor, under a path that no link is a part of. */
    static Path of(int descriptor) {
        return Path.of("/proc/self/fd", Integer.toString(descriptor));
    }

    /** Opens the root directory, to begin a path with. The caller closes. */
    static int openRoot() throws IOException {
        if (DIRECTORY_NO_LINK == 0) {
            throw new FileSystemException("/", null, "this processor's flags of open(2) are not known");
        }
        return requireOpen(
                make(arena -> (int) OPEN.invokeExact(text(arena, "/"), DIRECTORY_NO_LINK | PATH_ONLY | CLOSE_ON_EXEC)),
                "/");
    }

    /** Opens what leads to no file, to keep the number of a descriptor. The caller closes. */
    static int openNothing() throws IOException {
        return requireOpen(
                make(arena -> (int) OPEN.invokeExact(text(arena, "/dev/null"), PATH_ONLY | CLOSE_ON_EXEC)),
                "/dev/null");
    }

    private static int requireOpen(int descriptor, String path) throws IOException {
        if (descriptor < 0) {
            throw new FileSystemException(path, null, "it cannot be opened");
        }
        return descriptor;
    }

    /**
     * Opens a directory. The caller closes.
     *
     * @param above the open directory that it is in
     * @param shown its path, for messages
     * @throws NoSuchFileException if it is missing
     * @throws NotDirectoryException if it is a link, or anything else that is no directory
     */
    static int open(int above, String name, Path shown) throws IOException {
        int opened = make(arena ->
                (int) OPEN_AT.invokeExact(above, text(arena, name), DIRECTORY_NO_LINK | PATH_ONLY | CLOSE_ON_EXEC));
        if (opened >= 0) {
            return opened;
        }
        BasicFileAttributes found;
        try {
            found = Files.readAttributes(of(above).resolve(name), BasicFileAttributes.class, NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(shown.toString());
        }
        if (!found.isDirectory()) {
            throw new NotDirectoryException(shown.toString());
        }
        throw new FileSystemException(shown.toString(), null, "it cannot be opened");
    }

    /**
     * Makes a directory, for the owner alone. It is durable once {@code above} is synced.
     *
     * @throws FileAlreadyExistsException if there is something of this name
     */
    static void create(int above, String name, Path shown) throws IOException {
        if (make(arena -> (int) MAKE_AT.invokeExact(above, text(arena, name), OWNER_ONLY)) == 0) {
            return;
        }
        try {
            Files.readAttributes(of(above).resolve(name), BasicFileAttributes.class, NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            // Java makes the same call, and says why it fails. The last part of a path is no link that it would follow.
            Files.createDirectory(of(above).resolve(name));
            return;
        }
        throw new FileAlreadyExistsException(shown.toString());
    }

    /** Removes a directory if it is empty. */
    static void remove(int above, String name) {
        int _ = make(arena -> (int) REMOVE_AT.invokeExact(above, text(arena, name), REMOVE_DIRECTORY));
    }

    /** Has the number {@code slot} stand for what {@code opened} stands for. */
    static void replace(int slot, int opened) throws IOException {
        if (make(_ -> (int) DUPLICATE.invokeExact(opened, slot, CLOSE_ON_EXEC)) < 0) {
            throw new FileSystemException(of(opened).toString(), null, "its descriptor cannot be duplicated");
        }
    }

    static void close(int descriptor) {
        int _ = make(_ -> (int) CLOSE.invokeExact(descriptor));
    }

    /** As the file system has names. */
    private static MemorySegment text(Arena arena, String name) {
        byte[] bytes = name.getBytes(Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8")));
        return arena.allocateFrom(JAVA_BYTE, Arrays.copyOf(bytes, bytes.length + 1));
    }
}
