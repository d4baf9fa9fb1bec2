package dev.holdfast.dialects.jobops;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.swagger.v3.oas.annotations.Hidden;

/**
 * Never makes the first user: whoever comes first may be anybody, also from this machine, where any page in a browser and
 * any proxy asks from.
 */
@Controller("/jobops/api/auth/setup")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Secured(SecurityRule.IS_ANONYMOUS)
@Hidden
final class SetupController {
    private static final JobOpsApiError DONE = JobOpsApiError.of(400, "Initial setup has already been completed");
    private static final JobOpsApiError ELSEWHERE =
            JobOpsApiError.of(403, "The first user is made on the server itself: holdfast user add NAME --role admin");

    private final Setup setup;
    private final JobOpsResponses answers;

    SetupController(Setup setup, JobOpsResponses answers) {
        this.setup = setup;
        this.answers = answers;
    }

    @Post
    HttpResponse<?> setUp(HttpRequest<?> request) {
        return answers.error(request, setup.isMissing() ? ELSEWHERE : DONE);
    }
}
