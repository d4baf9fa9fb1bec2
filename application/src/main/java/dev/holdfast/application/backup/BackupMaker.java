package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.check.ImageChecks;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.snapshot.Snapshots;
import dev.holdfast.application.snapshot.Snapshots.Taken;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.application.store.StagedArtifact;
import dev.holdfast.application.store.StagedArtifact.Publication;
import dev.holdfast.application.store.StagedArtifact.Sealed;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.BackupKey;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.Optional;

/** From a live source to a listed backup: snapshot, copy, check, publish. The lock on the source ends with the copy. */
final class BackupMaker {
    private static final int CHUNK = 1 << 20;

    private final Snapshots snapshots;
    private final ImageChecks checks;
    private final Plans plans;
    private final InstantSource clock;
    private final FailPoints failPoints;

    BackupMaker(Snapshots snapshots, ImageChecks checks, Plans plans, InstantSource clock, FailPoints failPoints) {
        this.snapshots = snapshots;
        this.checks = checks;
        this.plans = plans;
        this.clock = clock;
        this.failPoints = failPoints;
    }

    /** A damaged source is no backup. */
    Outcome<Backup> make(RegisteredDatabase registered, Origin origin, Work work) {
        return switch (snapshots.take(registered.database().source(), work)) {
            case Taken.Refused(Problem problem) -> Outcome.refused(problem);
            case Taken.Pinned(var snapshot) -> {
                Instant at = clock.instant();
                failPoints.reached("backup.pinned");
                try (snapshot) {
                    yield make(registered, origin, at, snapshot.images().getFirst(), snapshot::close, work);
                }
            }
        };
    }

    /**
     * Makes the safety backup of what is about to be replaced. If that is damaged, the damaged copy is the only way back
     * and is kept, marked as corrupt.
     */
    Outcome<Backup> keep(RegisteredDatabase registered, Image current, Work work) {
        return make(registered, Origin.SAFETY, clock.instant(), current, () -> {}, work);
    }

    private Outcome<Backup> make(
            RegisteredDatabase registered, Origin origin, Instant at, Image image, Runnable copied, Work work) {
        try (StagedArtifact staged = registered.store().stage(image.size())) {
            copy(image, staged, work);
            copied.run();
            failPoints.reached("backup.copied");
            return checkAndPublish(registered, origin, at, staged, work);
        }
    }

    private static void copy(Image image, StagedArtifact staged, Work work) {
        work.enter(Phase.COPYING, image.size());
        byte[] chunk = new byte[CHUNK];
        try (InputStream in = image.open()) {
            // Not closed here: sealing does that, and reports what goes wrong then.
            OutputStream out = staged.output();
            long copied = 0;
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                out.write(chunk, 0, read);
                copied += read;
                work.advance(read);
            }
            if (copied != image.size()) {
                throw new ProblemException(new Problem.SourceCorrupt(
                        "its image has " + copied + " bytes where " + image.size() + " were announced."));
            }
        } catch (IOException e) {
            throw new ProblemException(new Problem.SourceCorrupt("it cannot be read to the end: " + e.getMessage()), e);
        }
    }

    private Outcome<Backup> checkAndPublish(
            RegisteredDatabase registered, Origin origin, Instant at, StagedArtifact staged, Work work) {
        Sealed sealed = staged.seal();
        Verification verification = check(staged.content(), sealed, depth(registered, origin), work);
        failPoints.reached("backup.checked");
        if (verification instanceof Verification.Corrupt corrupt && origin != Origin.SAFETY) {
            return Outcome.refused(new Problem.SourceCorrupt(corrupt.finding()));
        }
        return publish(registered, origin, at, staged, sealed, verification, work);
    }

    /** A full check of a safety backup would keep the applications' writes waiting for too long. */
    private Depth depth(RegisteredDatabase registered, Origin origin) {
        Depth planned = plans.of(registered).plan().verifyDepth();
        return origin == Origin.SAFETY && planned == Depth.FULL ? Depth.QUICK : planned;
    }

    /** SQLite reads all of the copy; where it is not asked to, the bytes are read back and compared. */
    private Verification check(Artifact copy, Sealed sealed, Depth depth, Work work) {
        work.enter(Phase.CHECKING_COPY, sealed.size());
        if (depth == Depth.CHECKSUM && !Integrity.digest(copy, work).equals(sealed.sha256())) {
            throw new ProblemException(new Problem.StoreUnavailable(
                    "What was written to the store is not what is read back from it; look at the disk."));
        }
        return checks.check(copy, depth, work).verification(depth, clock.instant());
    }

    private Outcome<Backup> publish(
            RegisteredDatabase registered,
            Origin origin,
            Instant at,
            StagedArtifact staged,
            Sealed sealed,
            Verification verification,
            Work work) {
        work.enter(Phase.PUBLISHING, 0);
        Layout layout = registered.database().profile().layout();
        Iterator<BackupKey> names =
                registered.database().naming().proposals(origin, layout, at).iterator();
        Optional<BackupKey> taken = Optional.empty();
        while (names.hasNext()) {
            work.checkCancelled();
            var backup = new Backup(
                    names.next(),
                    registered.database().name(),
                    sealed.size(),
                    at,
                    Optional.of(sealed.sha256()),
                    origin,
                    layout,
                    verification,
                    false,
                    Backup.Labels.NONE);
            switch (staged.publish(backup)) {
                case Publication.Published() -> {
                    failPoints.reached("backup.published");
                    return Outcome.done(backup);
                }
                case Publication.KeyTaken(BackupKey key) -> taken = Optional.of(key);
            }
        }
        return Outcome.refused(new Problem.FilenameTaken(taken.orElseThrow()));
    }
}
