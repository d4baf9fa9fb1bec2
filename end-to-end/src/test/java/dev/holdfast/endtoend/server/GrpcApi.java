package dev.holdfast.endtoend.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.FieldMask;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import dev.holdfast.grpc.v1.Backup;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.BackupServiceGrpc.BackupServiceBlockingStub;
import dev.holdfast.grpc.v1.CancelOperationRequest;
import dev.holdfast.grpc.v1.ConfirmLocationRequest;
import dev.holdfast.grpc.v1.ConfirmLocationResponse;
import dev.holdfast.grpc.v1.ConfirmStoreRequest;
import dev.holdfast.grpc.v1.ConfirmStoreResponse;
import dev.holdfast.grpc.v1.CreateBackupRequest;
import dev.holdfast.grpc.v1.DatabaseServiceGrpc;
import dev.holdfast.grpc.v1.DatabaseServiceGrpc.DatabaseServiceBlockingStub;
import dev.holdfast.grpc.v1.DeleteBackupRequest;
import dev.holdfast.grpc.v1.Depth;
import dev.holdfast.grpc.v1.DownloadBackupRequest;
import dev.holdfast.grpc.v1.DownloadBackupResponse;
import dev.holdfast.grpc.v1.DrillRestoreRequest;
import dev.holdfast.grpc.v1.GetBackupRequest;
import dev.holdfast.grpc.v1.GetOperationRequest;
import dev.holdfast.grpc.v1.GetPlanRequest;
import dev.holdfast.grpc.v1.GetPlanResponse;
import dev.holdfast.grpc.v1.ListBackupsRequest;
import dev.holdfast.grpc.v1.ListDatabasesRequest;
import dev.holdfast.grpc.v1.ListOperationsRequest;
import dev.holdfast.grpc.v1.OperationKind;
import dev.holdfast.grpc.v1.OperationServiceGrpc;
import dev.holdfast.grpc.v1.OperationServiceGrpc.OperationServiceBlockingStub;
import dev.holdfast.grpc.v1.OperationState;
import dev.holdfast.grpc.v1.Plan;
import dev.holdfast.grpc.v1.PlanStatus;
import dev.holdfast.grpc.v1.PreviewPlanRequest;
import dev.holdfast.grpc.v1.RestoreBackupRequest;
import dev.holdfast.grpc.v1.ResumeRetentionRequest;
import dev.holdfast.grpc.v1.ResumeRetentionResponse;
import dev.holdfast.grpc.v1.Retention;
import dev.holdfast.grpc.v1.Schedule;
import dev.holdfast.grpc.v1.StoreServiceGrpc;
import dev.holdfast.grpc.v1.UpdateBackupRequest;
import dev.holdfast.grpc.v1.UpdatePlanRequest;
import dev.holdfast.grpc.v1.UpdatePlanResponse;
import dev.holdfast.grpc.v1.UploadBackupRequest;
import dev.holdfast.grpc.v1.UploadBackupResponse;
import dev.holdfast.grpc.v1.UploadMetadata;
import dev.holdfast.grpc.v1.VerifyBackupRequest;
import dev.holdfast.grpc.v1.WaitMode;
import dev.holdfast.grpc.v1.WatchOperationRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.grpc.testing.StreamRecorder;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Over {@code holdfast.v1}, with what it calls otherwise in REST's words. */
public final class GrpcApi implements BackupApi, AutoCloseable {
    private static final int CHUNK = 10_000;

    private final ManagedChannel connection;
    private final Channel channel;
    private final Set<String> called = new ConcurrentSkipListSet<>();
    private final String token;
    private volatile Status.Code lastStatus = Status.Code.OK;

    public GrpcApi(int port, String token) {
        this.token = token;
        connection =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        channel = io.grpc.ClientInterceptors.intercept(connection, new Calling());
    }

    /** Sends the token, and remembers which calls were made. */
    private final class Calling implements ClientInterceptor {
        @Override
        public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
            called.add(method.getFullMethodName());
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                @Override
                public void start(Listener<R> listener, Metadata headers) {
                    if (!token.isEmpty()) {
                        headers.put(
                                Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
                    }
                    super.start(
                            new SimpleForwardingClientCallListener<>(listener) {
                                @Override
                                public void onClose(Status status, Metadata trailers) {
                                    lastStatus = status.getCode();
                                    super.onClose(status, trailers);
                                }
                            },
                            headers);
                }
            };
        }
    }

    /** The status of the last call that ended. */
    public Status.Code lastStatus() {
        return lastStatus;
    }

    public Set<String> called() {
        return called;
    }

    private BackupServiceBlockingStub backups() {
        return BackupServiceGrpc.newBlockingStub(channel).withDeadlineAfter(Duration.ofMinutes(1));
    }

    private OperationServiceBlockingStub operations() {
        return OperationServiceGrpc.newBlockingStub(channel).withDeadlineAfter(Duration.ofMinutes(1));
    }

    private DatabaseServiceBlockingStub databaseCalls() {
        return DatabaseServiceGrpc.newBlockingStub(channel).withDeadlineAfter(Duration.ofMinutes(1));
    }

    private static Map<String, Object> answer(Supplier<Map<String, Object>> call) throws Exception {
        try {
            return call.get();
        } catch (StatusRuntimeException e) {
            return refusal(e);
        }
    }

    private static Map<String, Object> refusal(StatusRuntimeException e) throws InvalidProtocolBufferException {
        com.google.rpc.Status status = Objects.requireNonNull(StatusProto.fromThrowable(e));
        if (status.getDetailsCount() == 0) {
            throw e;
        }
        var told = new TreeMap<String, Object>();
        told.put("detail", status.getMessage());
        told.putAll(status.getDetails(0).unpack(ErrorInfo.class).getMetadataMap());
        for (com.google.protobuf.Any detail : status.getDetailsList()) {
            // That a filename is wrong is all that REST's code says.
            if (detail.is(BadRequest.class) && !"invalid-filename".equals(told.get("code"))) {
                told.put(
                        "field",
                        detail.unpack(BadRequest.class).getFieldViolations(0).getField());
            }
        }
        return told;
    }

    private static Map<String, Object> backup(MessageOrBuilder message) {
        Map<String, Object> backup = MessageMembers.of(message);
        verification(backup);
        return backup;
    }

    private static void verification(Map<String, Object> parent) {
        if (parent.get("verification") instanceof Map<?, ?> verification) {
            rename(members(verification), "checked_at", "at");
        }
    }

    private static Map<String, Object> operation(MessageOrBuilder message) {
        Map<String, Object> operation = MessageMembers.of(message);
        operation.remove("revision"); // over REST the id of an event
        rename(operation, "filename", "subject");
        rename(members(operation.get("progress")), "time_left", "seconds_left");
        if (operation.get("result") instanceof Map<?, ?> result) {
            String kind = (String) result.keySet().iterator().next();
            Map<String, Object> inner = members(result.get(kind));
            verification(inner);
            if (kind.equals("backup")) {
                inner.keySet().retainAll(List.of("database", "filename", "size", "created_at"));
            }
            operation.put("result", inner);
        }
        return operation;
    }

    private static Map<String, Object> plan(String database, Plan plan, PlanStatus status) {
        Map<String, Object> all = MessageMembers.of(plan);
        all.putAll(MessageMembers.of(status));
        all.put("database", database);
        for (String name : List.of("schedule", "drill")) {
            Map<String, Object> schedule = members(all.get(name));
            String kind = schedule.keySet().iterator().next();
            var flat = new TreeMap<String, Object>(members(schedule.get(kind)));
            flat.put("kind", kind);
            all.put(name, flat);
        }
        all.remove("recheck_every", "PT0S");
        if (all.remove("last_drill_at") instanceof String at) {
            Map<String, Object> drill = members(all.get("last_drill"));
            drill.remove("database");
            drill.put("at", at);
        }
        if (status.hasLastRun()) {
            all.put("last_run", operation(status.getLastRun()));
        }
        return all;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> members(@Nullable Object value) {
        return (Map<String, Object>) Objects.requireNonNull(value);
    }

    private static void rename(Map<String, Object> members, String from, String to) {
        Object value = members.remove(from);
        if (value != null) {
            members.put(to, value);
        }
    }

    @Override
    public Map<String, Object> create(String database, String requestId) throws Exception {
        return answer(() -> {
            Map<String, Object> made = backup(backups()
                    .createBackup(CreateBackupRequest.newBuilder()
                            .setDatabase(database)
                            .setRequestId(requestId)
                            .build())
                    .getBackup());
            made.keySet().retainAll(List.of("database", "filename", "size", "created_at"));
            return made;
        });
    }

    @Override
    public Map<String, Object> createAtOnce(String database) throws Exception {
        return answer(() -> operation(backups()
                .createBackup(CreateBackupRequest.newBuilder()
                        .setDatabase(database)
                        .setWait(WaitMode.WAIT_MODE_RETURN_AT_ONCE)
                        .build())
                .getOperation()));
    }

    @Override
    public Map<String, Object> find(String database, String filename) throws Exception {
        return answer(() -> backup(backups()
                .getBackup(GetBackupRequest.newBuilder()
                        .setDatabase(database)
                        .setFilename(filename)
                        .build())
                .getBackup()));
    }

    @Override
    public Map<String, Object> list(String database, int pageSize, String pageToken) throws Exception {
        return answer(() -> {
            var page = backups()
                    .listBackups(ListBackupsRequest.newBuilder()
                            .setDatabase(database)
                            .setPageSize(pageSize)
                            .setPageToken(pageToken)
                            .build());
            Map<String, Object> told = MessageMembers.of(page);
            told.put(
                    "backups",
                    page.getBackupsList().stream().map(GrpcApi::backup).toList());
            return told;
        });
    }

    @Override
    public Map<String, Object> update(String database, String filename, boolean pinned, Map<String, String> labels)
            throws Exception {
        return answer(() -> backup(backups()
                .updateBackup(UpdateBackupRequest.newBuilder()
                        .setDatabase(database)
                        .setBackup(Backup.newBuilder()
                                .setFilename(filename)
                                .setPinned(pinned)
                                .putAllLabels(labels))
                        .setUpdateMask(FieldMask.newBuilder().addPaths("pinned").addPaths("labels"))
                        .build())
                .getBackup()));
    }

    @Override
    public Map<String, Object> delete(String database, String filename) throws Exception {
        return answer(() -> MessageMembers.of(backups()
                .deleteBackup(DeleteBackupRequest.newBuilder()
                        .setDatabase(database)
                        .setFilename(filename)
                        .build())));
    }

    @Override
    public Map<String, Object> restore(String database, String filename, boolean allowCorrupt, boolean allowForeign)
            throws Exception {
        return answer(() -> MessageMembers.of(backups()
                .restoreBackup(RestoreBackupRequest.newBuilder()
                        .setDatabase(database)
                        .setFilename(filename)
                        .setAllowCorrupt(allowCorrupt)
                        .setAllowForeign(allowForeign)
                        .build())
                .getRestored()));
    }

    @Override
    public Map<String, Object> verify(String database, String filename, String depth) throws Exception {
        return answer(() -> {
            Map<String, Object> verified = MessageMembers.of(backups()
                    .verifyBackup(VerifyBackupRequest.newBuilder()
                            .setDatabase(database)
                            .setFilename(filename)
                            .setDepth(Depth.valueOf("DEPTH_" + depth.toUpperCase(Locale.ROOT)))
                            .build())
                    .getVerified());
            verification(verified);
            return verified;
        });
    }

    @Override
    public Map<String, Object> drill(String database) throws Exception {
        return answer(() -> MessageMembers.of(backups()
                .drillRestore(
                        DrillRestoreRequest.newBuilder().setDatabase(database).build())
                .getDrilled()));
    }

    @Override
    public Map<String, Object> download(String database, String filename, long offset, String etag) throws Exception {
        var bytes = new ByteArrayOutputStream();
        Map<String, Object> told = answer(() -> {
            Iterator<DownloadBackupResponse> parts = backups()
                    .downloadBackup(DownloadBackupRequest.newBuilder()
                            .setDatabase(database)
                            .setFilename(filename)
                            .setOffset(offset)
                            .setEtag(etag)
                            .build());
            Map<String, Object> header = MessageMembers.of(parts.next().getHeader());
            parts.forEachRemaining(it -> bytes.writeBytes(it.getChunk().toByteArray()));
            header.keySet().retainAll(List.of("size", "etag", "media_type"));
            return header;
        });
        if (!told.containsKey("code")) {
            told.put("sha256_of_bytes", RestApi.sha256(bytes.toByteArray()));
        }
        return told;
    }

    @Override
    public AutoCloseable holdOpen(String database, String filename) {
        Context.CancellableContext reading = Context.current().withCancellation();
        reading.run(() -> {
            Iterator<DownloadBackupResponse> parts = backups()
                    .downloadBackup(DownloadBackupRequest.newBuilder()
                            .setDatabase(database)
                            .setFilename(filename)
                            .build());
            var _ = parts.next();
        });
        return () -> reading.cancel(null);
    }

    @Override
    @SuppressWarnings("deprecation") // The library deprecates its recorder for anything but tests.
    public Map<String, Object> upload(String database, String filename, byte[] content, String requestId)
            throws Exception {
        StreamRecorder<UploadBackupResponse> answer = StreamRecorder.create();
        StreamObserver<UploadBackupRequest> upload =
                BackupServiceGrpc.newStub(channel).uploadBackup(answer);
        upload.onNext(UploadBackupRequest.newBuilder()
                .setMetadata(UploadMetadata.newBuilder()
                        .setDatabase(database)
                        .setFilename(filename)
                        .setRequestId(requestId)
                        .setSize(content.length))
                .build());
        for (int at = 0; at < content.length; at += CHUNK) {
            upload.onNext(UploadBackupRequest.newBuilder()
                    .setChunk(ByteString.copyFrom(content, at, Math.min(CHUNK, content.length - at)))
                    .build());
        }
        upload.onCompleted();
        if (!answer.awaitCompletion(1, TimeUnit.MINUTES)) {
            throw new AssertionError("the upload goes on");
        }
        return answer.getError() instanceof StatusRuntimeException e
                ? refusal(e)
                : backup(answer.getValues().getFirst().getBackup());
    }

    @Override
    public Map<String, Object> operations(String database, String state, String kind, String requestedBy, int pageSize)
            throws Exception {
        var request = ListOperationsRequest.newBuilder()
                .setDatabase(database)
                .setRequestedBy(requestedBy)
                .setPageSize(pageSize);
        if (!state.isEmpty()) {
            request.setState(OperationState.valueOf("OPERATION_STATE_" + state.toUpperCase(Locale.ROOT)));
        }
        if (!kind.isEmpty()) {
            request.setKind(OperationKind.valueOf("OPERATION_KIND_" + kind.toUpperCase(Locale.ROOT)));
        }
        return answer(() -> {
            var page = operations().listOperations(request.build());
            Map<String, Object> told = MessageMembers.of(page);
            told.put(
                    "operations",
                    page.getOperationsList().stream().map(GrpcApi::operation).toList());
            return told;
        });
    }

    @Override
    public Map<String, Object> operation(String id) throws Exception {
        return answer(() -> operation(operations()
                .getOperation(GetOperationRequest.newBuilder().setId(id).build())
                .getOperation()));
    }

    @Override
    public Map<String, Object> cancel(String id) throws Exception {
        return answer(() -> operation(operations()
                .cancelOperation(CancelOperationRequest.newBuilder().setId(id).build())
                .getOperation()));
    }

    @Override
    public Map<String, Object> watch(String id) throws Exception {
        return answer(() -> {
            var told = new ArrayList<Map<String, Object>>();
            operations()
                    .watchOperation(WatchOperationRequest.newBuilder().setId(id).build())
                    .forEachRemaining(it -> told.add(operation(it.getOperation())));
            return told.getLast();
        });
    }

    @Override
    public Map<String, Object> databases() throws Exception {
        return answer(() -> Map.of(
                "databases",
                databaseCalls().listDatabases(ListDatabasesRequest.getDefaultInstance()).getDatabasesList().stream()
                        .map(it -> {
                            Map<String, Object> database = MessageMembers.of(it);
                            rename(database, "standing", "freshness");
                            if (it.hasNewestBackup()) {
                                database.put("newest_backup", backup(it.getNewestBackup()));
                            }
                            return database;
                        })
                        .toList()));
    }

    @Override
    public Map<String, Object> plan(String database) throws Exception {
        return answer(() -> {
            GetPlanResponse plan = databaseCalls()
                    .getPlan(GetPlanRequest.newBuilder().setDatabase(database).build());
            return plan(database, plan.getPlan(), plan.getStatus());
        });
    }

    @Override
    public Map<String, Object> updatePlan(String database, String at, int last) throws Exception {
        return change(
                database,
                Plan.newBuilder()
                        .setSchedule(Schedule.newBuilder()
                                .setDaily(Schedule.Daily.newBuilder().setAt(at)))
                        .setRetention(Retention.newBuilder().setLast(last))
                        .build(),
                "schedule",
                "retention.last");
    }

    @Override
    public Map<String, Object> previewPlan(String database, int last) throws Exception {
        return answer(() -> Map.of(
                "backups",
                databaseCalls()
                        .previewPlan(PreviewPlanRequest.newBuilder()
                                .setDatabase(database)
                                .setPlan(Plan.newBuilder()
                                        .setRetention(Retention.newBuilder().setLast(last)))
                                .build())
                        .getVerdictsList()
                        .stream()
                        .map(it -> {
                            Map<String, Object> verdict = MessageMembers.of(it);
                            verdict.putAll(members(verdict.remove("backup")));
                            verdict.keySet().retainAll(List.of("filename", "created_at", "size", "fate", "reasons"));
                            return verdict;
                        })
                        .toList()));
    }

    @Override
    public Map<String, Object> resumeRetention(String database) throws Exception {
        return answer(() -> {
            ResumeRetentionResponse resumed = databaseCalls()
                    .resumeRetention(ResumeRetentionRequest.newBuilder()
                            .setDatabase(database)
                            .build());
            return plan(database, resumed.getPlan(), resumed.getStatus());
        });
    }

    @Override
    public Map<String, Object> confirmStore(String database, String store) throws Exception {
        return answer(() -> {
            ConfirmStoreResponse confirmed = StoreServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(Duration.ofMinutes(1))
                    .confirmStore(ConfirmStoreRequest.newBuilder()
                            .setDatabase(database)
                            .setStore(store)
                            .build());
            return Map.of(
                    "store", confirmed.getStore(),
                    "database", confirmed.getDatabase(),
                    "id", confirmed.getId(),
                    "databases", List.copyOf(confirmed.getDatabasesList()),
                    "backups", (long) confirmed.getBackupCount(),
                    "detail", confirmed.getDetail());
        });
    }

    @Override
    public Map<String, Object> confirmLocation(String database, String resolved) throws Exception {
        return answer(() -> {
            ConfirmLocationResponse confirmed = DatabaseServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(Duration.ofMinutes(1))
                    .confirmLocation(ConfirmLocationRequest.newBuilder()
                            .setDatabase(database)
                            .setResolvedPath(resolved)
                            .build());
            return Map.of(
                    "database", confirmed.getDatabase(),
                    "confirmed",
                            confirmed.getConfirmedList().stream()
                                    .map(it -> Map.of(
                                            "path", it.getPath(),
                                            "previous_path", it.getPreviousPath(),
                                            "resolved_path", it.getResolvedPath()))
                                    .toList(),
                    "detail", confirmed.getDetail());
        });
    }

    @Override
    public Map<String, Object> resetPlan(String database) throws Exception {
        return change(database, Plan.getDefaultInstance(), "schedule", "retention");
    }

    private Map<String, Object> change(String database, Plan plan, String... mask) throws Exception {
        return answer(() -> {
            UpdatePlanResponse changed = databaseCalls()
                    .updatePlan(UpdatePlanRequest.newBuilder()
                            .setDatabase(database)
                            .setPlan(plan)
                            .setUpdateMask(FieldMask.newBuilder().addAllPaths(List.of(mask)))
                            .build());
            return plan(database, changed.getPlan(), changed.getStatus());
        });
    }

    @Override
    public void close() {
        connection.shutdownNow();
    }
}
