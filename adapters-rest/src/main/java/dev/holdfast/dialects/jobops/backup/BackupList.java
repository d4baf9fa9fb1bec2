package dev.holdfast.dialects.jobops.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.ListBackups;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.dialects.jobops.JobOpsDatabase;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.domain.profile.Naming;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/** The backups that JobOps would see. */
@Singleton
public final class BackupList {
    private final ListBackups listBackups;
    private final Databases databases;
    private final JobOpsDatabase database;

    BackupList(ListBackups listBackups, Databases databases, JobOpsDatabase database) {
        this.listBackups = listBackups;
        this.databases = databases;
        this.database = database;
    }

    Database database() {
        return switch (databases.find(database.name())) {
            case Outcome.Done<RegisteredDatabase>(var registered) -> registered.database();
            case Outcome.Refused<RegisteredDatabase>(Problem problem) -> throw new ProblemException(problem);
        };
    }

    Naming naming() {
        return database().naming();
    }

    Outcome<List<BackupInfo>> newestFirst() {
        Naming naming = naming();
        List<BackupInfo> all = new ArrayList<>();
        String token = "";
        do {
            switch (listBackups.list(database.name(), 0, token)) {
                case Outcome.Refused<ListBackups.Page>(Problem problem) -> {
                    return Outcome.refused(problem);
                }
                case Outcome.Done<ListBackups.Page>(ListBackups.Page(List<Backup> backups, String next)) -> {
                    backups.stream()
                            .flatMap(it -> BackupInfo.of(it, naming).stream())
                            .forEach(all::add);
                    token = next;
                }
            }
        } while (!token.isEmpty());
        return Outcome.done(all.stream().sorted(BackupInfo.NEWEST_FIRST).toList());
    }
}
