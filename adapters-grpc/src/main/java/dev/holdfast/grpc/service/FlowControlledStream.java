package dev.holdfast.grpc.service;

import dev.holdfast.grpc.access.Caller;
import dev.holdfast.grpc.access.GrpcAccessRecheck;
import dev.holdfast.grpc.problem.GrpcCode;
import dev.holdfast.grpc.problem.GrpcUnexpectedExceptions;
import dev.holdfast.grpc.problem.Problems;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A stream of answers that is written no faster than its client reads: what has not been taken waits with the
 * producer, not in memory. To be made while the call begins, which is when gRPC takes handlers.
 */
final class FlowControlledStream<M> {
    private final ServerCallStreamObserver<M> call;
    private final Duration stall;
    private final GrpcAccessRecheck caller = Caller.stillAllowed();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** @param stall how long a client may take nothing before it is cut off */
    FlowControlledStream(ServerCallStreamObserver<M> call, Duration stall) {
        this.call = call;
        this.stall = stall;
        call.setOnReadyHandler(this::wake);
        call.setOnCancelHandler(this::wake);
    }

    /** Runs on a thread of its own, for gRPC tells its readiness on the thread of the call. */
    interface Producer<M> {
        void produce(FlowControlledStream<M> stream) throws Exception;
    }

    void start(Producer<M> producer) {
        start(() -> {}, producer);
    }

    /** Closes {@code held} in the end, whatever happens. */
    void start(AutoCloseable held, Producer<M> producer) {
        // With the call's context, in which the caller is.
        var _ = Thread.startVirtualThread(Context.current().wrap(() -> run(held, producer)));
    }

    private void run(AutoCloseable held, Producer<M> producer) {
        try (held) {
            producer.produce(this);
            finish();
        } catch (Exception e) {
            fail(e);
        }
    }

    /** Gone, as a normal end: nobody is to be told. */
    private void finish() {
        if (!call.isCancelled()) {
            call.onCompleted();
        }
    }

    private void fail(Exception e) {
        if (!call.isCancelled()) {
            call.onError(GrpcUnexpectedExceptions.told(e));
        }
    }

    /**
     * Waits until the client can take more.
     *
     * @return false if it has gone away
     */
    boolean send(M message) throws InterruptedException {
        caller.look();
        if (!awaitReady()) {
            return false;
        }
        call.onNext(message);
        return true;
    }

    /**
     * Whether the client is still there; to be asked now and then by whoever has nothing to send.
     *
     * @throws io.grpc.StatusRuntimeException if it may not be any more
     */
    boolean isOpen() {
        caller.look();
        return !call.isCancelled();
    }

    private boolean awaitReady() throws InterruptedException {
        lock.lock();
        try {
            long left = stall.toNanos();
            while (!call.isReady() && !call.isCancelled()) {
                if (left <= 0) {
                    throw Problems.of(
                            GrpcCode.STREAM_STALLED, "Nothing was read for " + stall.toSeconds() + " s; ask again.");
                }
                // Looks once a second as well: a cancellation is told behind whatever the call's own thread still does.
                long waited = Math.min(left, TimeUnit.SECONDS.toNanos(1));
                left -= waited - Math.max(0, changed.awaitNanos(waited));
            }
            return !call.isCancelled();
        } finally {
            lock.unlock();
        }
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
