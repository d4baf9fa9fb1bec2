package dev.holdfast.grpc.service;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.grpc.message.EnumNames;
import dev.holdfast.grpc.message.OperationMessages;
import dev.holdfast.grpc.problem.GrpcCode;
import dev.holdfast.grpc.problem.GrpcReplies;
import dev.holdfast.grpc.problem.Problems;
import dev.holdfast.grpc.v1.CancelOperationRequest;
import dev.holdfast.grpc.v1.CancelOperationResponse;
import dev.holdfast.grpc.v1.GetOperationRequest;
import dev.holdfast.grpc.v1.GetOperationResponse;
import dev.holdfast.grpc.v1.ListOperationsRequest;
import dev.holdfast.grpc.v1.ListOperationsResponse;
import dev.holdfast.grpc.v1.OperationServiceGrpc.OperationServiceImplBase;
import dev.holdfast.grpc.v1.WatchOperationRequest;
import dev.holdfast.grpc.v1.WatchOperationResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;

public final class OperationService extends OperationServiceImplBase {
    private static final int MOST_WATCHERS = 100;

    private final Operations operations;
    private final InstantSource clock;
    private final Duration stall;
    private final Semaphore watchers = new Semaphore(MOST_WATCHERS);

    /** @param stall how long a watcher may take nothing */
    public OperationService(Operations operations, InstantSource clock, Duration stall) {
        this.operations = operations;
        this.clock = clock;
        this.stall = stall;
    }

    @Override
    public void listOperations(ListOperationsRequest request, StreamObserver<ListOperationsResponse> call) {
        GrpcReplies.reply(call, filter(request).then(it -> page(request, it, request.getPageSize())), it -> it);
    }

    /** As many as were asked for, or as fit. */
    private Outcome<ListOperationsResponse> page(ListOperationsRequest request, OperationLog.Filter filter, int size) {
        return operations.list(filter, size, request.getPageToken()).then(page -> {
            var messages = page.operations().stream().map(this::message).toList();
            int fitting = FittingPages.fitting(messages);
            return fitting < messages.size()
                    ? page(request, filter, fitting)
                    : Outcome.done(ListOperationsResponse.newBuilder()
                            .addAllOperations(messages)
                            .setNextPageToken(page.nextPageToken())
                            .build());
        });
    }

    private static Outcome<OperationLog.Filter> filter(ListOperationsRequest request) {
        return database(request.getDatabase())
                .then(database -> EnumNames.from("state", request.getState(), OperationState.class)
                        .then(state -> EnumNames.from("kind", request.getKind(), OperationKind.class)
                                .then(kind -> Outcome.done(new OperationLog.Filter(
                                        database,
                                        state,
                                        kind,
                                        Optional.of(request.getRequestedBy()).filter(it -> !it.isEmpty()))))));
    }

    /** The database to select, if one is named; it need not be registered any more. */
    private static Outcome<Optional<DatabaseName>> database(String name) {
        if (name.isEmpty()) {
            return Outcome.done(Optional.empty());
        }
        return DatabaseName.isValid(name)
                ? Outcome.done(Optional.of(new DatabaseName(name)))
                : Outcome.refused(new Problem.DatabaseNotFound(name));
    }

    @Override
    public void getOperation(GetOperationRequest request, StreamObserver<GetOperationResponse> call) {
        GrpcReplies.reply(
                call,
                operations.find(request.getId()),
                it -> GetOperationResponse.newBuilder()
                        .setOperation(message(it))
                        .build());
    }

    @Override
    public void cancelOperation(CancelOperationRequest request, StreamObserver<CancelOperationResponse> call) {
        GrpcReplies.reply(
                call,
                operations.cancel(request.getId()),
                it -> CancelOperationResponse.newBuilder()
                        .setOperation(message(it))
                        .build());
    }

    @Override
    public void watchOperation(WatchOperationRequest request, StreamObserver<WatchOperationResponse> call) {
        var stream = new FlowControlledStream<>((ServerCallStreamObserver<WatchOperationResponse>) call, stall);
        switch (operations.find(request.getId())) {
            case Outcome.Refused<Operation>(var problem) -> call.onError(Problems.of(problem));
            case Outcome.Done<Operation>(var operation) -> {
                if (watchers.tryAcquire()) {
                    var watch = new OperationWatch(operations, operation, request.getAfterRevision(), this::message);
                    stream.start(watchers::release, watch::send);
                } else {
                    call.onError(Problems.of(
                            GrpcCode.TOO_MANY_STREAMS,
                            "As many operations are watched as this server allows; ask with GetOperation."));
                }
            }
        }
    }

    private dev.holdfast.grpc.v1.Operation message(Operation operation) {
        return OperationMessages.of(operation, clock.instant());
    }
}
