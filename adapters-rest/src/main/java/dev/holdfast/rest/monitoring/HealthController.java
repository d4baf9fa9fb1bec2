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
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether the server lives, and whether it could do its work. Open to everybody; what exactly is wrong is not. */
@Controller("/health")
@Secured(SecurityRule.IS_ANONYMOUS)
@Tag(name = "Monitoring")
final class HealthController {
    private final Readiness readiness;

    HealthController(Readiness readiness) {
        this.readiness = readiness;
    }

    /** A server that answers lives. */
    @Get("/liveness")
    @Operation(
            operationId = "liveness",
            summary = "Whether the server answers at all",
            description = "Asks nobody to sign in.")
    @ApiResponse(
            responseCode = "200",
            description = "It does.",
            content = @Content(schema = @Schema(implementation = Health.class)))
    HttpResponse<Health> liveness() {
        return respond(HttpStatus.OK, new Health("UP", null, null));
    }

    @Get("/readiness")
    @Operation(
            operationId = "readiness",
            summary = "Whether a backup could be made now",
            description =
                    "Every store and the data directory can be written. Asks nobody to sign in; whoever has is told "
                            + "what is wrong. Looks at most once a second.")
    @ApiResponse(
            responseCode = "200",
            description = "`UP`.",
            content = @Content(schema = @Schema(implementation = Health.class)))
    @ApiResponse(
            responseCode = "503",
            description = "`DOWN`.",
            content = @Content(schema = @Schema(implementation = Health.class)))
    @ExecuteOn(TaskExecutors.BLOCKING)
    HttpResponse<Health> readiness(@Nullable Authentication who) {
        Readiness.Report report = readiness.report();
        return report.isReady()
                ? respond(HttpStatus.OK, new Health("UP", null, who == null ? null : report.remarks()))
                : respond(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        new Health("DOWN", who == null ? null : report.failures(), null));
    }

    private static HttpResponse<Health> respond(HttpStatus status, Health health) {
        return HttpResponse.<Health>status(status).body(health).header(HttpHeaders.CACHE_CONTROL, "no-store");
    }

    /**
     * @param failures what is wrong, by what it is wrong with
     * @param remarks as of {@link Readiness.Report}
     */
    @Serdeable.Serializable
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "Health")
    record Health(
            @Schema(pattern = "UP|DOWN") String status,

            @Schema(example = "{\"database jobs\": \"store-unavailable\"}") @Nullable
            Map<String, String> failures,

            @Schema(
                    description = "Databases whose backups are not as their plans rely on; no reason not to be ready.",
                    example = "{\"database jobs\": \"stale\"}")
            @Nullable
            Map<String, String> remarks) {}
}
