package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.application.archive.UnpackResult.DatabasePart;
import dev.holdfast.application.archive.UnpackResult.Parts;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.Databases.LocatedBackup;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.OperationRequest;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.operation.RemarkedWork;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.application.restore.LiveDatabases.Kept;
import dev.holdfast.application.restore.LiveDatabases.NewContent;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Checks the backup, then backs up and replaces what is there, with no commit of others in between. */
record RestoreBackupService(
        Databases databases,
        OperationRunner runner,
        BackupCheck check,
        ArtifactChecks checks,
        BackupMaker maker,
        LiveDatabases live,
        InterruptedRestores unfinished,
        Audit audit,
        InstantSource clock,
        FailPoints failPoints)
        implements RestoreBackup {
    private static final System.Logger LOG = System.getLogger(RestoreBackupService.class.getName());

    /** @param who the requester's name, for the audit */
    private record Wish(Allowed allowed, String who) {}

    @Override
    public Outcome<Operation> start(String database, String filename, Allowed allowed, Requester requester) {
        return Outcome.attempt(
                () -> databases.findBackup(database, filename).then(located -> start(located, allowed, requester)));
    }

    private Outcome<Operation> start(LocatedBackup located, Allowed allowed, Requester requester) {
        Backup backup = located.backup();
        // At once: some dialects answer before the work is done, and their clients would take that for a restore.
        if (!allowed.foreign() && backup.isForeign()) {
            Problem problem = foreign(backup);
            LOG.log(Level.WARNING, "A restore is refused: " + problem.detail());
            return Outcome.refused(problem);
        }
        var order = new OperationRequest(
                OperationKind.RESTORE, backup.database(), Optional.of(backup.key()), allowed.variant(), requester);
        return runner.start(
                order,
                work -> check.reading(
                        located, artifact -> restore(located, artifact, new Wish(allowed, requester.name()), work)));
    }

    private Outcome<Result> restore(LocatedBackup located, Artifact artifact, Wish wish, ProgressMonitor work) {
        Backup backup = located.backup();
        // Whatever deeper check has marked it, a quick one that passes now does not take that back.
        if (!wish.allowed().corrupt() && backup.verification() instanceof Verification.Corrupt corrupt) {
            return Outcome.refused(new Problem.BackupCorrupt(backup.key(), corrupt.finding()));
        }
        if (!wish.allowed().corrupt() && backup.inconsistency().isPresent()) {
            return Outcome.refused(new Problem.BackupIncompatible("Backup \"" + backup.key()
                    + "\" is not from one moment, or not known to be, so a restore of it could make a state that never was: "
                    + backup.inconsistency().get()
                    + " Nothing was changed. Restore another backup, or insist with allow_corrupt=true."));
        }
        Optional<Sha256> hashed;
        switch (check.compareBytes(located, artifact, work)) {
            case Integrity.Compared.Right(Sha256 sha256) -> hashed = Optional.of(sha256);
            case Integrity.Compared.Wrong(String wrong) -> {
                note(located, Depth.CHECKSUM, wrong);
                if (!wish.allowed().corrupt()) {
                    return Outcome.refused(new Problem.BackupCorrupt(backup.key(), wrong));
                }
                warn(backup, wrong);
                hashed = Optional.empty();
            }
        }
        // Before anything is unpacked: that clears away what was unpacked before.
        unfinished.complete(located.registered());
        Source source = located.registered().database().source();
        return switch (checks.unpack(artifact, backup.layout(), source, Extent.RESTORE, checks.limits(backup), work)) {
            case UnpackResult.Unpacked(Parts parts) -> {
                try (parts) {
                    parts.remark().ifPresent(it -> LOG.log(Level.WARNING, "Restoring " + backup.key() + ": " + it));
                    yield restore(located, parts, hashed, wish, work);
                }
            }
            // Nobody can insist on what cannot be taken apart.
            case UnpackResult.Damaged(String finding) -> corrupt(located, finding);
            case UnpackResult.TooLarge(String finding) -> corrupt(located, finding);
            case UnpackResult.Invalid(String finding) -> Outcome.refused(new Problem.BackupIncompatible(finding));
        };
    }

    private Outcome<Result> restore(
            LocatedBackup located, Parts parts, Optional<Sha256> hashed, Wish wish, ProgressMonitor work) {
        Backup backup = located.backup();
        Verification found =
                checks.check(parts.databases(), Depth.QUICK, work).verification(Depth.QUICK, Instant.EPOCH);
        // That it passes is not noted: a store that cannot be written any more has to be good for a restore.
        if (found instanceof Verification.Corrupt damaged) {
            if (!wish.allowed().corrupt()) {
                return corrupt(located, damaged.finding());
            }
            note(located, Depth.QUICK, damaged.finding());
            warn(backup, damaged.finding());
        }
        return replace(located, parts, hashed, wish, work);
    }

    private static Problem foreign(Backup backup) {
        DatabaseName madeOf = backup.foreign().orElseThrow();
        return new Problem.BackupIncompatible("Backup \"" + backup.key() + "\" was made of database \"" + madeOf
                + "\", not of \"" + backup.database() + "\". Nothing was changed. Check whether two backup directories"
                + " were exchanged or a file was copied here, and restore another backup. If the content of \"" + madeOf
                + "\" is to replace that of \"" + backup.database() + "\", restore with allow_foreign=true.");
    }

    private Outcome<Result> corrupt(LocatedBackup located, String finding) {
        note(located, Depth.QUICK, finding);
        return Outcome.refused(new Problem.BackupCorrupt(located.backup().key(), finding));
    }

    private void note(LocatedBackup located, Depth depth, String finding) {
        check.noteIfPossible(located, new Verification.Corrupt(depth, clock.instant(), finding));
    }

    private static void warn(Backup backup, String finding) {
        LOG.log(Level.WARNING, "Restoring backup " + backup.key() + " although it is corrupt: " + finding);
    }

    private Outcome<Result> replace(
            LocatedBackup located, Parts parts, Optional<Sha256> hashed, Wish wish, ProgressMonitor work) {
        RegisteredDatabase registered = located.registered();
        Layout layout = located.backup().layout();
        var remarked = new RemarkedWork(work);
        // First, so that no replacement is without its row, however the server ends.
        located.backup().foreign().ifPresent(it -> note(located.backup(), it, wish.who()));
        return live.replace(
                        registered.database().source(),
                        new NewContent(content(parts.databases(), located.backup(), hashed), parts.directories()),
                        current -> secure(registered, layout, current, remarked),
                        remarked)
                .then(safety -> {
                    BackupKey key = located.backup().key();
                    remarked.remarks().forEach(it -> LOG.log(Level.WARNING, "Restoring " + key + ": " + it));
                    return Outcome.done(new Result.Restored(
                            key, safety, remarked.remarks(), located.backup().foreign()));
                });
    }

    private void note(Backup backup, DatabaseName madeOf, String who) {
        audit.add(new AuditEntry(
                clock.instant(),
                who,
                "restore.foreign",
                backup.database(),
                "backup " + backup.key() + ", which was made of database " + madeOf));
        LOG.log(
                Level.WARNING,
                "Restoring backup " + backup.key() + " into database " + backup.database()
                        + " although it was made of database " + madeOf + ", by " + who);
    }

    /**
     * A plain backup is its own only part, which is hashed again on its way. Of an archive each part was, when it was taken
     * out. A backup that came from elsewhere gives no file away; a foreign one would give it to the other application.
     */
    private static List<DatabasePart> content(List<DatabasePart> parts, Backup backup, Optional<Sha256> hashed) {
        if (backup.layout() != Layout.SQLITE) {
            return parts;
        }
        return parts.stream()
                .map(it -> new DatabasePart(
                        it.target(),
                        hashed.<Artifact>map(sha256 -> new VerifiedArtifact(it.image(), backup.key(), sha256))
                                .orElse(it.image()),
                        backup.ownership().filter(_ -> backup.origin().isOwn() && !backup.isForeign())))
                .toList();
    }

    /** Whatever was to be said of a safety backup, it may be that something is not in it. */
    static Kept<BackupKey> kept(Backup safety) {
        boolean whole = safety.verification() instanceof Verification.Passed passed
                && passed.remark().isEmpty();
        return new Kept<>(safety.key(), whole);
    }

    /** Backs up what the restore is about to replace. */
    private Outcome<Kept<BackupKey>> secure(
            RegisteredDatabase registered, Layout layout, List<DatabaseImage> current, ProgressMonitor work) {
        return maker.keep(registered, layout, current, Optional.empty(), work).then(safety -> {
            failPoints.reached("restore.secured");
            return Outcome.done(kept(safety));
        });
    }
}
