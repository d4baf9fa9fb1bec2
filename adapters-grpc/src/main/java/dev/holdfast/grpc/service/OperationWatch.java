package dev.holdfast.grpc.service;

import dev.holdfast.application.operation.Operations;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.grpc.v1.WatchOperationResponse;
import java.time.Duration;
import java.util.function.Function;

/**
 * An operation's changes: its state now, every later one as far as they are not too many, and the last one.
 *
 * @param current as it stood when the watch began
 * @param seen the revision that the client has already, 0 for none
 */
record OperationWatch(
        Operations operations,
        Operation current,
        long seen,
        Function<Operation, dev.holdfast.grpc.v1.Operation> message) {
    /** How often a watch without news looks whether its client is still there. */
    private static final Duration LOOK = Duration.ofSeconds(1);
    /** At least so long between two changes of an operation that runs on. */
    private static final Duration GAP = Duration.ofMillis(200);

    void send(FlowControlledStream<WatchOperationResponse> stream) throws InterruptedException {
        Operation latest = current;
        long told = seen;
        while (stream.isOpen()) {
            // The end is told in any case: it may have the revision of a state that a restart has forgotten.
            if (latest.revision() != told || latest.state().isFinal()) {
                told = latest.revision();
                if (!stream.send(WatchOperationResponse.newBuilder()
                        .setOperation(message.apply(latest))
                        .build())) {
                    return;
                }
            }
            if (latest.state().isFinal()) {
                return;
            }
            latest = settled(operations.awaitChange(latest.id(), told, LOOK).orElse(latest), told);
        }
    }

    /** Lets a running operation that has changed go on for a moment, so that its progress does not flood the client. */
    private Operation settled(Operation changed, long told) throws InterruptedException {
        Operation latest = changed;
        long until = System.nanoTime() + GAP.toNanos();
        while (latest.revision() != told && !latest.state().isFinal()) {
            long left = until - System.nanoTime();
            if (left <= 0) {
                break;
            }
            latest = operations
                    .awaitChange(latest.id(), latest.revision(), Duration.ofNanos(left))
                    .orElse(latest);
        }
        return latest;
    }
}
