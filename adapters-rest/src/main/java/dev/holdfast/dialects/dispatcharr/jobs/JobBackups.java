package dev.holdfast.dialects.dispatcharr.jobs;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.FindBackup;
import dev.holdfast.application.backup.ListBackups;
import dev.holdfast.dialects.dispatcharr.DispatcharrDatabase;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The backups that jobs have made, as far as they are still there: by now another file may have such a name. */
@Singleton
final class JobBackups {
    private final ListBackups listBackups;
    private final FindBackup findBackup;
    private final DispatcharrDatabase database;

    JobBackups(ListBackups listBackups, FindBackup findBackup, DispatcharrDatabase database) {
        this.listBackups = listBackups;
        this.findBackup = findBackup;
        this.database = database;
    }

    /** Refused with {@code BackupNotFound} also where what has the name is not what this job made. */
    Outcome<Backup> find(Operation job) {
        Optional<Backup> made = made(job);
        if (made.isEmpty()) {
            return Outcome.refused(new Problem.InvalidFilename("This job has made no backup."));
        }
        BackupKey key = made.get().key();
        return findBackup
                .find(database.name(), key.value())
                .then(there -> there.sha256().equals(made.get().sha256())
                        ? Outcome.done(there)
                        : Outcome.refused(new Problem.BackupNotFound(key)));
    }

    /** Whether the store has answered that a job's backup is not there. */
    boolean isGone(Operation job) {
        return find(job) instanceof Outcome.Refused<Backup>(Problem.BackupNotFound _);
    }

    private static Optional<Backup> made(Operation job) {
        return job.result()
                .flatMap(it -> it instanceof Result.BackupMade(Backup backup) ? Optional.of(backup) : Optional.empty())
                .filter(it -> it.sha256().isPresent());
    }

    /** Whether a job's backup is there; for many jobs, at the cost of one list. */
    Predicate<Operation> present() {
        var digests = new HashMap<BackupKey, Optional<Sha256>>();
        String token = "";
        do {
            switch (listBackups.list(database.name(), 0, token)) {
                case Outcome.Done<ListBackups.Page>(var page) -> {
                    page.backups().forEach(it -> digests.put(it.key(), it.sha256()));
                    token = page.nextPageToken();
                }
                // What cannot be asked cannot be downloaded either.
                case Outcome.Refused<ListBackups.Page> _ -> token = "";
            }
        } while (!token.isEmpty());
        Map<BackupKey, Optional<Sha256>> there = Map.copyOf(digests);
        return job ->
                made(job).filter(it -> it.sha256().equals(there.get(it.key()))).isPresent();
    }
}
