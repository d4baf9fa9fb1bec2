package dev.holdfast.grpc;

import static dev.holdfast.grpc.InProcess.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.operation.Progress;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.grpc.message.BackupMessages;
import dev.holdfast.grpc.v1.CancelOperationRequest;
import dev.holdfast.grpc.v1.GetOperationRequest;
import dev.holdfast.grpc.v1.ListOperationsRequest;
import dev.holdfast.grpc.v1.ListOperationsResponse;
import dev.holdfast.grpc.v1.OperationState;
import dev.holdfast.grpc.v1.WatchOperationRequest;
import dev.holdfast.grpc.v1.WatchOperationResponse;
import io.grpc.Status;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class OperationServiceTest {
    private final StubUseCases given = new StubUseCases();
    private final FakeOperations operations = given.operations;

    @Test
    void a_watch_tells_how_an_operation_stands_how_it_goes_on_and_its_end() throws Exception {
        Operation operation = operations.begin(OperationKind.BACKUP, "ann");
        try (var server = InProcess.serving(given)) {
            Iterator<WatchOperationResponse> told = server.operations()
                    .watchOperation(
                            WatchOperationRequest.newBuilder().setId("op-1").build());
            var first = told.next().getOperation();
            assertThat(first.getState()).isEqualTo(OperationState.OPERATION_STATE_RUNNING);
            assertThat(first.getRequestedBy()).isEqualTo("ann");
            assertThat(first.getRevision()).isEqualTo(1);

            operations.change(operation, it -> it.in(Phase.COPYING, new Progress(10, 100)));
            var second = told.next().getOperation();
            assertThat(second.getPhase()).isEqualTo(dev.holdfast.grpc.v1.Phase.PHASE_COPYING);
            assertThat(second.getProgress().getBytesDone()).isEqualTo(10);
            assertThat(second.getProgress().getBytesTotal()).isEqualTo(100);

            var backup = BackupFixture.backup(new BackupKey("a.db"), new byte[5]);
            operations.change(operation, it -> it.succeeded(new Result.BackupMade(backup), FakeOperations.NOON));
            var last = told.next().getOperation();
            assertThat(last.getState()).isEqualTo(OperationState.OPERATION_STATE_SUCCEEDED);
            assertThat(last.getResult().getBackup()).isEqualTo(BackupMessages.of(backup));
            assertThat(last.getFilename()).isEqualTo("a.db");
            assertThat(told.hasNext()).isFalse();
        }
    }

    @Test
    void a_watch_does_not_repeat_what_its_client_has_while_the_operation_runs() throws Exception {
        Operation operation = operations.begin(OperationKind.BACKUP);
        try (var server = InProcess.serving(given)) {
            Iterator<WatchOperationResponse> told = watch(server, 1);
            operations.change(operation, it -> it.in(Phase.COPYING, new Progress(10, 100)));
            assertThat(told.next().getOperation().getRevision()).isEqualTo(2);
            fail(operation);
            assertThat(told.next().getOperation().getError().getCode()).isEqualTo("source-busy");
            assertThat(told.hasNext()).isFalse();
        }
    }

    /** After a restart the revisions may be others, and the end may have one that the client has seen on something else. */
    @Test
    void the_end_is_told_whatever_revision_the_client_has() throws Exception {
        fail(operations.begin(OperationKind.BACKUP));
        try (var server = InProcess.serving(given)) {
            for (long seen = 0; seen < 4; seen++) {
                Iterator<WatchOperationResponse> told = watch(server, seen);
                assertThat(told.next().getOperation().getError().getCode()).isEqualTo("source-busy");
                assertThat(told.hasNext()).isFalse();
            }
        }
    }

    @Test
    void a_revision_that_is_yet_to_come_hides_nothing() throws Exception {
        Operation operation = operations.begin(OperationKind.BACKUP);
        try (var server = InProcess.serving(given)) {
            Iterator<WatchOperationResponse> told = watch(server, 1000);
            assertThat(told.next().getOperation().getRevision()).isEqualTo(1);
            fail(operation);
            assertThat(told.next().getOperation().getError().getCode()).isEqualTo("source-busy");
        }
    }

    private void fail(Operation operation) {
        operations.change(operation, it -> it.failed(new Failure("source-busy", "locked"), FakeOperations.NOON));
    }

    private static Iterator<WatchOperationResponse> watch(InProcess server, long seen) {
        return server.operations()
                .watchOperation(WatchOperationRequest.newBuilder()
                        .setId("op-1")
                        .setAfterRevision(seen)
                        .build());
    }

    @Test
    void an_operation_is_shown_and_asked_to_stop() throws Exception {
        Operation operation = operations.begin(OperationKind.BACKUP);
        try (var server = InProcess.serving(given)) {
            assertThat(server.operations()
                            .getOperation(GetOperationRequest.newBuilder()
                                    .setId("op-1")
                                    .build())
                            .getOperation()
                            .getCancelRequested())
                    .isFalse();
            assertThat(server.operations()
                            .cancelOperation(CancelOperationRequest.newBuilder()
                                    .setId("op-1")
                                    .build())
                            .getOperation()
                            .getCancelRequested())
                    .isTrue();
            assertThat(operations.current(operation).cancelRequested()).isTrue();
        }
    }

    @Test
    void an_operation_that_is_not_there_is_not_found_by_any_call() throws Exception {
        try (var server = InProcess.serving(given)) {
            for (Runnable call : List.<Runnable>of(
                    () -> server.operations().getOperation(GetOperationRequest.getDefaultInstance()),
                    () -> server.operations().cancelOperation(CancelOperationRequest.getDefaultInstance()),
                    () -> server.operations()
                            .watchOperation(WatchOperationRequest.getDefaultInstance())
                            .next())) {
                InProcess.Refusal refusal = refusal(call);
                assertThat(refusal.status()).isEqualTo(Status.Code.NOT_FOUND);
                assertThat(refusal.reason()).isEqualTo("OPERATION_NOT_FOUND");
            }
        }
    }

    @Test
    void a_list_is_filtered_and_paged() throws Exception {
        operations.begin(OperationKind.BACKUP);
        try (var server = InProcess.serving(given)) {
            ListOperationsResponse page = server.operations()
                    .listOperations(ListOperationsRequest.newBuilder()
                            .setDatabase("shop")
                            .setState(OperationState.OPERATION_STATE_FAILED)
                            .setKind(dev.holdfast.grpc.v1.OperationKind.OPERATION_KIND_RESTORE)
                            .setRequestedBy("ann")
                            .setPageSize(5)
                            .setPageToken("t")
                            .build());
            assertThat(page.getOperationsCount()).isEqualTo(1);
            assertThat(page.getNextPageToken()).isEqualTo("more");
            assertThat(operations.asked)
                    .containsExactly("Filter[database=Optional[shop], state=Optional[FAILED], "
                            + "kind=Optional[RESTORE], requestedBy=Optional[ann]] 5 t");
            assertThat(refusal(() -> server.operations()
                                    .listOperations(ListOperationsRequest.newBuilder()
                                            .setDatabase("no name")
                                            .build()))
                            .reason())
                    .isEqualTo("DATABASE_NOT_FOUND");
        }
    }
}
