package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.Databases.LocatedBackup;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.BackupKey;
import dev.holdfast.domain.problem.Problem;
import java.util.Optional;

/** The calls that change a stored backup at once, without an operation. */
record ChangingBackups(Databases databases, Leases leases) implements UpdateBackup, DeleteBackup {
    @Override
    public Outcome<Backup> update(String database, String filename, Change change) {
        if (change.labels().filter(it -> !Backup.Labels.fits(it)).isPresent()) {
            return Outcome.refused(new Problem.InvalidArgument("labels", "labels: expected " + Backup.Labels.EXPECTED));
        }
        return Outcome.attempt(() -> databases.findBackup(database, filename).then(it -> update(it, change)));
    }

    private static Outcome<Backup> update(LocatedBackup located, Change change) {
        BackupKey key = located.backup().key();
        return located.registered()
                .store()
                .update(key, backup -> change(backup, change))
                .map(Outcome::done)
                .orElseGet(() -> Outcome.refused(new Problem.BackupNotFound(key)));
    }

    private static Backup change(Backup backup, Change change) {
        Backup pinned = change.pinned().map(backup::withPinned).orElse(backup);
        return change.labels().map(Backup.Labels::new).map(pinned::with).orElse(pinned);
    }

    @Override
    public Outcome<BackupKey> delete(String database, String filename) {
        return Outcome.attempt(() -> databases.findBackup(database, filename).then(this::delete));
    }

    private Outcome<BackupKey> delete(LocatedBackup located) {
        BackupKey key = located.backup().key();
        Optional<Leases.Lease> lease = leases.delete(located.backup().database(), key);
        if (lease.isEmpty()) {
            return Outcome.refused(new Problem.BackupInUse(key));
        }
        try (var _ = lease.get()) {
            return deleteUnlessPinned(located.registered().store(), key);
        }
    }

    /** Looks again under the lease: it may have been pinned since it was found. */
    private static Outcome<BackupKey> deleteUnlessPinned(BackupStore store, BackupKey key) {
        Optional<Backup> now = store.find(key);
        if (now.filter(Backup::pinned).isPresent()) {
            return Outcome.refused(new Problem.BackupPinned(key));
        }
        return store.delete(key) ? Outcome.done(key) : Outcome.refused(new Problem.BackupNotFound(key));
    }
}
