package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.Databases.LocatedBackup;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Checks a backup where it lies. */
final class BackupCheck {
    private static final System.Logger LOG = System.getLogger(BackupCheck.class.getName());

    private final ArtifactChecks checks;
    private final Integrity integrity;
    private final Leases leases;
    private final InstantSource clock;

    BackupCheck(ArtifactChecks checks, Integrity integrity, Leases leases, InstantSource clock) {
        this.checks = checks;
        this.integrity = integrity;
        this.leases = leases;
        this.clock = clock;
    }

    /** Goes on with the artifact, which cannot be deleted until {@code use} is done. */
    <T> Outcome<T> reading(LocatedBackup located, Function<Artifact, Outcome<T>> use) {
        Backup backup = located.backup();
        Optional<Leases.Lease> lease = leases.read(backup.database(), backup.key());
        if (lease.isEmpty()) {
            return Outcome.refused(new Problem.BackupNotFound(backup.key()));
        }
        try (var _ = lease.get()) {
            return located.registered()
                    .store()
                    .open(backup.key())
                    .map(artifact -> whole(backup, artifact).then(use))
                    .orElseGet(() -> Outcome.refused(new Problem.BackupNotFound(backup.key())));
        }
    }

    /** Nothing is noted: once the file is put right it is another one. */
    private static Outcome<Artifact> whole(Backup backup, Artifact artifact) {
        return Optional.of(artifact)
                .filter(_ -> backup.origin() == Origin.EXTERNAL && backup.layout() == Layout.SQLITE)
                .flatMap(Artifact::beside)
                .map(it -> Outcome.<Artifact>refused(new Problem.BackupIncompatible(it)))
                .orElseGet(() -> Outcome.done(artifact));
    }

    /** Compares the bytes with the recorded digest, then runs SQLite's checks of this depth. Notes nothing. */
    Checked check(LocatedBackup located, Artifact artifact, Depth depth, ProgressMonitor work) {
        return switch (compare(located, artifact, work)) {
            case Integrity.Compared.Wrong(String what) ->
                new Checked(Optional.empty(), new Verification.Corrupt(Depth.CHECKSUM, clock.instant(), what));
            // With nothing to compare with, nothing was found out; the digest is noted for the next time.
            case Integrity.Compared.Right(Sha256 sha256)
            when depth == Depth.CHECKSUM && located.backup().sha256().isEmpty() ->
                new Checked(Optional.of(sha256), new Verification.Unchecked());
            case Integrity.Compared.Right(Sha256 sha256) ->
                new Checked(
                        Optional.of(sha256),
                        checks.check(
                                        artifact,
                                        located.backup().layout(),
                                        located.registered().database().source(),
                                        depth,
                                        checks.limits(located.backup()),
                                        work)
                                .verification(depth, clock.instant()));
        };
    }

    /** Compares the bytes with the recorded digest alone. */
    Integrity.Compared compareBytes(LocatedBackup located, Artifact artifact, ProgressMonitor work) {
        return compare(located, artifact, work);
    }

    /** As {@link #compareBytes}. */
    Optional<String> wrongBytes(LocatedBackup located, Artifact artifact, ProgressMonitor work) {
        return switch (compare(located, artifact, work)) {
            case Integrity.Compared.Wrong(String what) -> Optional.of(what);
            case Integrity.Compared.Right _ -> Optional.empty();
        };
    }

    private Integrity.Compared compare(LocatedBackup located, Artifact artifact, ProgressMonitor work) {
        work.enter(Phase.CHECKING_BACKUP, artifact.size());
        Integrity.Compared compared = integrity.compare(located.backup(), artifact, work);
        // What looks into the artifact next reads all of it once more, and counts from the start.
        work.enter(Phase.CHECKING_BACKUP, artifact.size());
        return compared;
    }

    /** @param sha256 of the bytes that were read, unless they are the wrong ones */
    record Checked(Optional<Sha256> sha256, Verification verification) {
        Backup noteIn(Backup backup) {
            Backup verified = backup.with(atLeast(backup));
            return backup.sha256().isPresent()
                    ? verified
                    : sha256.map(verified::with).orElse(verified);
        }

        /** The very bytes that once passed a deeper check have passed this one: what was known of them still holds. */
        private Verification atLeast(Backup backup) {
            return verification instanceof Verification.Passed now
                            && backup.verification() instanceof Verification.Passed before
                            && before.depth().compareTo(now.depth()) > 0
                            && backup.sha256().equals(sha256)
                    ? new Verification.Passed(before.depth(), now.at(), before.remark())
                    : verification;
        }
    }

    void note(LocatedBackup located, Checked checked) {
        located.registered().store().update(located.backup().key(), now -> ifSame(located, now, checked::noteIn));
    }

    /** A check takes its time: the file may be another one by now, which was not checked. */
    private static Backup ifSame(LocatedBackup located, Backup now, UnaryOperator<Backup> note) {
        return now.isOfSameArtifactAs(located.backup()) ? note.apply(now) : now;
    }

    /** What was found holds also where the store cannot be written any more. */
    void noteIfPossible(LocatedBackup located, Verification.Corrupt corrupt) {
        BackupKey key = located.backup().key();
        try {
            located.registered().store().update(key, now -> ifSame(located, now, it -> it.with(corrupt)));
        } catch (ProblemException e) {
            LOG.log(Level.WARNING, "Backup " + key + " cannot be marked corrupt: " + corrupt.finding(), e);
        }
    }
}
