package dev.holdfast.rest.monitoring;

import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;

@Controller("/metrics")
@Secured("viewer")
@ExecuteOn(TaskExecutors.BLOCKING)
final class MetricsController {
    private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final Metrics metrics;

    MetricsController(Metrics metrics) {
        this.metrics = metrics;
    }

    @Get(produces = "text/plain")
    HttpResponse<String> scrape() {
        return HttpResponse.ok(metrics.scrape()).header("Content-Type", PROMETHEUS_TEXT);
    }
}
