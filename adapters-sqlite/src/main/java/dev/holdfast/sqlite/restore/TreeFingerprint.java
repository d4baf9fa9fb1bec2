package dev.holdfast.sqlite.restore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How a tree looks from outside. Two of the same tree that are equal say that nobody has written, added or removed
 * anything in between: a change of any file changes its {@code ctime}, which nobody can set. The top's own times do not
 * count, since renaming changes them.
 *
 * @param ordinary whether there are only directories and files in it, which an archive can hold
 */
record TreeFingerprint(String digest, boolean ordinary) {
    private static final List<String> SEEN = List.of("ino", "mode", "uid", "gid", "size", "lastModifiedTime", "ctime");

    static TreeFingerprint of(Path top) throws IOException {
        try {
            var taking = new Taking(MessageDigest.getInstance("SHA-256"));
            taking.directory(top, "");
            return new TreeFingerprint(HexFormat.of().formatHex(taking.digest.digest()), taking.ordinary);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static final class Taking {
        private final MessageDigest digest;
        private boolean ordinary = true;

        Taking(MessageDigest digest) {
            this.digest = digest;
        }

        /** An application may be at work in there: what goes away meanwhile differs from what comes later. */
        private void directory(Path directory, String path) throws IOException {
            List<Path> children;
            try (Stream<Path> found = Files.list(directory)) {
                children = found.sorted().toList();
            } catch (NoSuchFileException | NotDirectoryException e) {
                note("gone");
                return;
            } catch (AccessDeniedException e) {
                ordinary = false;
                return;
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
            for (Path child : children) {
                String name = path + "/" + child.getFileName();
                note(name);
                try {
                    entry(child, name, Files.readAttributes(child, "unix:*", NOFOLLOW_LINKS));
                } catch (NoSuchFileException e) {
                    note("gone");
                }
            }
        }

        private void entry(Path child, String name, Map<String, Object> seen) throws IOException {
            for (String attribute : SEEN) {
                note(String.valueOf(seen.get(attribute)));
            }
            if (Boolean.TRUE.equals(seen.get("isDirectory"))) {
                directory(child, name);
            } else if (!Boolean.TRUE.equals(seen.get("isRegularFile"))) {
                ordinary = false;
            }
        }

        private void note(String part) {
            digest.update(part.getBytes(UTF_8));
            digest.update((byte) 0);
        }
    }
}
