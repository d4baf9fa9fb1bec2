package dev.holdfast.domain.retention;

import dev.holdfast.domain.backup.Assessment;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.MainImage;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Suspicion;
import dev.holdfast.domain.backup.Suspicion.Reference;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.OperationId;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The history of a source as its backups record it. It says whether a new backup fits the ones before it, and whether
 * retention pauses because one did not.
 *
 * <p>Only manual and automatic backups take part: an upload, an external file and what a restore replaced say nothing
 * about what the database is meant to hold. All of it is derived from the metadata of the backups, so that a lost
 * catalogue never makes retention go on. See {@code docs/internals/retention-pause.md}.
 *
 * @param made the database's own manual and automatic backups, newest first
 * @param all backups in the store
 * @param lastRestore the last restore that succeeded, if one is known
 */
public record SourceHistory(List<Backup> made, List<Backup> all, Optional<LastRestore> lastRestore) {
    /** How many good backups make the reference. */
    private static final int REFERENCE_BACKUPS = 5;

    /**
     * A restore that succeeded.
     *
     * @param from the restored backup
     */
    public record LastRestore(OperationId operation, Instant endedAt, Optional<BackupKey> from) {}

    public static SourceHistory of(Collection<Backup> backups, Optional<LastRestore> lastRestore) {
        List<Backup> newestFirst = backups.stream().sorted(Backup.newestFirst()).toList();
        return new SourceHistory(
                newestFirst.stream().filter(SourceHistory::isMade).toList(), newestFirst, lastRestore);
    }

    private static boolean isMade(Backup backup) {
        return !backup.isForeign() && (backup.origin() == Origin.MANUAL || backup.origin() == Origin.AUTOMATIC);
    }

    /**
     * Compares a new backup with the ones before it.
     *
     * @param at the moment of the new backup
     */
    public Assessment assess(MainImage image, Instant at) {
        Optional<OperationId> restore = lastRestore.map(LastRestore::operation);
        if (isRestoredSince()) {
            return new Assessment(era() + 1, restore, restored(at).flatMap(it -> begin(image, it, at)));
        }
        return new Assessment(
                era(),
                restore,
                open().flatMap(Backup::suspicion)
                        .map(it -> goOn(image, it))
                        .orElseGet(() -> reference(at).flatMap(it -> begin(image, it, at))));
    }

    private static Optional<Suspicion> begin(MainImage image, Reference reference, Instant at) {
        return reference.doubt(image).map(it -> new Suspicion(it, at, true, true, reference));
    }

    private static Optional<Suspicion> goOn(MainImage image, Suspicion first) {
        return first.reference()
                .doubt(image)
                .map(it -> new Suspicion(it, first.since(), false, true, first.reference()));
    }

    /** Returns the pause of retention, if retention pauses. */
    public Optional<RetentionPause> pause() {
        return isRestoredSince()
                ? Optional.empty()
                : open().map(it -> new RetentionPause(
                        it.suspicion().orElseThrow().since(), it.doubt().orElseThrow()));
    }

    /** Returns the suspicious backups of the pause. */
    public List<Backup> openBackups() {
        return made.stream().filter(this::isOpen).toList();
    }

    /** The first backup of the pause. */
    private Optional<Backup> open() {
        return openBackups().stream().min(Comparator.comparing(Backup::createdAt));
    }

    /** A pause of an earlier era is over, even if its end could not be recorded with each of its backups. */
    private boolean isOpen(Backup backup) {
        return backup.suspicion().filter(Suspicion::open).isPresent() && era(backup) == era();
    }

    /** The present era. */
    public int era() {
        return made.stream().mapToInt(SourceHistory::era).max().orElse(0);
    }

    private static int era(Backup backup) {
        return backup.assessment().orElse(Assessment.NONE).era();
    }

    /** Whether no backup was made since the last restore. */
    private boolean isRestoredSince() {
        return lastRestore
                .filter(it -> made.stream().noneMatch(backup -> knows(backup, it)))
                .isPresent();
    }

    private static boolean knows(Backup backup, LastRestore restore) {
        return backup.assessment()
                .map(it -> it.restore().filter(restore.operation()::equals).isPresent())
                .orElseGet(() -> backup.createdAt().isAfter(restore.endedAt()));
    }

    /**
     * The reference that a restore sets; a foreign backup sets none. A dump is built up again, in another size, and the
     * counter is the target's. If the restored backup was deleted since, what was usual before the restore has to do: that
     * may pause retention without need, and never makes it go on.
     */
    private Optional<Reference> restored(Instant at) {
        Optional<Backup> source = lastRestore
                .flatMap(LastRestore::from)
                .flatMap(key -> all.stream().filter(it -> it.key().equals(key)).findFirst());
        if (source.isEmpty()) {
            return reference(at).map(it -> new Reference(it.size(), Optional.empty()));
        }
        return source.filter(it -> !it.isEmpty() && !it.isForeign())
                .map(it -> new Reference(
                        it.imageSize().filter(_ -> it.layout() != Layout.DISPATCHARR_TAR_GZ), Optional.empty()));
    }

    private Optional<Reference> reference(Instant at) {
        List<Backup> good =
                made.stream().filter(it -> it.isGood() && era(it) == era()).toList();
        // Where a clock was set back, all of them may be dated in the future.
        List<Backup> before =
                good.stream().filter(it -> !it.createdAt().isAfter(at)).toList();
        return reference(before.isEmpty() ? good : before);
    }

    private static Optional<Reference> reference(List<Backup> good) {
        if (good.isEmpty()) {
            return Optional.empty();
        }
        List<Long> sizes = good.stream()
                .flatMap(it -> it.imageSize().stream())
                .limit(REFERENCE_BACKUPS)
                .sorted()
                .toList();
        return Optional.of(new Reference(median(sizes), good.getFirst().image().flatMap(MainImage::changeCounter)));
    }

    private static Optional<Long> median(List<Long> sorted) {
        int middle = sorted.size() / 2;
        if (sorted.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2);
    }
}
