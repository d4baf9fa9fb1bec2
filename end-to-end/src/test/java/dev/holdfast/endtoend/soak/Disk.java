package dev.holdfast.endtoend.soak;

import dev.holdfast.endtoend.soak.Installation.Listed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/** What the listed backups really hold. Reads an artifact again only after it has changed. */
final class Disk {
    private final Map<Path, Known> known = new HashMap<>();
    private final Set<Path> reported = new HashSet<>();

    /** @param content as {@link Group#contentOf} reads it */
    record Found(String sha256, String content) {}

    private record Known(Object version, Found found) {}

    /** @return an empty SHA-256 if there is no file */
    Found find(Path artifact) throws Exception {
        try {
            BasicFileAttributes attributes = Files.readAttributes(artifact, BasicFileAttributes.class);
            Object version =
                    attributes.fileKey() + " " + attributes.size() + " " + Files.getAttribute(artifact, "unix:ctime");
            Known before = known.get(artifact);
            if (before != null && before.version().equals(version)) {
                return before.found();
            }
            var found = new Found(sha256(Files.readAllBytes(artifact)), content(artifact));
            known.put(artifact, new Known(version, found));
            return found;
        } catch (NoSuchFileException e) {
            return new Found("", "missing");
        }
    }

    private static String content(Path artifact) throws Exception {
        try {
            return Group.contentOf(artifact);
        } catch (IOException e) {
            return "unreadable: " + e.getMessage();
        }
    }

    static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    /** Whether this is the first time that something is found wrong with the artifact. */
    boolean isNews(Path artifact) {
        return reported.add(artifact);
    }

    /** Whether the artifact holds what the list says, of one moment. */
    boolean isGood(Path store, Listed listed) throws Exception {
        Found found = find(store.resolve(listed.filename()));
        return found.sha256().equals(listed.sha256()) && found.content().matches("L\\d+");
    }
}
