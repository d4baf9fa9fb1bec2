package dev.holdfast.grpc.access;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.problem.Problem;
import io.grpc.Context;
import java.util.Optional;

/** Who makes the call that the thread serves. To be asked before another thread takes over. */
public final class Caller {
    static final Context.Key<Identity> IDENTITY = Context.key("holdfast.identity");

    static final Context.Key<String> ADDRESS = Context.key("holdfast.address");

    static final Context.Key<GrpcAccessRecheck> STILL_ALLOWED = Context.key("holdfast.still-allowed");

    private Caller() {}

    public static GrpcAccessRecheck stillAllowed() {
        return known(STILL_ALLOWED);
    }

    public static String name() {
        return known(IDENTITY).name();
    }

    private static <T> T known(Context.Key<T> key) {
        T value = key.get();
        if (value == null) {
            throw new IllegalStateException("no call is served here that has passed the access control");
        }
        return value;
    }

    /** @param requestId as a client sent it; empty for none */
    public static Outcome<Requester> requester(String requestId) {
        if (requestId.isEmpty()) {
            return Outcome.done(new Requester(name(), Optional.empty()));
        }
        return Requester.isValidKey(requestId)
                ? Outcome.done(new Requester(name(), Optional.of(requestId)))
                : Outcome.refused(new Problem.InvalidArgument(
                        "request_id",
                        "A request_id is 1 to " + Requester.LONGEST_KEY + " visible ASCII characters, or empty."));
    }
}
