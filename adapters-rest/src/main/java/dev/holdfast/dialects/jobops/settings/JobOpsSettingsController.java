package dev.holdfast.dialects.jobops.settings;

import dev.holdfast.application.Outcome;
import dev.holdfast.dialects.jobops.Bodies;
import dev.holdfast.dialects.jobops.Demo;
import dev.holdfast.dialects.jobops.Issues;
import dev.holdfast.dialects.jobops.JobOpsApiError;
import dev.holdfast.dialects.jobops.JobOpsApiErrors;
import dev.holdfast.dialects.jobops.JobOpsDatabase;
import dev.holdfast.dialects.jobops.JobOpsResponses;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Patch;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.Optional;

/** Everybody who has signed in may read them; unlike there, only admins change when backups are made and removed. */
@Controller("/jobops/api/settings")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Secured("viewer")
@Hidden
final class JobOpsSettingsController {
    private final JobOpsStoredSettings settings;
    private final Demo demo;
    private final Bodies bodies;
    private final JobOpsResponses answers;

    JobOpsSettingsController(JobOpsStoredSettings settings, Demo demo, Bodies bodies, JobOpsResponses answers) {
        this.settings = settings;
        this.demo = demo;
        this.bodies = bodies;
        this.answers = answers;
    }

    @Get
    HttpResponse<?> find(HttpRequest<?> request) {
        return answer(request, settings.current());
    }

    @Patch
    HttpResponse<?> change(HttpRequest<?> request) throws InterruptedException {
        return switch (bodies.read(request)) {
            case Bodies.Body.Unreadable(JobOpsApiError error) -> answers.error(request, error);
            case Bodies.Body.Read(var tree) -> {
                Optional<JobOpsApiError> refusal = refusal(request);
                yield refusal.isPresent()
                        ? answers.error(request, refusal.get())
                        : change(request, SettingsChange.read(tree));
            }
        };
    }

    private Optional<JobOpsApiError> refusal(HttpRequest<?> request) {
        return demo.refusal(Demo.Action.SAVE)
                .or(() -> JobOpsDatabase.isAdmin(request) ? Optional.empty() : Optional.of(JobOpsApiError.NOT_ADMIN));
    }

    private HttpResponse<?> change(HttpRequest<?> request, SettingsChange change) {
        return switch (change) {
            case SettingsChange.Right(var values) ->
                answer(
                        request,
                        settings.change(
                                values, JobOpsDatabase.requester(request).name()));
            case SettingsChange.Wrong(Issues issues) ->
                answers.error(request, JobOpsApiError.invalid(answers.text(issues.list()), issues.flattened()));
        };
    }

    private HttpResponse<?> answer(HttpRequest<?> request, Outcome<BackupSettings> outcome) {
        return switch (outcome) {
            case Outcome.Done<BackupSettings>(BackupSettings current) -> answers.ok(request, current.tree());
            case Outcome.Refused<BackupSettings>(var problem) ->
                answers.error(request, JobOpsApiErrors.of(problem, ""));
        };
    }
}
