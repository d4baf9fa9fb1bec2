package dev.holdfast.dialects.jobops;

import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.Dialects;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.swagger.v3.oas.annotations.Hidden;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether the server lives, beside the API and without its envelope. At {@code /health} where JobOps is at the root. */
@Controller
@Secured(SecurityRule.IS_ANONYMOUS)
@Hidden
final class JobOpsHealthController {
    private final Dialects dialects;
    private final JobOpsResponses answers;
    private final InstantSource clock;

    JobOpsHealthController(Dialects dialects, JobOpsResponses answers, InstantSource clock) {
        this.dialects = dialects;
        this.answers = answers;
        this.clock = clock;
    }

    @Get("/jobops/health")
    @Nullable
    HttpResponse<?> belowThePrefix() {
        return dialects.serves(Dialect.JOBOPS) ? alive() : null;
    }

    @Get("/health")
    @Nullable
    HttpResponse<?> atTheRoot() {
        return dialects.root().equals(Optional.of(Dialect.JOBOPS)) ? alive() : null;
    }

    private HttpResponse<?> alive() {
        return HttpResponse.ok(answers.bytes(new Tree()
                        .put("status", "ok")
                        .put("timestamp", JobOpsResponses.instant(clock.instant()))
                        .node()))
                .contentType(JobOpsResponses.TYPE);
    }
}
