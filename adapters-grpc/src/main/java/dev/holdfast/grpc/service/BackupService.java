package dev.holdfast.grpc.service;

import com.google.protobuf.FieldMask;
import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.RestoreBackup;
import dev.holdfast.application.backup.UpdateBackup;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.grpc.access.Caller;
import dev.holdfast.grpc.message.BackupMessages;
import dev.holdfast.grpc.message.EnumNames;
import dev.holdfast.grpc.problem.GrpcReplies;
import dev.holdfast.grpc.problem.Problems;
import dev.holdfast.grpc.v1.BackupServiceGrpc.BackupServiceImplBase;
import dev.holdfast.grpc.v1.CreateBackupRequest;
import dev.holdfast.grpc.v1.CreateBackupResponse;
import dev.holdfast.grpc.v1.DeleteBackupRequest;
import dev.holdfast.grpc.v1.DeleteBackupResponse;
import dev.holdfast.grpc.v1.DownloadBackupRequest;
import dev.holdfast.grpc.v1.DownloadBackupResponse;
import dev.holdfast.grpc.v1.DrillRestoreRequest;
import dev.holdfast.grpc.v1.DrillRestoreResponse;
import dev.holdfast.grpc.v1.GetBackupRequest;
import dev.holdfast.grpc.v1.GetBackupResponse;
import dev.holdfast.grpc.v1.ListBackupsRequest;
import dev.holdfast.grpc.v1.ListBackupsResponse;
import dev.holdfast.grpc.v1.RestoreBackupRequest;
import dev.holdfast.grpc.v1.RestoreBackupResponse;
import dev.holdfast.grpc.v1.UpdateBackupRequest;
import dev.holdfast.grpc.v1.UpdateBackupResponse;
import dev.holdfast.grpc.v1.UploadBackupRequest;
import dev.holdfast.grpc.v1.UploadBackupResponse;
import dev.holdfast.grpc.v1.VerifyBackupRequest;
import dev.holdfast.grpc.v1.VerifyBackupResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

public final class BackupService extends BackupServiceImplBase {
    private static final String PINNED = "pinned";
    private static final String LABELS = "labels";

    private final UseCases useCases;
    private final StartedOperations started;
    private final Duration stall;
    private final IdleTimeout silence;

    /**
     * @param stall how long a client may take nothing in the middle of a stream
     * @param silence how long it may send nothing
     */
    public BackupService(UseCases useCases, StartedOperations started, Duration stall, IdleTimeout silence) {
        this.useCases = useCases;
        this.started = started;
        this.stall = stall;
        this.silence = silence;
    }

    @Override
    public void createBackup(CreateBackupRequest request, StreamObserver<CreateBackupResponse> call) {
        Outcome<Operation> operation = StartedOperations.known(request.getWait())
                .then(_ -> EnumNames.from("layout", request.getLayout(), Layout.class))
                .then(layout -> Caller.requester(request.getRequestId())
                        .then(requester -> useCases.create()
                                .start(GrpcReplies.database(request.getDatabase()), Origin.MANUAL, layout, requester)));
        started.reply(
                call,
                request.getWait(),
                request.getRequestId(),
                operation,
                running ->
                        CreateBackupResponse.newBuilder().setOperation(running).build(),
                result -> CreateBackupResponse.newBuilder()
                        .setBackup(result.getBackup())
                        .build());
    }

    @Override
    public void getBackup(GetBackupRequest request, StreamObserver<GetBackupResponse> call) {
        GrpcReplies.reply(
                call,
                useCases.find().find(GrpcReplies.database(request.getDatabase()), request.getFilename()),
                it -> GetBackupResponse.newBuilder()
                        .setBackup(BackupMessages.of(it))
                        .build());
    }

    @Override
    public void listBackups(ListBackupsRequest request, StreamObserver<ListBackupsResponse> call) {
        GrpcReplies.reply(call, page(request, request.getPageSize()), it -> it);
    }

    /** As many as were asked for, or as fit. */
    private Outcome<ListBackupsResponse> page(ListBackupsRequest request, int size) {
        return useCases.list()
                .list(GrpcReplies.database(request.getDatabase()), size, request.getPageToken())
                .then(page -> {
                    var messages =
                            page.backups().stream().map(BackupMessages::of).toList();
                    int fitting = FittingPages.fitting(messages);
                    return fitting < messages.size()
                            ? page(request, fitting)
                            : Outcome.done(ListBackupsResponse.newBuilder()
                                    .addAllBackups(messages)
                                    .setNextPageToken(page.nextPageToken())
                                    .build());
                });
    }

    @Override
    public void updateBackup(UpdateBackupRequest request, StreamObserver<UpdateBackupResponse> call) {
        GrpcReplies.reply(
                call,
                change(request.getBackup(), request.getUpdateMask())
                        .then(change -> useCases.update()
                                .update(
                                        GrpcReplies.database(request.getDatabase()),
                                        request.getBackup().getFilename(),
                                        change)),
                it -> UpdateBackupResponse.newBuilder()
                        .setBackup(BackupMessages.of(it))
                        .build());
    }

    private static Outcome<UpdateBackup.Change> change(dev.holdfast.grpc.v1.Backup backup, FieldMask mask) {
        List<String> paths = mask.getPathsList();
        if (paths.isEmpty() || !Set.of(PINNED, LABELS).containsAll(paths)) {
            return Outcome.refused(new Problem.InvalidArgument(
                    "update_mask", "update_mask names what is to be changed: pinned, labels or both."));
        }
        Map<String, String> labels = backup.getLabelsMap();
        if (paths.contains(LABELS) && !Backup.Labels.fits(labels)) {
            return Outcome.refused(
                    new Problem.InvalidArgument("backup.labels", "labels is " + Backup.Labels.EXPECTED + "."));
        }
        return Outcome.done(new UpdateBackup.Change(
                paths.contains(PINNED) ? Optional.of(backup.getPinned()) : Optional.empty(),
                paths.contains(LABELS) ? Optional.of(labels) : Optional.empty()));
    }

    @Override
    public void deleteBackup(DeleteBackupRequest request, StreamObserver<DeleteBackupResponse> call) {
        GrpcReplies.reply(
                call,
                useCases.delete().delete(GrpcReplies.database(request.getDatabase()), request.getFilename()),
                _ -> DeleteBackupResponse.getDefaultInstance());
    }

    @Override
    public void restoreBackup(RestoreBackupRequest request, StreamObserver<RestoreBackupResponse> call) {
        Outcome<Operation> operation = StartedOperations.known(request.getWait())
                .then(_ -> Caller.requester(request.getRequestId()))
                .then(requester -> useCases.restore()
                        .start(
                                GrpcReplies.database(request.getDatabase()),
                                request.getFilename(),
                                new RestoreBackup.Allowed(request.getAllowCorrupt(), request.getAllowForeign()),
                                requester));
        started.reply(
                call,
                request.getWait(),
                request.getRequestId(),
                operation,
                running ->
                        RestoreBackupResponse.newBuilder().setOperation(running).build(),
                result -> RestoreBackupResponse.newBuilder()
                        .setRestored(result.getRestored())
                        .build());
    }

    @Override
    public void verifyBackup(VerifyBackupRequest request, StreamObserver<VerifyBackupResponse> call) {
        Outcome<Operation> operation = StartedOperations.known(request.getWait())
                .then(_ -> EnumNames.from("depth", request.getDepth(), Depth.class))
                .then(depth -> Caller.requester(request.getRequestId())
                        .then(requester -> useCases.verify()
                                .start(
                                        GrpcReplies.database(request.getDatabase()),
                                        request.getFilename(),
                                        depth.orElse(Depth.FULL),
                                        requester)));
        started.reply(
                call,
                request.getWait(),
                request.getRequestId(),
                operation,
                running ->
                        VerifyBackupResponse.newBuilder().setOperation(running).build(),
                result -> VerifyBackupResponse.newBuilder()
                        .setVerified(result.getVerified())
                        .build());
    }

    @Override
    public void drillRestore(DrillRestoreRequest request, StreamObserver<DrillRestoreResponse> call) {
        Outcome<Operation> operation = StartedOperations.known(request.getWait())
                .then(_ -> Caller.requester(request.getRequestId()))
                .then(requester -> useCases.drill().start(GrpcReplies.database(request.getDatabase()), requester));
        started.reply(
                call,
                request.getWait(),
                request.getRequestId(),
                operation,
                running ->
                        DrillRestoreResponse.newBuilder().setOperation(running).build(),
                result -> DrillRestoreResponse.newBuilder()
                        .setDrilled(result.getDrilled())
                        .build());
    }

    @Override
    public void downloadBackup(DownloadBackupRequest request, StreamObserver<DownloadBackupResponse> call) {
        new FlowControlledStream<>((ServerCallStreamObserver<DownloadBackupResponse>) call, stall).start(stream -> {
            switch (Download.open(useCases.open(), request, stream)) {
                case Outcome.Refused<Download>(var problem) -> throw Problems.of(problem);
                case Outcome.Done<Download>(var download) -> {
                    try (download) {
                        download.send(stream);
                    }
                }
            }
        });
    }

    @Override
    public StreamObserver<UploadBackupRequest> uploadBackup(StreamObserver<UploadBackupResponse> call) {
        return Upload.begin((ServerCallStreamObserver<UploadBackupResponse>) call, useCases.upload(), started, silence);
    }
}
