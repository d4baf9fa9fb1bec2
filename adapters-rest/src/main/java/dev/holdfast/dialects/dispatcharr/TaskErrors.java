package dev.holdfast.dialects.dispatcharr;

import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.problem.ProblemCode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Why a task failed: in the original's words where it has some for this, else in ours. */
public final class TaskErrors {
    private static final Pattern OTHER_TYPE = Pattern.compile("its database is of the type \"([^\"]*)\"");
    private static final Pattern NO_DATABASE = Pattern.compile("the main database is missing: \"([^\"]*)\"");

    private TaskErrors() {}

    public static String text(Operation task) {
        return text(task, task.subject().map(BackupKey::value).orElse("").endsWith(".tar.gz"));
    }

    /** @param tar whether it is about an archive of the job API */
    public static String text(Operation task, boolean tar) {
        return task.failure()
                .map(it -> text(it, task.kind(), tar))
                .filter(it -> !it.isBlank())
                .orElse("Unknown error");
    }

    private static String text(Failure failure, OperationKind kind, boolean tar) {
        String detail = failure.detail();
        if (kind == OperationKind.BACKUP) {
            return detail;
        }
        Matcher otherType = OTHER_TYPE.matcher(detail);
        if (otherType.find()) {
            return "Database type mismatch: backup is " + otherType.group(1) + ", but current database is sqlite";
        }
        if (detail.contains("the zip has no end")) {
            return "File is not a zip file";
        }
        if (detail.contains("metadata.json is missing")) {
            return "Invalid backup: missing metadata.json";
        }
        Matcher noDatabase = NO_DATABASE.matcher(detail);
        if (noDatabase.find()) {
            return "Invalid backup: missing " + noDatabase.group(1);
        }
        boolean unknown = kind == OperationKind.UPLOAD && failure.code().equals(ProblemCode.NOT_A_DATABASE.id());
        if (tar && (unknown || detail.contains("the main database is missing"))) {
            return "Backup archive missing database dump";
        }
        if (tar && failure.code().equals(ProblemCode.BACKUP_NOT_FOUND.id())) {
            return "Archive file not found for restore";
        }
        if (tar && detail.contains("a member's name ")) {
            return "Archive contains invalid paths";
        }
        boolean corrupt = kind == OperationKind.RESTORE && failure.code().equals(ProblemCode.BACKUP_CORRUPT.id());
        return corrupt ? "SQLite restore verification failed: " + detail : detail;
    }
}
