package dev.holdfast.grpc.access;

import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.token.Identification;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.RepeatedEntry;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.grpc.problem.GrpcUnexpectedExceptions;
import dev.holdfast.grpc.problem.Problems;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.micronaut.core.order.Ordered;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/**
 * Lets a call through to whoever may make it. The token comes in the metadata {@code authorization: Bearer} and nowhere
 * else; each call is looked at anew, and a stream every {@link GrpcAccessRecheck#EVERY}, so a revoked token ends soon.
 *
 * @param identification empty while access control is off, which opens everything to everybody
 * @param audit counts the calls for which the role of an account does not suffice
 */
public record AccessInterceptor(Optional<Identification> identification, Audit audit, InstantSource clock)
        implements ServerInterceptor, Ordered {
    /** Inside {@link GrpcUnexpectedExceptions}, which answers what this throws. */
    static final int ORDER = GrpcUnexpectedExceptions.ORDER + 1;

    public static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String SCHEME = "Bearer ";

    @Override
    public int getOrder() {
        return ORDER;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        return switch (MethodRoles.of(call.getMethodDescriptor())) {
            case MethodRoles.Access.Open() -> next.startCall(call, headers);
            case MethodRoles.Access.From(Role needed) ->
                Contexts.interceptCall(
                        Context.current()
                                .withValue(Caller.IDENTITY, identity(call, headers, needed))
                                .withValue(Caller.ADDRESS, address(call))
                                .withValue(Caller.STILL_ALLOWED, stillAllowed(call, headers, needed)),
                        call,
                        headers,
                        next);
            case MethodRoles.Access.Closed() ->
                throw Problems.of(new Problem.PermissionDenied("Nobody may make this call."));
        };
    }

    /** Of the other end of the connection. */
    private static String address(ServerCall<?, ?> call) {
        SocketAddress remote = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        return remote instanceof InetSocketAddress socket && socket.getAddress() != null
                ? socket.getAddress().getHostAddress()
                : String.valueOf(remote);
    }

    private GrpcAccessRecheck stillAllowed(ServerCall<?, ?> call, Metadata headers, Role needed) {
        return new GrpcAccessRecheck(() -> identity(call, headers, needed), clock);
    }

    private Identity identity(ServerCall<?, ?> call, Metadata headers, Role needed) {
        if (identification.isEmpty()) {
            return Identity.ANONYMOUS;
        }
        Optional<Identity> identity =
                bearer(headers).flatMap(it -> identification.get().withBearer(it));
        if (identity.isEmpty()) {
            throw Problems.of(new Problem.Unauthenticated(
                    headers.containsKey(AUTHORIZATION)
                            ? "The token is not valid, or not any more; sign in again."
                            : "Sign in, and send the token as metadata \"authorization: Bearer\"."));
        }
        if (!identity.get().role().includes(needed)) {
            audit.count(RepeatedEntry.refusal(
                    clock.instant(),
                    identity.get().name(),
                    address(call),
                    call.getMethodDescriptor().getFullMethodName()));
            throw Problems.of(new Problem.PermissionDenied(
                    "Your role does not allow this; it takes the role " + needed.id() + "."));
        }
        return identity.get();
    }

    /** What the client says it is; empty if it says nothing, or several things. */
    private static Optional<String> bearer(Metadata headers) {
        Iterable<String> values = headers.getAll(AUTHORIZATION);
        List<String> all = values == null
                ? List.of()
                : StreamSupport.stream(values.spliterator(), false).toList();
        return all.size() == 1 && all.getFirst().regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? Optional.of(all.getFirst().substring(SCHEME.length()).strip())
                : Optional.empty();
    }
}
