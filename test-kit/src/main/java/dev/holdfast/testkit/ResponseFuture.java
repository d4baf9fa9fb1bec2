package dev.holdfast.testkit;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;

/** The first message of a gRPC response, or the error of the call. */
public final class ResponseFuture<M> extends CompletableFuture<M> implements StreamObserver<M> {
    @Override
    public void onNext(M value) {
        complete(value);
    }

    @Override
    public void onError(Throwable e) {
        completeExceptionally(e);
    }

    @Override
    public void onCompleted() {}
}
