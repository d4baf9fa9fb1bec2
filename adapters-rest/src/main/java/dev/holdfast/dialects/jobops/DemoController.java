package dev.holdfast.dialects.jobops;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.swagger.v3.oas.annotations.Hidden;

/** Tells everybody whether this is the public demo. Its data are never reset here, so nothing is said about when. */
@Controller("/jobops/api/demo/info")
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Secured(SecurityRule.IS_ANONYMOUS)
@Hidden
final class DemoController {
    private static final int RESET_CADENCE_HOURS = 6;

    private final Demo demo;
    private final JobOpsResponses answers;

    DemoController(Demo demo, JobOpsResponses answers) {
        this.demo = demo;
        this.answers = answers;
    }

    @Get
    HttpResponse<?> info(HttpRequest<?> request) {
        return answers.ok(
                request,
                new Tree()
                        .put("demoMode", demo.isOn())
                        .put("resetCadenceHours", RESET_CADENCE_HOURS)
                        .put("lastResetAt", JsonNode.nullNode())
                        .put("nextResetAt", JsonNode.nullNode())
                        .put("baselineVersion", JsonNode.nullNode())
                        .put("baselineName", JsonNode.nullNode())
                        .node());
    }
}
