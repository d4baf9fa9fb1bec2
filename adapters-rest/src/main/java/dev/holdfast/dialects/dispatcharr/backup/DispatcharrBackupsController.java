package dev.holdfast.dialects.dispatcharr.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.CreateBackup;
import dev.holdfast.application.backup.DeleteBackup;
import dev.holdfast.application.backup.ListBackups;
import dev.holdfast.application.backup.RestoreBackup;
import dev.holdfast.dialects.dispatcharr.DispatcharrAccess;
import dev.holdfast.dialects.dispatcharr.DispatcharrApiError;
import dev.holdfast.dialects.dispatcharr.DispatcharrApiErrors;
import dev.holdfast.dialects.dispatcharr.DispatcharrCall;
import dev.holdfast.dialects.dispatcharr.DispatcharrDatabase;
import dev.holdfast.dialects.dispatcharr.DispatcharrFilename;
import dev.holdfast.dialects.dispatcharr.DispatcharrResponses;
import dev.holdfast.dialects.dispatcharr.Json;
import dev.holdfast.dialects.dispatcharr.TaskErrors;
import dev.holdfast.dialects.dispatcharr.UrlTokens;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.http.access.Callers;
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
import io.micronaut.security.rules.SecurityRule;
import io.swagger.v3.oas.annotations.Hidden;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The released API: the list, and tasks that clients poll. */
@Controller("/dispatcharr/api/backups")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Secured("admin")
@Hidden
final class DispatcharrBackupsController {
    private static final Pattern LISTED = Pattern.compile("dispatcharr-backup-.*\\.zip");
    private static final DateTimeFormatter MICROSECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'+00:00'", Locale.ROOT);
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'+00:00'", Locale.ROOT);

    private final ListBackups listBackups;
    private final CreateBackup createBackup;
    private final RestoreBackup restoreBackup;
    private final DeleteBackup deleteBackup;
    private final DispatcharrDatabase database;
    private final UrlTokens tokens;
    private final DispatcharrResponses answers;

    DispatcharrBackupsController(
            ListBackups listBackups,
            CreateBackup createBackup,
            RestoreBackup restoreBackup,
            DeleteBackup deleteBackup,
            DispatcharrDatabase database,
            UrlTokens tokens,
            DispatcharrResponses answers) {
        this.listBackups = listBackups;
        this.createBackup = createBackup;
        this.restoreBackup = restoreBackup;
        this.deleteBackup = deleteBackup;
        this.database = database;
        this.tokens = tokens;
        this.answers = answers;
    }

    @Get("/")
    HttpResponse<?> list() {
        List<Backup> all = new ArrayList<>();
        String token = "";
        do {
            switch (listBackups.list(database.name(), 0, token)) {
                case Outcome.Refused<ListBackups.Page>(var problem) -> {
                    return answers.error(DispatcharrApiErrors.of(DispatcharrCall.LIST, problem));
                }
                case Outcome.Done<ListBackups.Page>(ListBackups.Page(var backups, String next)) -> {
                    all.addAll(backups);
                    token = next;
                }
            }
        } while (!token.isEmpty());
        return answers.ok(Json.array(all.stream()
                .filter(it -> LISTED.matcher(it.key().value()).matches())
                .sorted(Comparator.comparing(Backup::key).reversed())
                .map(it -> Json.object("name", it.key().value(), "size", it.size(), "created", created(it.createdAt())))
                .toList()));
    }

    /** As Python's {@code isoformat} writes it. */
    private static String created(Instant at) {
        Instant micros = at.truncatedTo(ChronoUnit.MICROS);
        return (micros.equals(micros.truncatedTo(ChronoUnit.SECONDS)) ? SECONDS : MICROSECONDS)
                .format(micros.atOffset(ZoneOffset.UTC));
    }

    @Post("/create/")
    HttpResponse<?> create(HttpRequest<?> request) throws InterruptedException {
        return started(
                request,
                DispatcharrCall.CREATE,
                "Backup started",
                database.begin(() -> createBackup.start(
                        database.name(),
                        Origin.MANUAL,
                        Optional.of(Layout.DISPATCHARR_ZIP),
                        DispatcharrDatabase.requester(request))));
    }

    private HttpResponse<?> started(
            HttpRequest<?> request, DispatcharrCall call, String detail, Outcome<Operation> outcome) {
        return switch (outcome) {
            case Outcome.Refused<Operation>(var problem) -> answers.error(DispatcharrApiErrors.of(call, problem));
            case Outcome.Done<Operation>(var operation) -> {
                String id = operation.id().value();
                String token = tokens.task(id, Callers.of(request).chain());
                yield answers.json(202, Json.object("detail", detail, "task_id", id, "task_token", token));
            }
        };
    }

    @Post("/{filename:[^/]+}/restore/")
    HttpResponse<?> restore(HttpRequest<?> request) throws InterruptedException {
        Optional<String> name = DispatcharrFilename.in(request);
        return name.isEmpty()
                ? answers.error(DispatcharrApiError.INVALID_NAME)
                : started(
                        request,
                        DispatcharrCall.RESTORE,
                        "Restore started",
                        database.begin(() -> restoreBackup.start(
                                database.name(),
                                name.get(),
                                RestoreBackup.Allowed.NOTHING,
                                DispatcharrDatabase.requester(request))));
    }

    @Delete("/{filename:[^/]+}/delete/")
    HttpResponse<?> delete(HttpRequest<?> request) {
        Optional<String> name = DispatcharrFilename.in(request);
        if (name.isEmpty()) {
            return answers.error(DispatcharrApiError.detail(500, DispatcharrCall.DELETE.failed("Invalid filename")));
        }
        return switch (deleteBackup.delete(database.name(), name.get())) {
            case Outcome.Done<BackupKey> _ -> HttpResponse.noContent();
            case Outcome.Refused<BackupKey>(var problem) ->
                answers.error(DispatcharrApiErrors.of(DispatcharrCall.DELETE, problem));
        };
    }

    /** The token alone is enough: the caller who began the task got it, and it ends with them. */
    @Get("/status/{task:[^/]+}/")
    @Secured(SecurityRule.IS_ANONYMOUS)
    HttpResponse<?> status(HttpRequest<?> request) {
        Optional<DispatcharrApiError> shown = DispatcharrAccess.shown(request);
        if (shown.isPresent()) {
            return answers.error(shown.get());
        }
        String id = switch (PathSegment.behind(DispatcharrFilename.BEFORE + "status/", request)) {
            case Outcome.Done<String>(String text) -> text;
            case Outcome.Refused<String> _ -> "";
        };
        String token = request.getParameters().get("token", String.class, "");
        UrlTokens.Verdict verdict = token.isEmpty()
                ? DispatcharrDatabase.isAdmin(request) ? UrlTokens.Verdict.OPENS : UrlTokens.Verdict.DESERTED
                : tokens.ofTask(token, id);
        if (verdict != UrlTokens.Verdict.OPENS) {
            return answers.error(
                    verdict == UrlTokens.Verdict.WRONG
                            ? DispatcharrApiError.detail(403, "Invalid task token")
                            : DispatcharrApiError.NOT_SHOWN);
        }
        return answers.ok(database.operation(id)
                .filter(it -> it.kind() == OperationKind.BACKUP || it.kind() == OperationKind.RESTORE)
                .map(DispatcharrBackupsController::state)
                .orElseGet(() -> failed("There is no such task.")));
    }

    private static JsonNode state(Operation task) {
        return switch (task.state()) {
            case RUNNING -> Json.object("state", "pending");
            case SUCCEEDED ->
                Json.object("state", "completed", "result", result(task.result().orElseThrow()));
            case FAILED -> failed(TaskErrors.text(task));
            case CANCELLED -> failed("The task was canceled.");
        };
    }

    private static JsonNode failed(String text) {
        return Json.object("state", "failed", "error", text);
    }

    private static JsonNode result(Result result) {
        String name = result.about().map(BackupKey::value).orElse("");
        return result instanceof Result.BackupMade(Backup backup)
                ? Json.object("status", "completed", "filename", name, "size", backup.size())
                : Json.object("status", "completed", "filename", name);
    }
}
