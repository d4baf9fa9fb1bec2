package dev.holdfast.tree;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A file or directory, opened part by part of its path, without following links. The descriptor has {@code O_PATH}: it
 * reads nothing, waits for no pipe, and drops no lock when it is closed, so it may be of a database in use. Whatever takes
 * the place of the file or of a folder above it later, {@link #path} leads to what was opened. See open(2) and {@code
 * docs/internals/locations.md}.
 *
 * <p>On systems other than 64-bit Linux the path is only looked at.
 */
public final class PathHandle implements AutoCloseable {
    private static final boolean KNOWN_SYSTEM =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux") && ADDRESS.byteSize() == 8;

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /** Some processors have numbers of their own for two of the flags. */
    private static final boolean OTHER_FLAGS =
            Set.of("aarch64", "ppc64le", "ppc64").contains(System.getProperty("os.arch"));

    /** As Java reads and writes the names of files. */
    private static final Charset NAMES = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

    private static final int PATH = 010000000;
    private static final int CLOSE_ON_EXEC = 02000000;
    private static final int NO_FOLLOW = OTHER_FLAGS ? 0100000 : 0400000;
    private static final int DIRECTORY = OTHER_FLAGS ? 040000 : 0200000;

    /** {@code AT_FDCWD}; all paths are absolute. */
    private static final int NO_DIRECTORY = -100;

    private static final int NOT_FOUND = 2;
    private static final int DENIED = 13;
    private static final int NOT_A_DIRECTORY = 20;
    private static final int TOO_MANY_LINKS = 40;

    private final Path real;
    private final int descriptor;

    private PathHandle(Path real, int descriptor) {
        this.real = real;
        this.descriptor = descriptor;
    }

    /**
     * @param real a path without links
     * @throws LinkedPathException if a part of it is a link now
     */
    public static PathHandle of(Path real) throws IOException {
        Path absolute = real.toAbsolutePath().normalize();
        if (!KNOWN_SYSTEM) {
            if (!absolute.toRealPath().equals(absolute)) {
                throw new LinkedPathException(absolute.toString());
            }
            return new PathHandle(absolute, -1);
        }
        var opened = new PathHandle(absolute, open(NO_DIRECTORY, Path.of("/"), DIRECTORY, absolute));
        for (int i = 0; i < absolute.getNameCount(); i++) {
            int flags = i < absolute.getNameCount() - 1 ? DIRECTORY | NO_FOLLOW : NO_FOLLOW;
            try (PathHandle above = opened) {
                opened = new PathHandle(absolute, open(above.descriptor, absolute.getName(i), flags, absolute));
            }
        }
        opened.requireNoLink();
        return opened;
    }

    /** Opens what has this name in the directory, of whatever kind it is: a link itself, not what it leads to. */
    public PathHandle below(Path name) throws IOException {
        Path whole = real.resolve(name);
        return new PathHandle(whole, descriptor < 0 ? -1 : open(descriptor, name, NO_FOLLOW, whole));
    }

    /**
     * Opens the directory of this name in the directory that was opened.
     *
     * @throws LinkedPathException if it is a link, or no directory
     */
    public PathHandle folderBelow(Path name) throws IOException {
        Path whole = real.resolve(name);
        if (descriptor < 0) {
            return of(whole);
        }
        return new PathHandle(whole, open(descriptor, name, DIRECTORY | NO_FOLLOW, whole));
    }

    private static int open(int directory, Path name, int flags, Path whole) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Calls.STATE);
            int opened =
                    (int) Calls.OPEN.invokeExact(state, directory, text(arena, name), PATH | CLOSE_ON_EXEC | flags);
            if (opened >= 0) {
                return opened;
            }
            throw failure((int) Calls.ERROR.get(state, 0L), whole);
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static MemorySegment text(Arena arena, Path name) {
        String text = name.toString();
        // Bytes that are no text here come as this character. A URI has them as they are.
        byte[] bytes = text.indexOf('\uFFFD') < 0 ? text.getBytes(NAMES) : bytes(name);
        return arena.allocateFrom(JAVA_BYTE, Arrays.copyOf(bytes, bytes.length + 1));
    }

    private static byte[] bytes(Path name) {
        String encoded = Path.of("/").resolve(name).toUri().getRawPath();
        byte[] bytes = new byte[encoded.length()];
        int count = 0;
        for (int i = 1; i < encoded.length() && encoded.charAt(i) != '/'; i++) {
            if (encoded.charAt(i) == '%') {
                bytes[count++] = (byte) Integer.parseInt(encoded, i + 1, i + 3, 16);
                i += 2;
            } else {
                bytes[count++] = (byte) encoded.charAt(i);
            }
        }
        return Arrays.copyOf(bytes, count);
    }

    private static FileSystemException failure(int error, Path whole) {
        String path = whole.toString();
        return switch (error) {
            case NOT_FOUND -> new NoSuchFileException(path);
            case DENIED -> new AccessDeniedException(path);
            case NOT_A_DIRECTORY, TOO_MANY_LINKS -> new LinkedPathException(path);
            default -> new FileSystemException(path, null, "it cannot be opened (error " + error + ")");
        };
    }

    /** With these flags the last part is opened even if it is a link. */
    private void requireNoLink() throws IOException {
        boolean link;
        try {
            link = attributes("unix:mode").get("mode") instanceof Integer mode && (mode & 0170000) == 0120000;
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
        if (link) {
            close();
            throw new LinkedPathException(real.toString());
        }
    }

    /** Leads to what was opened, wherever that is now. For calls only: it says nothing to a person. */
    public Path path() {
        return descriptor < 0 ? real : DESCRIPTORS.resolve(Integer.toString(descriptor));
    }

    /** Whether a path is one of {@link #path}, or below one. */
    public static boolean isPath(Path path) {
        return path.startsWith(DESCRIPTORS);
    }

    /** The path by which it was opened; for messages and comparisons. */
    public Path real() {
        return real;
    }

    /** The options that make a call on {@link #path} one on what was opened. */
    LinkOption[] options() {
        return descriptor < 0 ? new LinkOption[] {NOFOLLOW_LINKS} : new LinkOption[0];
    }

    /** A name in the directory that was opened. */
    public Path child(String name) {
        return path().resolve(name);
    }

    /** As {@link Files#readAttributes}, of what was opened: of a link itself. */
    public Map<String, Object> attributes(String wanted) throws IOException {
        return Files.readAttributes(path(), wanted, options());
    }

    public FileIdentity identity() throws IOException {
        Optional<FileIdentity> identity = FileIdentity.of(path());
        return identity.orElseThrow(() -> new NoSuchFileException(real.toString()));
    }

    /** Opens the file itself. To close that channel drops the locks of this process, as with any other. */
    public FileChannel open(OpenOption... options) throws IOException {
        try {
            return FileChannel.open(path(), options);
        } catch (FileSystemException e) {
            throw named(e);
        }
    }

    private FileSystemException named(FileSystemException e) {
        return named(real, e);
    }

    /** With {@code path} in the place of the descriptor's. */
    public static FileSystemException named(Path path, FileSystemException e) {
        FileSystemException named = switch (e) {
            case LinkedPathException linked -> linked;
            case AccessDeniedException _ -> new AccessDeniedException(path.toString(), null, e.getReason());
            case NoSuchFileException _ -> new NoSuchFileException(path.toString(), null, e.getReason());
            case NotDirectoryException _ -> new NotDirectoryException(path.toString());
            default -> new FileSystemException(path.toString(), null, e.getReason());
        };
        if (named != e) {
            named.initCause(e);
        }
        return named;
    }

    @Override
    public void close() {
        if (descriptor >= 0) {
            try {
                int _ = (int) Calls.CLOSE.invokeExact(descriptor);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static final class Calls {
        static final MemoryLayout STATE = Linker.Option.captureStateLayout();

        static final VarHandle ERROR = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

        static final MethodHandle OPEN = open();
        static final MethodHandle CLOSE = close();

        @SuppressWarnings("restricted") // as for SQLite itself, the start script allows it
        private static MethodHandle open() {
            return requireNonNull(Linker.nativeLinker()
                    .downcallHandle(
                            NativeFunctions.address("openat"),
                            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT),
                            Linker.Option.firstVariadicArg(3),
                            Linker.Option.captureCallState("errno")));
        }

        @SuppressWarnings("restricted")
        private static MethodHandle close() {
            return Linker.nativeLinker()
                    .downcallHandle(NativeFunctions.address("close"), FunctionDescriptor.of(JAVA_INT, JAVA_INT));
        }
    }
}
