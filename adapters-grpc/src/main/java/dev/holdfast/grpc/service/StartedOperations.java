package dev.holdfast.grpc.service;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.grpc.message.OperationMessages;
import dev.holdfast.grpc.problem.Problems;
import dev.holdfast.grpc.v1.OperationResult;
import dev.holdfast.grpc.v1.WaitMode;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Answers a call that has started an operation: with what came of it, or, if the client prefers, at once. */
public record StartedOperations(Operations operations, InstantSource clock) {
    /** How often a call that waits looks whether its client is still there. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    /**
     * Waits on the caller's thread, which is a virtual one. A client that goes away meanwhile stops nothing.
     *
     * @param requestId as the client sent it; empty for none
     * @param running the answer at once
     * @param done the answer that was waited for
     */
    <M> void reply(
            StreamObserver<M> observer,
            WaitMode wait,
            String requestId,
            Outcome<Operation> started,
            Function<dev.holdfast.grpc.v1.Operation, M> running,
            Function<OperationResult, M> done) {
        switch (started) {
            case Outcome.Refused<Operation>(var problem) -> observer.onError(Problems.of(problem));
            case Outcome.Done<Operation>(var operation) -> {
                switch (wait) {
                    case WAIT_MODE_UNSPECIFIED, WAIT_MODE_UNTIL_DONE ->
                        await(observer, operation, requestId, _ -> {}, done);
                    case WAIT_MODE_RETURN_AT_ONCE -> {
                        observer.onNext(running.apply(OperationMessages.of(operation, clock.instant())));
                        observer.onCompleted();
                    }
                    case UNRECOGNIZED -> throw new IllegalStateException("started with an unknown wait");
                }
            }
        }
    }

    /** To be asked before anything is started. */
    static Outcome<WaitMode> known(WaitMode wait) {
        return wait == WaitMode.UNRECOGNIZED
                ? Outcome.refused(new Problem.InvalidArgument(
                        "wait", "wait is WAIT_MODE_UNTIL_DONE or WAIT_MODE_RETURN_AT_ONCE."))
                : Outcome.done(wait);
    }

    /**
     * Answers when the operation has ended; not at all if nobody is there any more.
     *
     * @param each is shown the operation whenever it has changed
     */
    <M> void await(
            StreamObserver<M> observer,
            Operation operation,
            String requestId,
            Consumer<Operation> each,
            Function<OperationResult, M> done) {
        var call = (ServerCallStreamObserver<M>) observer;
        Optional<Operation> ended = end(call, operation, each);
        if (ended.isEmpty() || call.isCancelled()) {
            return;
        }
        Operation end = ended.get();
        if (end.state() == OperationState.SUCCEEDED) {
            call.onNext(done.apply(
                    OperationMessages.result(end.database(), end.result().orElseThrow())));
            call.onCompleted();
        } else {
            call.onError(Problems.ended(end, requestId.isEmpty()));
        }
    }

    private Optional<Operation> end(ServerCallStreamObserver<?> call, Operation started, Consumer<Operation> each) {
        try {
            Operation latest = started;
            while (!latest.state().isFinal()) {
                // The context knows at once; the call only when this thread, which may be its own, is done.
                if (call.isCancelled() || Context.current().isCancelled()) {
                    return Optional.empty();
                }
                each.accept(latest);
                latest = operations
                        .awaitChange(latest.id(), latest.revision(), LOOK)
                        .orElse(latest);
            }
            return Optional.of(latest);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while an operation was waited for", e);
        }
    }
}
