package dev.holdfast.rest.monitoring;

import dev.holdfast.http.problem.ProblemApiResponses;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;

@Controller("/metrics")
@Secured("viewer")
@ExecuteOn(TaskExecutors.BLOCKING)
@ProblemApiResponses
@Tag(name = "Monitoring")
final class MetricsController {
    private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final Metrics metrics;

    MetricsController(Metrics metrics) {
        this.metrics = metrics;
    }

    @Get(produces = "text/plain")
    @Operation(
            operationId = "scrape",
            summary = "What was measured, for Prometheus",
            description =
                    "Of each database: last success, sizes, ended and failed operations, stored backups; and of the "
                            + "JVM. docs/access.md lists the metrics.")
    @ApiResponse(
            responseCode = "200",
            description = "Prometheus' text format.",
            content = @Content(mediaType = "text/plain", schema = @Schema(type = "string")))
    HttpResponse<String> scrape() {
        return HttpResponse.ok(metrics.scrape()).header("Content-Type", PROMETHEUS_TEXT);
    }
}
