package dev.holdfast.security;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Set;
import java.util.random.RandomGenerator;

/** What signs access tokens: at least 256 bits. Not shown by anything here. */
public final class JwtSecret {
    public static final String FILE_NAME = "jwt-secret";
    public static final int FEWEST_BYTES = 32;

    private static final int MOST_BYTES = 4096;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final byte[] bytes;

    private JwtSecret(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @throws IllegalArgumentException if it is shorter than {@link #FEWEST_BYTES}; the message does not repeat it */
    public static JwtSecret given(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length < FEWEST_BYTES) {
            throw new IllegalArgumentException(
                    "JWT secret: " + bytes.length + " bytes (expected: at least " + FEWEST_BYTES + ")");
        }
        return new JwtSecret(bytes);
    }

    /**
     * The secret kept in {@value #FILE_NAME} in that directory, made there if there is none. Whoever else makes it at
     * the same time gets the same one.
     *
     * @param random a cryptographically strong one
     * @throws IOException if it cannot be read or written, or if others than its owner can read it: then it may be
     *     known already, and making the mode narrower would hide that
     */
    public static JwtSecret keptIn(Path directory, RandomGenerator random) throws IOException {
        Path file = directory.resolve(FILE_NAME);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            make(file, random);
        }
        return read(file);
    }

    byte[] bytes() {
        return bytes.clone();
    }

    private static JwtSecret read(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileSystemException(file.toString(), null, "expected an ordinary file");
        }
        var posix = Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (posix != null) {
            Set<PosixFilePermission> mode = posix.readAttributes().permissions();
            if (mode.stream().anyMatch(it -> !it.name().startsWith("OWNER_"))) {
                throw new FileSystemException(
                        file.toString(),
                        null,
                        "others may have read it (mode " + PosixFilePermissions.toString(mode)
                                + ", expected: rw-------); delete it, and a new one is made");
            }
        }
        byte[] content;
        try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            content = in.readNBytes(MOST_BYTES);
        }
        try {
            return given(new String(content, StandardCharsets.UTF_8).strip());
        } catch (IllegalArgumentException e) {
            throw new FileSystemException(file.toString(), null, e.getMessage());
        }
    }

    /** Whole under another name first, so that nobody ever reads half a secret. */
    private static void make(Path file, RandomGenerator random) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        boolean posix = Files.getFileStore(directory).supportsFileAttributeView(PosixFileAttributeView.class);
        FileAttribute<?>[] mode = posix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
        Path part = Files.createTempFile(directory, "." + FILE_NAME, ".part", mode);
        try {
            try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                ByteBuffer text = ByteBuffer.wrap((newText(random) + "\n").getBytes(StandardCharsets.US_ASCII));
                while (text.hasRemaining()) {
                    channel.write(text);
                }
                channel.force(true);
            }
            Files.createLink(file, part); // unlike a rename never replaces what somebody else has just made
        } catch (FileAlreadyExistsException _) {
            // somebody else was first: theirs is read
        } finally {
            Files.deleteIfExists(part);
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static String newText(RandomGenerator random) {
        byte[] fresh = new byte[FEWEST_BYTES];
        random.nextBytes(fresh);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(fresh);
    }
}
