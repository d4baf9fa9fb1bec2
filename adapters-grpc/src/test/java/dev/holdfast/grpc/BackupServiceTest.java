package dev.holdfast.grpc;

import static dev.holdfast.grpc.InProcess.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.FieldMask;
import com.google.rpc.BadRequest;
import com.google.rpc.RetryInfo;
import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.ListBackups;
import dev.holdfast.application.backup.UpdateBackup;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.grpc.InProcess.Refusal;
import dev.holdfast.grpc.message.BackupMessages;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.CreateBackupRequest;
import dev.holdfast.grpc.v1.CreateBackupResponse;
import dev.holdfast.grpc.v1.DeleteBackupRequest;
import dev.holdfast.grpc.v1.GetBackupRequest;
import dev.holdfast.grpc.v1.Layout;
import dev.holdfast.grpc.v1.ListBackupsRequest;
import dev.holdfast.grpc.v1.ListBackupsResponse;
import dev.holdfast.grpc.v1.RestoreBackupRequest;
import dev.holdfast.grpc.v1.RestoreBackupResponse;
import dev.holdfast.grpc.v1.UpdateBackupRequest;
import dev.holdfast.grpc.v1.VerifyBackupRequest;
import dev.holdfast.grpc.v1.VerifyBackupResponse;
import dev.holdfast.grpc.v1.WaitMode;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class BackupServiceTest {
    private static final BackupKey KEY = new BackupKey("app_20260413_142530.db");
    private static final Backup BACKUP = BackupFixture.backup(KEY, new byte[100]);

    private final StubUseCases given = new StubUseCases();
    private final List<String> asked = new ArrayList<>();

    @Test
    void creating_waits_for_the_backup() throws Exception {
        given.create = (database, origin, layout, requester) -> {
            asked.add(database + " " + origin + " " + layout + " " + requester);
            return Outcome.done(given.operations.ended(
                    OperationKind.BACKUP, it -> it.succeeded(new Result.BackupMade(BACKUP), FakeOperations.NOON)));
        };
        try (var server = InProcess.serving(given)) {
            CreateBackupResponse answer = server.backups()
                    .createBackup(CreateBackupRequest.newBuilder()
                            .setDatabase("shop")
                            .setLayout(Layout.LAYOUT_DISPATCHARR_ZIP)
                            .setRequestId("k1")
                            .build());
            assertThat(answer.getBackup()).isEqualTo(BackupMessages.of(BACKUP));
            assertThat(answer.getBackup().getSize()).isEqualTo(100);
            assertThat(asked)
                    .containsExactly("shop MANUAL Optional[DISPATCHARR_ZIP] "
                            + "Requester[name=anonymous, idempotencyKey=Optional[k1]]");
        }
    }

    @Test
    void creating_answers_the_operation_at_once_if_asked_to() throws Exception {
        given.create =
                (database, origin, layout, requester) -> Outcome.done(given.operations.begin(OperationKind.BACKUP));
        try (var server = InProcess.serving(given)) {
            CreateBackupResponse answer = server.backups()
                    .createBackup(CreateBackupRequest.newBuilder()
                            .setWait(WaitMode.WAIT_MODE_RETURN_AT_ONCE)
                            .build());
            assertThat(answer.getOperation().getState())
                    .isEqualTo(dev.holdfast.grpc.v1.OperationState.OPERATION_STATE_RUNNING);
        }
    }

    @Test
    void an_operation_that_fails_is_an_error_with_its_code() throws Exception {
        given.create = (database, origin, layout, requester) -> Outcome.done(given.operations.ended(
                OperationKind.BACKUP, it -> it.failed(new Failure("source-corrupt", "damaged"), FakeOperations.NOON)));
        try (var server = InProcess.serving(given)) {
            Refusal refusal = refusal(() -> server.backups().createBackup(CreateBackupRequest.getDefaultInstance()));
            assertThat(refusal.status()).isEqualTo(Status.Code.DATA_LOSS);
            assertThat(refusal.reason()).isEqualTo("SOURCE_CORRUPT");
            assertThat(refusal.text()).isEqualTo("damaged");
            assertThat(refusal.info().getMetadataOrThrow("operation")).isEqualTo("op-1");
        }
    }

    @Test
    void what_failed_is_worth_another_try_unless_the_request_has_an_id_that_remembers_it() throws Exception {
        given.create = (database, origin, layout, requester) -> Outcome.done(given.operations.ended(
                OperationKind.BACKUP, it -> it.failed(new Failure("source-busy", "locked"), FakeOperations.NOON)));
        try (var server = InProcess.serving(given)) {
            var request = CreateBackupRequest.newBuilder();
            assertThat(refusal(() -> server.backups().createBackup(request.build()))
                            .whole()
                            .getDetailsList())
                    .anyMatch(it -> it.is(RetryInfo.class));
            request.setRequestId("k1");
            assertThat(refusal(() -> server.backups().createBackup(request.build()))
                            .whole()
                            .getDetailsList())
                    .noneMatch(it -> it.is(RetryInfo.class));
        }
    }

    @Test
    void a_page_has_no_more_than_a_client_takes() throws Exception {
        var labels = new HashMap<String, String>();
        for (int i = 0; i < 32; i++) {
            labels.put("k".repeat(60) + i, "\u00e9".repeat(255));
        }
        List<Backup> all = Collections.nCopies(1000, BACKUP.with(new Backup.Labels(labels)));
        given.list = (database, size, token) -> {
            int from = token.isEmpty() ? 0 : Integer.parseInt(token);
            int to = Math.min(from + (size == 0 ? 1000 : size), 1000);
            return Outcome.done(new ListBackups.Page(all.subList(from, to), to == 1000 ? "" : Integer.toString(to)));
        };
        try (var server = InProcess.serving(given)) {
            int count = 0;
            String token = "";
            do {
                var page = server.backups()
                        .listBackups(ListBackupsRequest.newBuilder()
                                .setPageToken(token)
                                .build());
                assertThat(page.getSerializedSize()).isBetween(1, 4 << 20);
                count += page.getBackupsCount();
                token = page.getNextPageToken();
            } while (!token.isEmpty());
            assertThat(count).isEqualTo(1000);
        }
    }

    @Test
    void a_message_that_cannot_be_read_is_the_clients_fault_and_not_logged() throws Exception {
        var logged = new CopyOnWriteArrayList<String>();
        var handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                logged.add(entry.getLevel() + " " + entry.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger root = Logger.getLogger("");
        root.addHandler(handler);
        try (var server = InProcess.serving(given)) {
            var method = BackupServiceGrpc.getListBackupsMethod();
            Refusal refusal = refusal(() -> ClientCalls.blockingUnaryCall(
                    server.channel,
                    method.toBuilder(new RawMessageMarshaller(), method.getResponseMarshaller())
                            .build(),
                    CallOptions.DEFAULT,
                    ByteString.copyFrom(new byte[] {-1, -1, -1})));
            assertThat(refusal.status()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(refusal.reason()).isEqualTo("INVALID_ARGUMENT");
            assertThat(logged).isEmpty();
        } finally {
            root.removeHandler(handler);
        }
    }

    @Test
    void a_client_that_waits_no_longer_stops_nothing() throws Exception {
        var begun = new CompletableFuture<Operation>();
        given.create = (database, origin, layout, requester) -> {
            Operation operation = given.operations.begin(OperationKind.BACKUP);
            begun.complete(operation);
            return Outcome.done(operation);
        };
        try (var server = InProcess.serving(given)) {
            assertThatThrownBy(() -> server.backups()
                            .withDeadlineAfter(Duration.ofMillis(200))
                            .createBackup(CreateBackupRequest.getDefaultInstance()))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            it -> assertThat(it.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
            Operation operation = given.operations.current(begun.get(10, TimeUnit.SECONDS));
            assertThat(operation.state()).isEqualTo(OperationState.RUNNING);
            assertThat(operation.cancelRequested()).isFalse();
        }
    }

    @Test
    void what_is_not_known_is_refused_before_anything_begins() throws Exception {
        try (var server = InProcess.serving(given)) {
            assertViolation(
                    "layout",
                    () -> server.backups()
                            .createBackup(CreateBackupRequest.newBuilder()
                                    .setLayoutValue(77)
                                    .build()));
            assertViolation(
                    "wait",
                    () -> server.backups()
                            .createBackup(CreateBackupRequest.newBuilder()
                                    .setWaitValue(77)
                                    .build()));
            assertViolation(
                    "request_id",
                    () -> server.backups()
                            .restoreBackup(RestoreBackupRequest.newBuilder()
                                    .setRequestId("with blank")
                                    .build()));
            assertViolation(
                    "depth",
                    () -> server.backups()
                            .verifyBackup(VerifyBackupRequest.newBuilder()
                                    .setDepthValue(77)
                                    .build()));
        }
    }

    private static void assertViolation(String field, Runnable call) {
        Refusal refusal = refusal(call);
        assertThat(refusal.status()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal.detail(BadRequest.class).getFieldViolations(0).getField())
                .isEqualTo(field);
    }

    @Test
    void what_nobody_expected_is_told_without_its_cause() throws Exception {
        given.find = (database, filename) -> {
            throw new IllegalStateException("a secret");
        };
        try (var server = InProcess.serving(given)) {
            Refusal refusal = refusal(() -> server.backups().getBackup(GetBackupRequest.getDefaultInstance()));
            assertThat(refusal.status()).isEqualTo(Status.Code.INTERNAL);
            assertThat(refusal.reason()).isEqualTo("INTERNAL");
            assertThat(refusal.whole().toString()).doesNotContain("secret");
        }
    }

    @Test
    void a_backup_is_found_and_listed_by_page() throws Exception {
        given.find = (database, filename) -> {
            asked.add(database + " " + filename);
            return Outcome.done(BACKUP);
        };
        given.list = (database, pageSize, pageToken) -> {
            asked.add(database + " " + pageSize + " " + pageToken);
            return Outcome.done(new ListBackups.Page(List.of(BACKUP), "next"));
        };
        try (var server = InProcess.serving(given)) {
            assertThat(server.backups()
                            .getBackup(GetBackupRequest.newBuilder()
                                    .setFilename("x.db")
                                    .build())
                            .getBackup()
                            .getSha256())
                    .isEqualTo(BACKUP.sha256().orElseThrow().hex());
            ListBackupsResponse page = server.backups()
                    .listBackups(ListBackupsRequest.newBuilder()
                            .setPageSize(7)
                            .setPageToken("t")
                            .build());
            assertThat(page.getBackupsCount()).isEqualTo(1);
            assertThat(page.getNextPageToken()).isEqualTo("next");
            assertThat(asked).containsExactly("default x.db", "default 7 t");
        }
    }

    @Test
    void an_update_changes_what_its_mask_names() throws Exception {
        var changes = new ArrayList<UpdateBackup.Change>();
        given.update = (database, filename, change) -> {
            changes.add(change);
            return Outcome.done(BACKUP);
        };
        try (var server = InProcess.serving(given)) {
            var backup = dev.holdfast.grpc.v1.Backup.newBuilder()
                    .setFilename(KEY.value())
                    .putLabels("why", "release");
            var request = UpdateBackupRequest.newBuilder().setBackup(backup);
            var _ = server.backups()
                    .updateBackup(request.setUpdateMask(mask("pinned")).build());
            var _ = server.backups()
                    .updateBackup(request.setUpdateMask(mask("labels")).build());
            assertThat(changes)
                    .containsExactly(
                            new UpdateBackup.Change(Optional.of(false), Optional.empty()),
                            new UpdateBackup.Change(Optional.empty(), Optional.of(Map.of("why", "release"))));
            assertViolation(
                    "update_mask",
                    () -> server.backups()
                            .updateBackup(request.setUpdateMask(mask("size")).build()));
            assertViolation(
                    "update_mask",
                    () -> server.backups()
                            .updateBackup(request.setUpdateMask(mask()).build()));
            assertViolation(
                    "backup.labels",
                    () -> server.backups()
                            .updateBackup(request.setBackup(backup.putLabels("x".repeat(64), ""))
                                    .setUpdateMask(mask("labels"))
                                    .build()));
        }
    }

    private static FieldMask mask(String... paths) {
        return FieldMask.newBuilder().addAllPaths(List.of(paths)).build();
    }

    @Test
    void a_deletion_that_is_refused_says_why() throws Exception {
        given.delete = (database, filename) ->
                filename.equals(KEY.value()) ? Outcome.refused(new Problem.BackupPinned(KEY)) : Outcome.done(KEY);
        try (var server = InProcess.serving(given)) {
            assertThat(server.backups()
                            .deleteBackup(DeleteBackupRequest.newBuilder()
                                    .setFilename("other.db")
                                    .build()))
                    .isNotNull();
            Refusal refusal = refusal(() -> server.backups()
                    .deleteBackup(DeleteBackupRequest.newBuilder()
                            .setFilename(KEY.value())
                            .build()));
            assertThat(refusal.status()).isEqualTo(Status.Code.FAILED_PRECONDITION);
            assertThat(refusal.reason()).isEqualTo("BACKUP_PINNED");
        }
    }

    @Test
    void a_restore_tells_the_safety_backup() throws Exception {
        given.restore = (database, filename, allowed, requester) -> {
            asked.add(database + " " + filename + " " + allowed.corrupt() + " " + allowed.foreign());
            return Outcome.done(given.operations.ended(
                    OperationKind.RESTORE,
                    it -> it.succeeded(
                            new Result.Restored(
                                    KEY,
                                    Optional.of(new BackupKey("safety.db")),
                                    List.of(),
                                    Optional.of(new DatabaseName("shop"))),
                            FakeOperations.NOON)));
        };
        try (var server = InProcess.serving(given)) {
            RestoreBackupResponse answer = server.backups()
                    .restoreBackup(RestoreBackupRequest.newBuilder()
                            .setFilename(KEY.value())
                            .setAllowCorrupt(true)
                            .setAllowForeign(true)
                            .build());
            assertThat(answer.getRestored().getRestoredFrom()).isEqualTo(KEY.value());
            assertThat(answer.getRestored().getSafetyBackup()).isEqualTo("safety.db");
            assertThat(answer.getRestored().getForeign()).isEqualTo("shop");
            assertThat(asked).containsExactly("default " + KEY + " true true");
        }
    }

    @Test
    void a_check_is_full_unless_it_says_otherwise_and_a_corrupt_backup_is_its_result() throws Exception {
        given.verify = (database, filename, depth, requester) -> {
            asked.add(depth.toString());
            return Outcome.done(given.operations.ended(
                    OperationKind.VERIFY,
                    it -> it.succeeded(
                            new Result.Verified(KEY, new Verification.Corrupt(depth, FakeOperations.NOON, "page 3")),
                            FakeOperations.NOON)));
        };
        try (var server = InProcess.serving(given)) {
            VerifyBackupResponse answer = server.backups().verifyBackup(VerifyBackupRequest.getDefaultInstance());
            assertThat(asked).containsExactly("FULL");
            assertThat(answer.getVerified().getVerification().getState())
                    .isEqualTo(dev.holdfast.grpc.v1.Verification.State.STATE_CORRUPT);
            assertThat(answer.getVerified().getVerification().getFinding()).isEqualTo("page 3");
        }
    }
}
