package dev.holdfast.grpc.problem;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.micronaut.core.order.Ordered;
import java.util.concurrent.atomic.AtomicBoolean;

/** Turns what a call throws into an answer; the cause goes to the log. */
public final class GrpcUnexpectedExceptions implements ServerInterceptor, Ordered {
    /** Outside all others. */
    public static final int ORDER = Ordered.HIGHEST_PRECEDENCE;

    @Override
    public int getOrder() {
        return ORDER;
    }

    public static StatusRuntimeException told(Exception e) {
        return switch (e) {
            case StatusRuntimeException unreadable
            when unreadable.getCause() instanceof InvalidProtocolBufferException ->
                Problems.of(new Problem.InvalidArgument(
                        "message", "The message cannot be read: it is not one of the kind that this call takes."));
            case StatusRuntimeException already -> already;
            case ProblemException problem -> Problems.of(problem.problem());
            default -> Problems.of(new Problem.Internal(e));
        };
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        var once = new ClosedOnce<>(call);
        try {
            return new Guarded<>(next.startCall(once, headers), once);
        } catch (RuntimeException e) {
            once.fail(e);
            return new ServerCall.Listener<>() {};
        }
    }

    /** Can be closed again without harm. */
    private static final class ClosedOnce<Q, R> extends SimpleForwardingServerCall<Q, R> {
        private final AtomicBoolean closed = new AtomicBoolean();

        ClosedOnce(ServerCall<Q, R> call) {
            super(call);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (closed.compareAndSet(false, true)) {
                super.close(status, trailers);
            }
        }

        void fail(RuntimeException e) {
            // Whoever writes to a client that has gone is told so by an exception; that is no failure.
            if (isCancelled()) {
                return;
            }
            StatusRuntimeException told = told(e);
            Metadata trailers = told.getTrailers();
            close(told.getStatus(), trailers == null ? new Metadata() : trailers);
        }
    }

    private static final class Guarded<Q> extends SimpleForwardingServerCallListener<Q> {
        private final ClosedOnce<Q, ?> call;

        Guarded(ServerCall.Listener<Q> listener, ClosedOnce<Q, ?> call) {
            super(listener);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            run(() -> super.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            run(super::onHalfClose);
        }

        private void run(Runnable step) {
            try {
                step.run();
            } catch (RuntimeException e) {
                call.fail(e);
                super.onCancel(); // nobody else tells the call that nothing more comes
            }
        }
    }
}
