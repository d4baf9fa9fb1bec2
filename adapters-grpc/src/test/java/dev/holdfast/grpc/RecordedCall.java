package dev.holdfast.grpc;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.grpc.testing.StreamRecorder;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** What a client gets in one call, as the recorder of grpc-testing has it. */
@SuppressWarnings("deprecation") // The library deprecates it for anything but tests.
final class RecordedCall<M> {
    private static final int BOUND_SECONDS = 30;

    private final StreamRecorder<M> recorder = StreamRecorder.create();

    /** The observer of the call. */
    StreamObserver<M> recorder() {
        return recorder;
    }

    /** Waits for the first message. */
    M answer() throws Exception {
        return message(0);
    }

    /**
     * Waits for a message.
     *
     * @param index of the message, from 0
     * @throws StatusRuntimeException if the call failed before it came
     */
    M message(int index) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOUND_SECONDS);
        boolean ended = false;
        while (recorder.getValues().size() <= index) {
            if (ended) {
                throw failure();
            }
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("message " + index + ": none came, and the call goes on");
            }
            ended = recorder.awaitCompletion(5, TimeUnit.MILLISECONDS);
        }
        return recorder.getValues().get(index);
    }

    /** Waits for the end of the call, which has to be an error. Messages may have come before. */
    StatusRuntimeException error() throws Exception {
        if (!recorder.awaitCompletion(BOUND_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the call goes on");
        }
        return failure();
    }

    private StatusRuntimeException failure() {
        if (recorder.getError() == null) {
            throw new AssertionError("ended well: " + recorder.getValues());
        }
        return (StatusRuntimeException) Objects.requireNonNull(recorder.getError());
    }

    /** As a client sees the error. */
    InProcess.Refusal refusal() throws Exception {
        return InProcess.Refusal.of(error());
    }
}
