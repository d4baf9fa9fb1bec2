package dev.holdfast.http.access;

import dev.holdfast.application.audit.CurrentCaller;
import dev.holdfast.application.audit.RemoteCaller;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.http.request.ClientAddress;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.context.ServerRequestContext;
import java.security.Principal;
import java.util.Optional;

/** Whose request over HTTP the thread serves. */
public final class CurrentHttpCaller implements CurrentCaller {
    @Override
    public Optional<RemoteCaller> find() {
        return ServerRequestContext.currentRequest().map(CurrentHttpCaller::of);
    }

    /** Whose request this is; {@code anonymous} without a sign-in. */
    public static RemoteCaller of(HttpRequest<?> request) {
        String name = request.getUserPrincipal().map(Principal::getName).orElse(Requester.ANONYMOUS);
        return new RemoteCaller(name, ClientAddress.of(request));
    }
}
