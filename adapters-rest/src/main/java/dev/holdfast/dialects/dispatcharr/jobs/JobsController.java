package dev.holdfast.dialects.dispatcharr.jobs;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.CreateBackup;
import dev.holdfast.application.backup.DeleteBackup;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.application.backup.RestoreBackup;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.planned.PlanScheduler;
import dev.holdfast.dialects.dispatcharr.DispatcharrApiError;
import dev.holdfast.dialects.dispatcharr.DispatcharrApiErrors;
import dev.holdfast.dialects.dispatcharr.DispatcharrCall;
import dev.holdfast.dialects.dispatcharr.DispatcharrDatabase;
import dev.holdfast.dialects.dispatcharr.DispatcharrResponses;
import dev.holdfast.dialects.dispatcharr.Json;
import dev.holdfast.dialects.dispatcharr.TaskErrors;
import dev.holdfast.dialects.dispatcharr.backup.DispatcharrFilesController;
import dev.holdfast.dialects.dispatcharr.backup.Uploads;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.http.download.Downloads;
import dev.holdfast.http.upload.AcceptsLargeBody;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Hidden;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/** The job API of the draft that Dispatcharr's documentation page describes. */
@Controller("/dispatcharr/api/backups/jobs")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Secured("admin")
@Hidden
final class JobsController {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final DispatcharrApiError NOT_FOUND = DispatcharrApiError.detail(404, "Not found.");
    private static final DispatcharrApiError NOT_CANCELABLE =
            DispatcharrApiError.detail(400, "This job cannot be canceled.");
    private static final Duration LONGEST_CANCEL = Duration.ofSeconds(30);

    private final Jobs jobs;
    private final JobBackups backups;
    private final CreateBackup createBackup;
    private final RestoreBackup restoreBackup;
    private final DeleteBackup deleteBackup;
    private final OpenBackup openBackup;
    private final Operations operations;
    private final Downloads downloads;
    private final Uploads uploads;
    private final RetentionAfterJobs retention;
    private final DispatcharrDatabase database;
    private final DispatcharrResponses answers;

    JobsController(
            Jobs jobs,
            JobBackups backups,
            CreateBackup createBackup,
            RestoreBackup restoreBackup,
            DeleteBackup deleteBackup,
            OpenBackup openBackup,
            Operations operations,
            Downloads downloads,
            Uploads uploads,
            RetentionAfterJobs retention,
            DispatcharrDatabase database,
            DispatcharrResponses answers) {
        this.jobs = jobs;
        this.backups = backups;
        this.createBackup = createBackup;
        this.restoreBackup = restoreBackup;
        this.deleteBackup = deleteBackup;
        this.openBackup = openBackup;
        this.operations = operations;
        this.downloads = downloads;
        this.uploads = uploads;
        this.retention = retention;
        this.database = database;
        this.answers = answers;
    }

    @Get("/")
    HttpResponse<?> list() {
        Predicate<Operation> present = backups.present();
        return answers.ok(
                Json.array(jobs.all().stream().map(it -> tree(it, present)).toList()));
    }

    @Post("/")
    HttpResponse<?> create(HttpRequest<?> request) throws InterruptedException {
        return switch (database.begin(() -> createBackup.start(
                database.name(),
                Origin.MANUAL,
                Optional.of(Layout.DISPATCHARR_TAR_GZ),
                DispatcharrDatabase.requester(request)))) {
            case Outcome.Refused<Operation>(var problem) ->
                answers.error(DispatcharrApiErrors.of(DispatcharrCall.CREATE, problem));
            case Outcome.Done<Operation>(var operation) -> {
                retention.follows(operation);
                yield begun(jobs.of(operation), operation);
            }
        };
    }

    /** As it was when it began: by now it may be further. */
    private HttpResponse<?> begun(Jobs.Job job, Operation first) {
        return answers.json(
                202,
                job instanceof Jobs.Job.Worked(long id, Operation _, String original)
                        ? tree(new Jobs.Job.Worked(id, first, original), _ -> false)
                        : tree(job, _ -> false));
    }

    @Get("/{id:[0-9]+}/")
    HttpResponse<?> find(@PathVariable String id) {
        return job(id).<HttpResponse<?>>map(it -> answers.ok(tree(it, backups.present())))
                .orElseGet(() -> answers.error(NOT_FOUND));
    }

    private Optional<Jobs.Job> job(String id) {
        return id.length() > 18 ? Optional.empty() : jobs.find(Long.parseLong(id));
    }

    /** @param present whether what a job made is there */
    private static JsonNode tree(Jobs.Job job, Predicate<Operation> present) {
        return switch (job) {
            case Jobs.Job.NotBegun(long id, String original, String error, String by, Instant at) ->
                Json.object(
                        "id",
                        id,
                        "job_type",
                        "restore",
                        "status",
                        "failed",
                        "scheduled",
                        false,
                        "requested_by",
                        by,
                        "file_path",
                        "",
                        "file_name",
                        "",
                        "file_size",
                        null,
                        "original_filename",
                        original,
                        "celery_task_id",
                        "",
                        "error_message",
                        error,
                        "created_at",
                        TIME.format(at),
                        "updated_at",
                        TIME.format(at),
                        "completed_at",
                        TIME.format(at),
                        "can_download",
                        false,
                        "can_cancel",
                        false,
                        "can_delete",
                        true);
            case Jobs.Job.Worked(long id, Operation operation, String original) ->
                tree(id, operation, original, present.test(operation));
        };
    }

    private static JsonNode tree(long id, Operation operation, String original, boolean present) {
        boolean backup = operation.kind() == OperationKind.BACKUP;
        boolean ended = operation.state().isFinal();
        boolean scheduled = operation.requestedBy().equals(PlanScheduler.PLAN.name());
        String file = operation.subject().map(BackupKey::value).orElse("");
        return Json.object(
                "id",
                id,
                "job_type",
                backup ? "backup" : "restore",
                "status",
                status(operation),
                "scheduled",
                scheduled,
                "requested_by",
                scheduled ? null : operation.requestedBy(),
                "file_path",
                file,
                "file_name",
                file,
                "file_size",
                size(operation).orElse(null),
                "original_filename",
                original.isEmpty() ? file : original,
                "celery_task_id",
                operation.id(),
                "error_message",
                operation.state() == OperationState.FAILED ? TaskErrors.text(operation) : "",
                "created_at",
                TIME.format(operation.startedAt()),
                "updated_at",
                TIME.format(operation.finishedAt().orElse(operation.startedAt())),
                "completed_at",
                operation.finishedAt().map(TIME::format).orElse(null),
                "can_download",
                backup && present,
                "can_cancel",
                backup && !ended,
                "can_delete",
                ended || isPending(operation));
    }

    /** Accepted, and no work has begun. */
    private static boolean isPending(Operation operation) {
        return operation.state() == OperationState.RUNNING && operation.phase() == Phase.STARTING;
    }

    private static String status(Operation operation) {
        return switch (operation.state()) {
            case RUNNING -> isPending(operation) ? "pending" : "running";
            case SUCCEEDED -> "succeeded";
            case FAILED -> "failed";
            case CANCELLED -> "canceled";
        };
    }

    private static Optional<Long> size(Operation operation) {
        return operation
                .result()
                .flatMap(it ->
                        it instanceof Result.BackupMade(Backup backup) ? Optional.of(backup.size()) : Optional.empty());
    }

    /** With its file, if it is the job that made it; what a restore read stays. A pending job is canceled first. */
    @Delete("/{id:[0-9]+}/")
    HttpResponse<?> delete(@PathVariable String id) throws InterruptedException {
        Optional<Jobs.Job> job = job(id);
        if (job.isEmpty()) {
            return answers.error(NOT_FOUND);
        }
        if (job.get() instanceof Jobs.Job.Worked(long _, Operation operation, String _)) {
            if (!operation.state().isFinal() && !(isPending(operation) && isCanceled(operation))) {
                return answers.error(DispatcharrApiError.detail(400, "Running jobs cannot be deleted."));
            }
            Optional<Problem> failure =
                    operation.kind() == OperationKind.BACKUP ? deleteMade(operation) : Optional.empty();
            if (failure.isPresent()) {
                return answers.error(DispatcharrApiErrors.of(DispatcharrCall.DELETE, failure.get()));
            }
        }
        jobs.delete(job.get().id());
        return HttpResponse.noContent();
    }

    /** Whether it ended before it did anything. If it began meanwhile, its result stays, and so does the record of it. */
    private boolean isCanceled(Operation pending) throws InterruptedException {
        return operations.cancel(pending.id().value()) instanceof Outcome.Done<Operation>(Operation asked)
                && awaitEnd(asked).state() == OperationState.CANCELLED;
    }

    /** What is gone, or has the name but was not made by this job, is left as it is. */
    private Optional<Problem> deleteMade(Operation operation) {
        Outcome<BackupKey> outcome = backups.find(operation)
                .then(it -> deleteBackup.delete(database.name(), it.key().value()));
        return switch (outcome) {
            case Outcome.Done<BackupKey> _ -> Optional.empty();
            case Outcome.Refused<BackupKey>(Problem problem) ->
                Optional.of(problem)
                        .filter(it ->
                                it.code() != ProblemCode.BACKUP_NOT_FOUND && it.code() != ProblemCode.INVALID_FILENAME);
        };
    }

    @Post("/{id:[0-9]+}/cancel/")
    HttpResponse<?> cancel(@PathVariable String id) throws InterruptedException {
        Optional<Jobs.Job> job = job(id);
        if (job.isEmpty()) {
            return answers.error(NOT_FOUND);
        }
        if (!(job.get() instanceof Jobs.Job.Worked(long number, Operation operation, String original))
                || operation.kind() != OperationKind.BACKUP
                || operation.state().isFinal()) {
            return answers.error(NOT_CANCELABLE);
        }
        return switch (operations.cancel(operation.id().value())) {
            case Outcome.Refused<Operation>(var problem) ->
                answers.error(DispatcharrApiErrors.of(DispatcharrCall.CANCEL, problem));
            case Outcome.Done<Operation>(var asked) -> {
                Operation end = awaitEnd(asked);
                yield switch (end.state()) {
                    case CANCELLED -> answers.ok(tree(number, end, original, false));
                    case SUCCEEDED, FAILED -> answers.error(NOT_CANCELABLE);
                    case RUNNING ->
                        answers.error(DispatcharrApiError.detail(
                                500, DispatcharrCall.CANCEL.failed("it is asked to stop and still runs")));
                };
            }
        };
    }

    private Operation awaitEnd(Operation asked) throws InterruptedException {
        long until = System.nanoTime() + LONGEST_CANCEL.toNanos();
        Operation now = asked;
        while (!now.state().isFinal() && System.nanoTime() < until) {
            now = operations
                    .awaitChange(now.id(), now.revision(), Duration.ofNanos(until - System.nanoTime()))
                    .orElse(now);
        }
        return now;
    }

    @Get("/{id:[0-9]+}/download/")
    HttpResponse<?> download(HttpRequest<?> request, @PathVariable String id) {
        Optional<Jobs.Job> job = job(id);
        if (job.isEmpty()) {
            return answers.error(NOT_FOUND);
        }
        if (!(job.get() instanceof Jobs.Job.Worked(long _, Operation operation, String _))
                || operation.kind() != OperationKind.BACKUP) {
            return answers.error(DispatcharrApiError.detail(400, "Only backup jobs have downloadable archives."));
        }
        return switch (backups.find(operation)
                .then(it -> openBackup.open(database.name(), it.key().value()))) {
            case Outcome.Refused<OpenBackup.Opened>(var problem) ->
                answers.error(DispatcharrApiErrors.of(DispatcharrCall.DOWNLOAD, problem));
            case Outcome.Done<OpenBackup.Opened>(var opened) ->
                downloads.answer(request, opened, DispatcharrFilesController.presentation(opened.backup()));
        };
    }

    @Post("/{id:[0-9]+}/restore/")
    HttpResponse<?> restore(HttpRequest<?> request, @PathVariable String id) throws InterruptedException {
        Optional<Jobs.Job> job = job(id);
        if (job.isEmpty()) {
            return answers.error(NOT_FOUND);
        }
        if (!(job.get() instanceof Jobs.Job.Worked(long _, Operation operation, String _))
                || operation.kind() != OperationKind.BACKUP) {
            return answers.error(DispatcharrApiError.detail(400, "Only backup jobs can be restored."));
        }
        if (operation.state() != OperationState.SUCCEEDED) {
            return answers.error(DispatcharrApiError.detail(400, "Only successful backups can be restored."));
        }
        return switch (database.begin(() -> backups.find(operation)
                .then(it -> restoreBackup.start(
                        database.name(),
                        it.key().value(),
                        RestoreBackup.Allowed.NOTHING,
                        DispatcharrDatabase.requester(request))))) {
            case Outcome.Refused<Operation>(var problem) ->
                answers.error(DispatcharrApiErrors.of(DispatcharrCall.RESTORE, problem));
            case Outcome.Done<Operation>(var started) -> begun(jobs.of(started), started);
        };
    }

    /** A file that is no backup, or a restore that cannot begin, is a failed job, as with the original. */
    @Post("/restore-upload/")
    @AcceptsLargeBody
    HttpResponse<?> restoreUpload(HttpRequest<?> request) throws InterruptedException {
        String who = DispatcharrDatabase.who(request);
        return switch (uploads.receive(request)) {
            case Uploads.Received.Refused(DispatcharrApiError error) ->
                answers.error(
                        error.equals(Uploads.NO_FILE)
                                ? DispatcharrApiError.detail(400, "No archive uploaded.")
                                : error);
            case Uploads.Received.Failed(DispatcharrApiError _, String text, String original) ->
                answers.json(202, tree(jobs.notBegun(original, text, who), _ -> false));
            case Uploads.Received.Stored(Backup backup, String original) ->
                switch (database.begin(() -> restoreBackup.start(
                        database.name(),
                        backup.key().value(),
                        RestoreBackup.Allowed.NOTHING,
                        DispatcharrDatabase.requester(request)))) {
                    case Outcome.Refused<Operation>(var problem) ->
                        answers.json(202, tree(jobs.notBegun(original, problem.detail(), who), _ -> false));
                    case Outcome.Done<Operation>(var started) -> begun(jobs.of(started, original), started);
                };
        };
    }
}
