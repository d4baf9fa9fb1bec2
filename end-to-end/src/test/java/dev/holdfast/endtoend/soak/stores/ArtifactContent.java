package dev.holdfast.endtoend.soak.stores;

import dev.holdfast.endtoend.soak.Sqlite;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a file really holds, read with SQLite's shell.
 *
 * @param origins the names of the databases whose entries it holds
 * @param head the newest entry; 0 if there is none
 * @param fault why it is no whole copy by itself; empty if it is one
 */
record ArtifactContent(String sha256, String origins, long head, long count, String fault) {
    private static final String QUERY =
            "SELECT (SELECT coalesce(group_concat(DISTINCT origin), '') FROM entry) || '|' || seq || '|' || entries"
                    + " || '|' || (SELECT count(*) || '|' || coalesce(max(seq), 0) FROM entry) || '|' ||"
                    + " (SELECT count(*) FROM (SELECT prev, lag(seq, 1, 0) OVER (ORDER BY seq) AS before FROM entry)"
                    + " WHERE prev <> before) FROM head; PRAGMA integrity_check";

    static ArtifactContent of(Path artifact) throws IOException {
        String sha256 = sha256(artifact);
        String output = Sqlite.run("file:" + artifact + "?immutable=1", QUERY);
        String[] lines = output.split("\n", 2);
        String[] values = lines[0].split("\\|", -1);
        if (values.length != 6 || lines.length != 2 || !lines[1].equals("ok")) {
            return new ArtifactContent(sha256, "", 0, 0, output.replace('\n', ' '));
        }
        long head = Long.parseLong(values[4]);
        long count = Long.parseLong(values[3]);
        String fault = "";
        if (!values[1].equals(values[4]) || !values[2].equals(values[3])) {
            fault = "its head names entry " + values[1] + " and " + values[2] + " entries, but it holds " + values[3]
                    + " up to " + values[4];
        } else if (!values[5].equals("0")) {
            fault = values[5] + " of its entries do not follow the one before";
        }
        return new ArtifactContent(sha256, values[0], head, count, fault);
    }

    static String sha256(Path file) throws IOException {
        MessageDigest digest = newDigest();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(newDigest().digest(bytes));
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
