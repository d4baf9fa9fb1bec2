package dev.holdfast.rest.monitoring;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.rules.SecurityRule;
import io.micronaut.serde.annotation.Serdeable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether the server lives, and whether it could do its work. Open to everybody; what exactly is wrong is not. */
@Controller("/health")
@Secured(SecurityRule.IS_ANONYMOUS)
final class HealthController {
    private final Readiness readiness;

    HealthController(Readiness readiness) {
        this.readiness = readiness;
    }

    /** A server that answers lives. */
    @Get("/liveness")
    HttpResponse<Health> liveness() {
        return respond(HttpStatus.OK, new Health("UP", null));
    }

    @Get("/readiness")
    @ExecuteOn(TaskExecutors.BLOCKING)
    HttpResponse<Health> readiness(@Nullable Authentication who) {
        Readiness.Report report = readiness.report();
        return report.isReady()
                ? respond(HttpStatus.OK, new Health("UP", null))
                : respond(HttpStatus.SERVICE_UNAVAILABLE, new Health("DOWN", who == null ? null : report.failures()));
    }

    private static HttpResponse<Health> respond(HttpStatus status, Health health) {
        return HttpResponse.<Health>status(status).body(health).header(HttpHeaders.CACHE_CONTROL, "no-store");
    }

    /** @param failures what is wrong, by what it is wrong with */
    @Serdeable.Serializable
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Health(String status, @Nullable Map<String, String> failures) {}
}
