package dev.holdfast.dialects.jobops.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.DeleteBackup;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.dialects.jobops.Bodies;
import dev.holdfast.dialects.jobops.Demo;
import dev.holdfast.dialects.jobops.JobOpsApiError;
import dev.holdfast.dialects.jobops.JobOpsApiErrors;
import dev.holdfast.dialects.jobops.JobOpsDatabase;
import dev.holdfast.dialects.jobops.JobOpsResponses;
import dev.holdfast.dialects.jobops.Tree;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.domain.profile.ParsedName;
import dev.holdfast.http.request.PathSegment;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.List;
import java.util.Optional;

@Controller("/jobops/api/backups")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Secured("admin")
@Hidden
final class JobOpsBackupsController {
    private static final String BEFORE = "/jobops/api/backups/";

    private final BackupList backups;
    private final ManualBackups manualBackups;
    private final DeleteBackup deleteBackup;
    private final PlanService plans;
    private final JobOpsDatabase database;
    private final Demo demo;
    private final Bodies bodies;
    private final JobOpsResponses answers;

    JobOpsBackupsController(
            BackupList backups,
            ManualBackups manualBackups,
            DeleteBackup deleteBackup,
            PlanService plans,
            JobOpsDatabase database,
            Demo demo,
            Bodies bodies,
            JobOpsResponses answers) {
        this.backups = backups;
        this.manualBackups = manualBackups;
        this.deleteBackup = deleteBackup;
        this.plans = plans;
        this.database = database;
        this.demo = demo;
        this.bodies = bodies;
        this.answers = answers;
    }

    @Get
    HttpResponse<?> list(HttpRequest<?> request) {
        Outcome<JsonNode> data = backups.newestFirst()
                .then(listed -> plans.find(database.name()).then(plan -> Outcome.done(data(listed, plan))));
        return switch (data) {
            case Outcome.Done<JsonNode>(JsonNode tree) -> answers.ok(request, tree);
            case Outcome.Refused<JsonNode>(var problem) -> answers.error(request, JobOpsApiErrors.of(problem, ""));
        };
    }

    private static JsonNode data(List<BackupInfo> listed, PlanService.View plan) {
        return new Tree()
                .put(
                        "backups",
                        JsonNode.createArrayNode(
                                listed.stream().map(BackupInfo::tree).toList()))
                .put(
                        "nextScheduled",
                        plan.nextRun().map(JobOpsResponses::instant).orElse(JsonNode.nullNode()))
                .node();
    }

    /** Answers when the backup is made; a client that goes away meanwhile stops nothing. */
    @Post
    HttpResponse<?> create(HttpRequest<?> request) throws InterruptedException {
        Optional<JobOpsApiError> refusal = refusal(request, Demo.Action.CREATE);
        if (refusal.isPresent()) {
            return answers.error(request, refusal.get());
        }
        return switch (manualBackups.create(JobOpsDatabase.requester(request))) {
            case ManualBackups.Ended.Made(BackupInfo backup) -> answers.ok(request, backup.tree());
            case ManualBackups.Ended.Failed(JobOpsApiError error) -> answers.error(request, error);
        };
    }

    /** A body has no meaning here, but has to be JSON if it says that it is. */
    private Optional<JobOpsApiError> refusal(HttpRequest<?> request, Demo.Action action) throws InterruptedException {
        return switch (bodies.read(request)) {
            case Bodies.Body.Unreadable(JobOpsApiError error) -> Optional.of(error);
            case Bodies.Body.Read _ -> demo.refusal(action);
        };
    }

    @Delete("/{filename:[^/]+}")
    HttpResponse<?> delete(HttpRequest<?> request) throws InterruptedException {
        Optional<JobOpsApiError> refusal = refusal(request, Demo.Action.DELETE);
        if (refusal.isPresent()) {
            return answers.error(request, refusal.get());
        }
        return switch (PathSegment.behind(BEFORE, request)) {
            case Outcome.Done<String>(String filename) -> delete(request, filename);
            case Outcome.Refused<String> _ -> answers.error(request, undecodable(request));
        };
    }

    private static JobOpsApiError undecodable(HttpRequest<?> request) {
        return JobOpsApiError.of(
                500, "Failed to decode param '" + request.getPath().substring(BEFORE.length()) + "'");
    }

    private HttpResponse<?> delete(HttpRequest<?> request, String filename) {
        Naming naming = backups.naming();
        if (!(naming.parse(filename) instanceof ParsedName.Valid)) {
            return answers.error(request, JobOpsApiError.of(400, "Invalid backup filename"));
        }
        return switch (deleteBackup.delete(database.name(), filename)) {
            case Outcome.Done<BackupKey> _ ->
                answers.ok(
                        request,
                        new Tree()
                                .put("message", "Backup " + filename + " deleted successfully")
                                .node());
            case Outcome.Refused<BackupKey>(var problem) ->
                answers.error(request, JobOpsApiErrors.of(problem, filename));
        };
    }
}
