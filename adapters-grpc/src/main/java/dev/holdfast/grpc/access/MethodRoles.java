package dev.holdfast.grpc.access;

import dev.holdfast.domain.access.Role;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.DatabaseServiceGrpc;
import dev.holdfast.grpc.v1.OperationServiceGrpc;
import dev.holdfast.grpc.v1.StoreServiceGrpc;
import io.grpc.MethodDescriptor;
import java.util.Map;
import java.util.Optional;

/** Which role a call takes: the same as over REST. */
public final class MethodRoles {
    /** For whoever asks whether this server is alive. */
    private static final String HEALTH = "grpc.health.v1.Health";
    /** Tells what the protos tell. */
    private static final String REFLECTION = "grpc.reflection.v1.ServerReflection";

    private static final Map<String, Role> ROLES = Map.ofEntries(
            Map.entry(BackupServiceGrpc.getCreateBackupMethod().getFullMethodName(), Role.OPERATOR),
            Map.entry(BackupServiceGrpc.getGetBackupMethod().getFullMethodName(), Role.VIEWER),
            Map.entry(BackupServiceGrpc.getListBackupsMethod().getFullMethodName(), Role.VIEWER),
            Map.entry(BackupServiceGrpc.getUpdateBackupMethod().getFullMethodName(), Role.ADMIN),
            Map.entry(BackupServiceGrpc.getDeleteBackupMethod().getFullMethodName(), Role.ADMIN),
            Map.entry(BackupServiceGrpc.getRestoreBackupMethod().getFullMethodName(), Role.ADMIN),
            Map.entry(BackupServiceGrpc.getVerifyBackupMethod().getFullMethodName(), Role.OPERATOR),
            Map.entry(BackupServiceGrpc.getDrillRestoreMethod().getFullMethodName(), Role.OPERATOR),
            Map.entry(BackupServiceGrpc.getDownloadBackupMethod().getFullMethodName(), Role.OPERATOR),
            Map.entry(BackupServiceGrpc.getUploadBackupMethod().getFullMethodName(), Role.ADMIN),
            Map.entry(OperationServiceGrpc.getListOperationsMethod().getFullMethodName(), Role.VIEWER),
            Map.entry(OperationServiceGrpc.getGetOperationMethod().getFullMethodName(), Role.VIEWER),
            Map.entry(OperationServiceGrpc.getCancelOperationMethod().getFullMethodName(), Role.OPERATOR),
            Map.entry(OperationServiceGrpc.getWatchOperationMethod().getFullMethodName(), Role.VIEWER),
            Map.entry(DatabaseServiceGrpc.getListDatabasesMethod().getFullMethodName(), Role.VIEWER),
            Map.entry(DatabaseServiceGrpc.getGetPlanMethod().getFullMethodName(), Role.VIEWER),
            Map.entry(DatabaseServiceGrpc.getUpdatePlanMethod().getFullMethodName(), Role.ADMIN),
            Map.entry(DatabaseServiceGrpc.getPreviewPlanMethod().getFullMethodName(), Role.VIEWER),
            Map.entry(DatabaseServiceGrpc.getResumeRetentionMethod().getFullMethodName(), Role.ADMIN),
            Map.entry(DatabaseServiceGrpc.getConfirmLocationMethod().getFullMethodName(), Role.ADMIN),
            Map.entry(StoreServiceGrpc.getConfirmStoreMethod().getFullMethodName(), Role.ADMIN));

    private MethodRoles() {}

    /** What nobody has thought of is closed to all. */
    public sealed interface Access {
        record Open() implements Access {}

        record From(Role role) implements Access {}

        record Closed() implements Access {}
    }

    public static Access of(MethodDescriptor<?, ?> method) {
        if (HEALTH.equals(method.getServiceName())) {
            return new Access.Open();
        }
        if (REFLECTION.equals(method.getServiceName())) {
            return new Access.From(Role.VIEWER);
        }
        return Optional.ofNullable(ROLES.get(method.getFullMethodName()))
                .<Access>map(Access.From::new)
                .orElseGet(Access.Closed::new);
    }
}
