package dev.holdfast.domain.backup;

import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
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
 * @param inconsistency why its parts are not from one moment, for a person; empty if they are. Such a backup is never
 *     good, whatever its verification says: each part may be sound
 * @param image of the source's main SQLite file; empty if it was not recorded
 * @param assessment recorded when Holdfast made the backup for a request or a plan
 * @param database in whose store the artifact is, whatever its metadata says: it is what an operation acts on
 * @param foreign the other database that the metadata names; empty for one of {@code database}'s own. See
 *     {@code docs/internals/foreign-backups.md}
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
        Optional<String> inconsistency,
        Optional<FileOwnership> ownership,
        Optional<MainImage> image,
        Optional<Assessment> assessment,
        Optional<DatabaseName> foreign) {

    /** Creates one of the database's own. */
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
            Labels labels,
            Optional<String> inconsistency,
            Optional<FileOwnership> ownership,
            Optional<MainImage> image,
            Optional<Assessment> assessment) {
        this(
                key,
                database,
                size,
                createdAt,
                sha256,
                origin,
                layout,
                verification,
                pinned,
                labels,
                inconsistency,
                ownership,
                image,
                assessment,
                Optional.empty());
    }

    /** Creates one whose parts are from one moment and of which nothing else is known. */
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
        this(
                key,
                database,
                size,
                createdAt,
                sha256,
                origin,
                layout,
                verification,
                pinned,
                labels,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Returns whether all of its parts are from one moment. */
    public boolean isConsistent() {
        return inconsistency.isEmpty();
    }

    public Backup withInconsistency(Optional<String> newInconsistency) {
        return with(sha256, verification, pinned, labels, newInconsistency, ownership, image, assessment);
    }

    public Backup with(Verification newVerification) {
        return with(sha256, newVerification, pinned, labels, inconsistency, ownership, image, assessment);
    }

    public Backup with(Sha256 newSha256) {
        return with(Optional.of(newSha256), verification, pinned, labels, inconsistency, ownership, image, assessment);
    }

    public Backup withPinned(boolean newPinned) {
        return with(sha256, verification, newPinned, labels, inconsistency, ownership, image, assessment);
    }

    public Backup with(Labels newLabels) {
        return with(sha256, verification, pinned, newLabels, inconsistency, ownership, image, assessment);
    }

    public Backup with(MainImage newImage) {
        return with(sha256, verification, pinned, labels, inconsistency, ownership, Optional.of(newImage), assessment);
    }

    public Backup with(Assessment newAssessment) {
        return with(sha256, verification, pinned, labels, inconsistency, ownership, image, Optional.of(newAssessment));
    }

    public Backup with(FileOwnership newOwnership) {
        return with(sha256, verification, pinned, labels, inconsistency, Optional.of(newOwnership), image, assessment);
    }

    private Backup with(
            Optional<Sha256> newSha256,
            Verification newVerification,
            boolean newPinned,
            Labels newLabels,
            Optional<String> newInconsistency,
            Optional<FileOwnership> newOwnership,
            Optional<MainImage> newImage,
            Optional<Assessment> newAssessment) {
        return new Backup(
                key,
                database,
                size,
                createdAt,
                newSha256,
                origin,
                layout,
                newVerification,
                newPinned,
                newLabels,
                newInconsistency,
                newOwnership,
                newImage,
                newAssessment,
                foreign);
    }

    /** Returns whether the metadata says that the backup was made of another database than the one whose store has it. */
    public boolean isForeign() {
        return foreign.isPresent();
    }

    /**
     * Returns this backup as one that is in the store of {@code registered}.
     *
     * @param newForeign the other database that it was made of; empty if it is {@code registered}'s own
     */
    public Backup inStoreOf(DatabaseName registered, Optional<DatabaseName> newForeign) {
        return new Backup(
                key,
                registered,
                size,
                createdAt,
                sha256,
                origin,
                layout,
                verification,
                pinned,
                labels,
                inconsistency,
                ownership,
                image,
                assessment,
                newForeign);
    }

    /**
     * Returns whether both are notes of one artifact. Another file may have come under the same name meanwhile, with its
     * own metadata; what was found out about one artifact must not be noted of another.
     */
    public boolean isOfSameArtifactAs(Backup other) {
        return key.equals(other.key)
                && size == other.size
                && createdAt.equals(other.createdAt)
                && foreign.equals(other.foreign)
                && (sha256.isEmpty() || other.sha256.isEmpty() || sha256.equals(other.sha256));
    }

    /**
     * Returns whether the backup counts as good: Holdfast made it of this database, a check of any depth passed, and it
     * holds what the database is there for, if nothing says otherwise. Retention, freshness and the reference for new backups rely on it.
     */
    public boolean isGood() {
        return origin.isOwn()
                && !isForeign()
                && verification instanceof Verification.Passed
                && isConsistent()
                && !isEmpty()
                && suspicion().isEmpty();
    }

    /** Returns whether the source's main file had no byte. */
    public boolean isEmpty() {
        return imageSize().filter(it -> it == 0).isPresent();
    }

    /** The size in bytes of the main SQLite file's image, never that of an archive; empty if it is not known. */
    public Optional<Long> imageSize() {
        return image.map(MainImage::size).or(() -> Optional.of(size).filter(_ -> layout == Layout.SQLITE));
    }

    public Optional<Suspicion> suspicion() {
        return assessment.flatMap(Assessment::suspicion);
    }

    /** Returns why the backup is suspicious, in a sentence for a person; empty if it is not. */
    public Optional<String> doubt() {
        return suspicion().map(it -> it.text(image.orElseGet(() -> new MainImage(size, Optional.empty()))));
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
