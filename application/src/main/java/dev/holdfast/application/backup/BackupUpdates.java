package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.Databases.LocatedBackup;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.store.BackupStore.Deletion;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import java.util.Optional;
import java.util.function.Predicate;

/** The calls that change a stored backup at once, without an operation. */
record BackupUpdates(Databases databases, Leases leases) implements UpdateBackup, DeleteBackup {
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
        return delete(located.registered(), key, now -> !now.pinned()).then(deletion -> switch (deletion) {
            case Deletion.Deleted _ -> Outcome.done(key);
            case Deletion.Absent _ -> Outcome.refused(new Problem.BackupNotFound(key));
            case Deletion.Retained _ -> Outcome.refused(new Problem.BackupPinned(key));
        });
    }

    /**
     * Deletes a backup that is not being read, if {@code condition} holds for it as it is now.
     *
     * @return refused with {@code BackupInUse} if it is being read
     */
    Outcome<Deletion> delete(RegisteredDatabase registered, BackupKey key, Predicate<Backup> condition) {
        try (var exclusion = new Exclusion(leases, registered.database().name(), key)) {
            Deletion deletion = registered.store().delete(key, now -> condition.test(now) && exclusion.acquire());
            return exclusion.failed() ? Outcome.refused(new Problem.BackupInUse(key)) : Outcome.done(deletion);
        }
    }

    /**
     * A lease for a deletion, acquired once the deletion is decided: until then readers are not turned away. A deletion
     * that is decided after its caller has stopped waiting for a store that hangs does not happen.
     */
    private static final class Exclusion implements AutoCloseable {
        private final Leases leases;
        private final DatabaseName database;
        private final BackupKey key;
        private Optional<Leases.Lease> lease = Optional.empty();
        private boolean failed;
        private boolean closed;

        Exclusion(Leases leases, DatabaseName database, BackupKey key) {
            this.leases = leases;
            this.database = database;
            this.key = key;
        }

        synchronized boolean acquire() {
            if (closed) {
                return false;
            }
            lease = leases.delete(database, key);
            failed = lease.isEmpty();
            return !failed;
        }

        synchronized boolean failed() {
            return failed;
        }

        @Override
        public synchronized void close() {
            closed = true;
            lease.ifPresent(Leases.Lease::close);
        }
    }
}
