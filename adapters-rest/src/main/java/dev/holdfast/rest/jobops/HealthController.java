package dev.holdfast.rest.jobops;

import dev.holdfast.application.access.AccessControl;
import dev.holdfast.rest.dialect.Dialect;
import dev.holdfast.rest.dialect.Dialects;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.authentication.AuthorizationException;
import io.micronaut.security.rules.SecurityRule;
import io.swagger.v3.oas.annotations.Hidden;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether the server lives, beside the API and without its envelope. At {@code /health} where JobOps is at the root. */
@Controller
@Secured(SecurityRule.IS_ANONYMOUS)
@Hidden
final class HealthController {
    private final Dialects dialects;
    private final AccessControl access;
    private final Answers answers;
    private final InstantSource clock;

    HealthController(Dialects dialects, AccessControl access, Answers answers, InstantSource clock) {
        this.dialects = dialects;
        this.access = access;
        this.answers = answers;
        this.clock = clock;
    }

    @Get("/jobops/health")
    @Nullable
    HttpResponse<?> belowThePrefix(HttpRequest<?> request) {
        return dialects.serves(Dialect.JOBOPS) ? alive() : nothingHere(request);
    }

    @Get("/health")
    @Nullable
    HttpResponse<?> atTheRoot(HttpRequest<?> request) {
        return dialects.root().equals(Optional.of(Dialect.JOBOPS)) ? alive() : nothingHere(request);
    }

    /** As for any address that there is not: hidden from strangers, and told to whoever has signed in. */
    private @Nullable HttpResponse<?> nothingHere(HttpRequest<?> request) {
        if (access.enabled() && request.getUserPrincipal().isEmpty()) {
            throw new AuthorizationException(null);
        }
        return null;
    }

    private HttpResponse<?> alive() {
        return HttpResponse.ok(answers.bytes(new Tree()
                        .put("status", "ok")
                        .put("timestamp", Answers.instant(clock.instant()))
                        .node()))
                .contentType(Answers.TYPE);
    }
}
