package dev.holdfast.dialects.jobops.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.CreateBackup;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.dialects.jobops.JobOpsApiError;
import dev.holdfast.dialects.jobops.JobOpsApiErrors;
import dev.holdfast.dialects.jobops.JobOpsDatabase;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemCode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes backups that somebody asks for. JobOps makes several at once; here only one operation at a time changes what
 * there is of a database, so that whoever asks meanwhile waits their turn, and gets the backup all the same.
 */
@Singleton
public final class ManualBackups {
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);
    private static final JobOpsApiError BUSY =
            JobOpsApiError.of(409, "Another operation has been running on the database for too long; try again later.");

    private final CreateBackup createBackup;
    private final Operations operations;
    private final JobOpsDatabase database;
    private final BackupList backups;
    private final Duration longestWait;
    private final ReentrantLock turn = new ReentrantLock(true);

    @Inject
    ManualBackups(CreateBackup createBackup, Operations operations, JobOpsDatabase database, BackupList backups) {
        this(createBackup, operations, database, backups, LONGEST_WAIT);
    }

    /** @param longestWait until a backup begins */
    public ManualBackups(
            CreateBackup createBackup,
            Operations operations,
            JobOpsDatabase database,
            BackupList backups,
            Duration longestWait) {
        this.createBackup = createBackup;
        this.operations = operations;
        this.database = database;
        this.backups = backups;
        this.longestWait = longestWait;
    }

    /** What became of it. */
    sealed interface Ended {
        record Made(BackupInfo backup) implements Ended {}

        record Failed(JobOpsApiError error) implements Ended {}
    }

    Ended create(Requester requester) throws InterruptedException {
        long until = System.nanoTime() + longestWait.toNanos();
        if (!turn.tryLock(longestWait.toMillis(), TimeUnit.MILLISECONDS)) {
            return new Ended.Failed(BUSY);
        }
        try {
            Outcome<Operation> started = createBackup.start(database.name(), requester);
            while (started instanceof Outcome.Refused<Operation>(Problem.OperationInProgress(var _, var inTheWay))) {
                if (!hasEnded(inTheWay, until)) {
                    return new Ended.Failed(BUSY);
                }
                started = createBackup.start(database.name(), requester);
            }
            return switch (started) {
                case Outcome.Done<Operation>(Operation operation) -> ended(operations.awaitEnd(operation.id()));
                case Outcome.Refused<Operation>(Problem problem) -> new Ended.Failed(JobOpsApiErrors.of(problem, ""));
            };
        } finally {
            turn.unlock();
        }
    }

    private boolean hasEnded(OperationId id, long until) throws InterruptedException {
        long revision = -1;
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            Optional<Operation> changed = operations.awaitChange(id, revision, Duration.ofNanos(left));
            if (changed.filter(it -> !it.state().isFinal()).isEmpty()) {
                return System.nanoTime() - until < 0;
            }
            revision = changed.get().revision();
        }
        return false;
    }

    private Ended ended(Operation operation) {
        return switch (operation.state()) {
            case SUCCEEDED -> made(operation);
            case FAILED -> new Ended.Failed(failed(operation.failure().orElseThrow()));
            case CANCELLED, RUNNING ->
                new Ended.Failed(
                        JobOpsApiError.of(409, "Operation " + operation.id() + " was cancelled before it was done."));
        };
    }

    private Ended made(Operation operation) {
        return operation.result().orElseThrow() instanceof Result.BackupMade(Backup backup)
                ? BackupInfo.of(backup, backups.naming())
                        .<Ended>map(Ended.Made::new)
                        .orElseGet(() -> new Ended.Failed(JobOpsApiError.INTERNAL))
                : new Ended.Failed(JobOpsApiError.INTERNAL);
    }

    private JobOpsApiError failed(Failure failure) {
        Path file = backups.database().source().main();
        boolean missing = failure.code().equals(ProblemCode.SOURCE_NOT_FOUND.id())
                || (failure.code().equals(ProblemCode.NOT_A_DATABASE.id()) && Files.notExists(file));
        return missing ? JobOpsApiError.of(500, "Database file not found: " + file) : JobOpsApiErrors.of(failure, "");
    }
}
