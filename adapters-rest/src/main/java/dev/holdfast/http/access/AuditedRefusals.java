package dev.holdfast.http.access;

import dev.holdfast.application.access.AccessControl;
import dev.holdfast.application.audit.RemoteCaller;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.RepeatedEntry;
import io.micronaut.core.annotation.Order;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.time.InstantSource;

/** Counts what accounts were refused, whichever API refused it. Needs no thread that may block. */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
@Order(Ordered.HIGHEST_PRECEDENCE)
final class AuditedRefusals {
    private final AccessControl access;
    private final Audit audit;
    private final InstantSource clock;

    AuditedRefusals(AccessControl access, Audit audit, InstantSource clock) {
        this.access = access;
        this.audit = audit;
        this.clock = clock;
    }

    /** The address without its query, which may hold a token. */
    @ResponseFilter
    void after(HttpRequest<?> request, MutableHttpResponse<?> response) {
        boolean refused = response.code() == HttpStatus.FORBIDDEN.getCode();
        if (refused && access.enabled() && request.getUserPrincipal().isPresent()) {
            RemoteCaller caller = CurrentHttpCaller.of(request);
            audit.count(RepeatedEntry.refusal(
                    clock.instant(),
                    caller.name(),
                    caller.address(),
                    request.getMethodName() + " " + request.getPath()));
        }
    }
}
