package dev.holdfast.domain.backup;

import dev.holdfast.domain.database.DatabaseName;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/**
 * One immutable artifact in a store, and what is known about it.
 *
 * @param size of the artifact in bytes
 * @param createdAt the server's clock when the source's moment was taken; of an external file, its modification time
 * @param sha256 recorded while the artifact was written; absent for an external file nobody has verified
 * @param pinned never expired
 * @param ownership of the source's file when the backup was made; empty if it is not known. An archive has that of each
 *     of its parts inside
 * @param labels whatever users note; at most {@link Labels#MOST} of them
 */
public record Backup(
        BackupKey key,
        DatabaseName database,
        long size,
        Instant createdAt,
        Optional<Sha256> sha256,
        Origin origin,
        Layout layout,
        Verification verification,
        boolean pinned,
        Labels labels,
        Optional<FileOwnership> ownership) {

    /** A backup of which the source file's owner is not known. */
    public Backup(
            BackupKey key,
            DatabaseName database,
            long size,
            Instant createdAt,
            Optional<Sha256> sha256,
            Origin origin,
            Layout layout,
            Verification verification,
            boolean pinned,
            Labels labels) {
        this(key, database, size, createdAt, sha256, origin, layout, verification, pinned, labels, Optional.empty());
    }

    public Backup with(Verification newVerification) {
        return new Backup(
                key, database, size, createdAt, sha256, origin, layout, newVerification, pinned, labels, ownership);
    }

    public Backup with(Sha256 newSha256) {
        Optional<Sha256> digest = Optional.of(newSha256);
        return new Backup(
                key, database, size, createdAt, digest, origin, layout, verification, pinned, labels, ownership);
    }

    public Backup withPinned(boolean newPinned) {
        return new Backup(
                key, database, size, createdAt, sha256, origin, layout, verification, newPinned, labels, ownership);
    }

    public Backup with(Labels newLabels) {
        return new Backup(
                key, database, size, createdAt, sha256, origin, layout, verification, pinned, newLabels, ownership);
    }

    public Backup with(FileOwnership newOwnership) {
        Optional<FileOwnership> known = Optional.of(newOwnership);
        return new Backup(key, database, size, createdAt, sha256, origin, layout, verification, pinned, labels, known);
    }

    /** Newest first; equal times by name, the later name first, so that the order is total. */
    public static Comparator<Backup> newestFirst() {
        return Comparator.comparing(Backup::createdAt)
                .thenComparing(Backup::key)
                .reversed();
    }

    /** Labels as a type of their own keep the limits in one place. */
    public record Labels(Map<String, String> values) {
        public static final int MOST = 32;
        public static final int LONGEST_KEY = 63;
        public static final int LONGEST_VALUE = 255;
        public static final Labels NONE = new Labels(Map.of());

        public Labels {
            values = Map.copyOf(values);
            if (!fits(values)) {
                throw new IllegalArgumentException("labels: " + values.size() + " (expected: " + EXPECTED + ")");
            }
        }

        /** For messages. */
        public static final String EXPECTED = "at most 32 pairs, names of 1 to 63 characters, values of at most 255";

        public static boolean fits(Map<String, String> values) {
            return values.size() <= MOST
                    && values.entrySet().stream()
                            .allMatch(it -> !it.getKey().isEmpty()
                                    && it.getKey().length() <= LONGEST_KEY
                                    && it.getValue().length() <= LONGEST_VALUE);
        }
    }
}
