package dev.holdfast.grpc.problem;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.identity.DatabaseName;
import io.grpc.stub.StreamObserver;
import java.util.function.Function;

/** Answers a call with one message, or says why not. */
public final class GrpcReplies {
    private GrpcReplies() {}

    public static <T, M> void reply(StreamObserver<M> call, Outcome<T> outcome, Function<? super T, M> message) {
        switch (outcome) {
            case Outcome.Refused<T>(var problem) -> call.onError(Problems.of(problem));
            case Outcome.Done<T>(T value) -> {
                call.onNext(message.apply(value));
                call.onCompleted();
            }
        }
    }

    /** @param name as a client sent it */
    public static String database(String name) {
        return name.isEmpty() ? DatabaseName.DEFAULT.value() : name;
    }
}
