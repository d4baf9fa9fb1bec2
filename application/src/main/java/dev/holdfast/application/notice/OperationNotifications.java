package dev.holdfast.application.notice;

import dev.holdfast.application.operation.OperationEvents;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Suspicion;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.operation.Result;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Makes notices of operations that have ended. A cancelled one is nobody's failure: who cancelled it knows. */
public final class OperationNotifications implements OperationEvents {
    private static final int PAGE = 100;

    private final Notifier notices;
    private final Set<DatabaseName> failing = ConcurrentHashMap.newKeySet();

    private OperationNotifications(Notifier notices) {
        this.notices = notices;
    }

    /**
     * To be made before any operation runs: one that {@code log} holds as running was cut off, and counts as failed.
     *
     * @param databases whose backups failed before is asked of {@code log} once
     */
    public static OperationNotifications to(Notifier notices, OperationLog log, Collection<DatabaseName> databases) {
        var made = new OperationNotifications(notices);
        databases.stream().filter(it -> lastBackupFailed(log, it)).forEach(made.failing::add);
        log.unfinished().stream()
                .filter(it -> it.kind() == OperationKind.BACKUP)
                .map(Operation::database)
                .forEach(made.failing::add);
        return made;
    }

    private static boolean lastBackupFailed(OperationLog log, DatabaseName database) {
        Optional<Operation> good = log.lastBackup(database);
        var failed = new OperationLog.Filter(Optional.of(database), Optional.of(OperationState.FAILED));
        Optional<Operation> after = Optional.empty();
        while (true) { // failed restores and verifications may stand in between
            List<Operation> page = log.list(failed, after, PAGE);
            for (Operation operation : page) {
                if (good.isPresent()
                        && operation.startedAt().isBefore(good.get().startedAt())) {
                    return false;
                }
                if (operation.kind() == OperationKind.BACKUP) {
                    return true;
                }
            }
            if (page.size() < PAGE) {
                return false;
            }
            after = Optional.of(page.getLast());
        }
    }

    @Override
    public void ended(Operation operation) {
        operation.failure().ifPresent(it -> failed(operation, it));
        operation.result().ifPresent(it -> succeeded(operation, it));
    }

    private void failed(Operation operation, Failure failure) {
        if (operation.kind() == OperationKind.BACKUP) {
            failing.add(operation.database());
        }
        tell(
                Notification.Kind.FAILURE,
                operation,
                operation.subject(),
                "The " + operation.kind().name().toLowerCase(Locale.ROOT) + " of database " + operation.database()
                        + " failed: " + failure.detail());
    }

    private void succeeded(Operation operation, Result result) {
        switch (result) {
            case Result.BackupMade(Backup backup) -> backedUp(operation, backup);
            case Result.Verified(BackupKey key, Verification.Corrupt corrupt) ->
                tell(
                        Notification.Kind.CORRUPT,
                        operation,
                        Optional.of(key),
                        "Backup " + key + " of database " + operation.database() + " is not what was written: "
                                + corrupt.finding());
            case Result.Drilled drill -> drilled(operation, drill);
            case Result.Expired(List<BackupKey> _, List<BackupKey> failed)
            when !failed.isEmpty() ->
                tell(
                        Notification.Kind.FAILURE,
                        operation,
                        Optional.of(failed.getFirst()),
                        "Of database " + operation.database() + " " + failed.size()
                                + " expired backups could not be removed, among them " + failed.getFirst() + ".");
            case Result.Restored(BackupKey from, var _, List<String> remarks, var foreign) ->
                tell(
                        Notification.Kind.RESTORED,
                        operation,
                        Optional.of(from),
                        String.join(
                                " ",
                                Stream.concat(
                                                Stream.of("Backup " + from
                                                        + foreign.map(it -> ", which was made of database " + it + ",")
                                                                .orElse("")
                                                        + " was restored into database " + operation.database() + "."),
                                                remarks.stream())
                                        .toList()));
            case Result.Verified _, Result.Expired _, Result.Uploaded _ -> {}
        }
    }

    private void drilled(Operation operation, Result.Drilled drill) {
        switch (drill.outcome()) {
            case FAILED ->
                tell(
                        Notification.Kind.CORRUPT,
                        operation,
                        drill.backup(),
                        "A restore drill of database " + operation.database() + " failed: " + drill.text());
            case INCONCLUSIVE ->
                tell(
                        Notification.Kind.FAILURE,
                        operation,
                        drill.backup(),
                        "A restore drill of database " + operation.database() + " could not be held: " + drill.text());
            case PASSED -> {}
        }
    }

    private void backedUp(Operation operation, Backup backup) {
        BackupKey key = backup.key();
        Optional<BackupKey> about = Optional.of(key);
        tell(
                Notification.Kind.SUCCESS,
                operation,
                about,
                "A backup of database " + operation.database() + " was made: " + key + ".");
        if (failing.remove(operation.database())) {
            tell(
                    Notification.Kind.RECOVERED,
                    operation,
                    about,
                    "Backups of database " + operation.database() + " succeed again, after at least one that failed.");
        }
        if (backup.suspicion().filter(Suspicion::begins).isPresent()) {
            tell(
                    Notification.Kind.SUSPICIOUS,
                    operation,
                    about,
                    "Retention of database " + operation.database() + " is paused: backup " + key + " is suspicious. "
                            + backup.doubt().orElseThrow() + " The earlier backups stay. If the database lost its"
                            + " content, restore one of them; if it is as it should be, resume its retention.");
        }
    }

    private void tell(Notification.Kind kind, Operation operation, Optional<BackupKey> backup, String text) {
        notices.tell(new Notification(
                kind,
                operation.database(),
                operation.finishedAt().orElse(operation.startedAt()),
                text,
                Optional.of(operation.id()),
                backup));
    }
}
