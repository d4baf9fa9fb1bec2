package dev.holdfast.dialects.pocketbase;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.CreateBackup;
import dev.holdfast.application.backup.CreateNamedBackup;
import dev.holdfast.application.backup.DeleteBackup;
import dev.holdfast.application.backup.ListBackups;
import dev.holdfast.application.backup.RestoreBackup;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemCode;
import dev.holdfast.http.request.PathSegment;
import dev.holdfast.http.request.Preferences;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@Controller("/pocketbase/api/backups")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Secured("admin")
@Hidden
final class PocketBaseBackupsController {
    static final String BEFORE = "/pocketbase/api/backups/";

    private static final Logger LOG = LoggerFactory.getLogger(PocketBaseBackupsController.class);

    private static final String REPRESENTATION = "return=representation";
    private static final Pattern NAME = Pattern.compile("[a-z0-9_-]+\\.zip");
    private static final int LONGEST_NAME = 150;

    private final ListBackups listBackups;
    private final CreateBackup createBackup;
    private final CreateNamedBackup createNamedBackup;
    private final RestoreBackup restoreBackup;
    private final DeleteBackup deleteBackup;
    private final Operations operations;
    private final PocketBaseDatabase database;
    private final SubmittedFields submitted;
    private final PocketBaseResponses answers;

    PocketBaseBackupsController(
            ListBackups listBackups,
            CreateBackup createBackup,
            CreateNamedBackup createNamedBackup,
            RestoreBackup restoreBackup,
            DeleteBackup deleteBackup,
            Operations operations,
            PocketBaseDatabase database,
            SubmittedFields submitted,
            PocketBaseResponses answers) {
        this.listBackups = listBackups;
        this.createBackup = createBackup;
        this.createNamedBackup = createNamedBackup;
        this.restoreBackup = restoreBackup;
        this.deleteBackup = deleteBackup;
        this.operations = operations;
        this.database = database;
        this.submitted = submitted;
        this.answers = answers;
    }

    @Get
    HttpResponse<?> list(HttpRequest<?> request) {
        List<Backup> all = new ArrayList<>();
        String token = "";
        do {
            switch (listBackups.list(database.name(), 0, token)) {
                case Outcome.Refused<ListBackups.Page>(var problem) -> {
                    return answers.error(PocketBaseApiErrors.of(PocketBaseCall.LIST, problem, ""));
                }
                case Outcome.Done<ListBackups.Page>(ListBackups.Page(var backups, String next)) -> {
                    all.addAll(backups);
                    token = next;
                }
            }
        } while (!token.isEmpty());
        return switch (listBackups.modificationTimes(database.name())) {
            case Outcome.Refused<Map<BackupKey, Instant>>(var problem) ->
                answers.error(PocketBaseApiErrors.of(PocketBaseCall.LIST, problem, ""));
            case Outcome.Done<Map<BackupKey, Instant>>(var times) ->
                answers.ok(
                        request,
                        JsonNode.createArrayNode(all.stream()
                                .sorted((a, b) -> Arrays.compareUnsigned(bytes(a), bytes(b)))
                                .map(it -> tree(it, times.getOrDefault(it.key(), it.createdAt())))
                                .toList()));
        };
    }

    private static byte[] bytes(Backup backup) {
        return backup.key().value().getBytes(UTF_8);
    }

    private static JsonNode tree(Backup backup, Instant modified) {
        var members = new LinkedHashMap<String, JsonNode>();
        members.put("modified", PocketBaseResponses.date(modified));
        members.put("key", JsonNode.createStringNode(backup.key().value()));
        members.put("size", JsonNode.createNumberNode(backup.size()));
        return JsonNode.createObjectNode(members);
    }

    /** Answers when the backup is made; a client that goes away meanwhile stops nothing. */
    @Post
    HttpResponse<?> create(HttpRequest<?> request) throws InterruptedException {
        if (database.running().isPresent()) {
            return answers.error(PocketBaseApiError.BUSY);
        }
        boolean asTheGuideHasIt = Preferences.name(request, REPRESENTATION);
        Optional<String> given = submitted.read(request).flatMap(it -> SubmittedFields.text(it, "name"));
        if (given.isEmpty()) {
            return answers.error(PocketBaseApiError.UNREADABLE);
        }
        String name = asTheGuideHasIt && !given.get().isEmpty() && !given.get().endsWith(".zip")
                ? given.get() + ".zip"
                : given.get();
        Optional<FieldErrors> wrong = wrongName(name);
        if (wrong.isPresent()) {
            return answers.error(PocketBaseApiError.invalid(wrong.get()));
        }
        var requester = PocketBaseDatabase.requester(request);
        Outcome<Operation> started = name.isEmpty()
                ? createBackup.start(database.name(), requester)
                : createNamedBackup.start(database.name(), new BackupKey(name), requester);
        return switch (started) {
            case Outcome.Refused<Operation>(var problem) ->
                answers.error(PocketBaseApiErrors.of(PocketBaseCall.CREATE, problem, name));
            case Outcome.Done<Operation>(var operation) -> {
                Operation end = operations.awaitEnd(operation.id());
                yield switch (end.state()) {
                    case SUCCEEDED -> asTheGuideHasIt ? made(request, end) : HttpResponse.noContent();
                    case FAILED, CANCELLED, RUNNING -> answers.error(failed(PocketBaseCall.CREATE, end, name));
                };
            }
        };
    }

    private static Optional<FieldErrors> wrongName(String name) {
        if (name.getBytes(UTF_8).length > LONGEST_NAME) {
            return Optional.of(new FieldErrors()
                    .add(
                            "name",
                            "validation_length_out_of_range",
                            "The length must be between 1 and " + LONGEST_NAME + ".",
                            Map.of(
                                    "max", JsonNode.createNumberNode(LONGEST_NAME),
                                    "min", JsonNode.createNumberNode(1))));
        }
        return name.isEmpty() || NAME.matcher(name).matches()
                ? Optional.empty()
                : Optional.of(FieldErrors.of("name", "validation_match_invalid", "Must be in a valid format."));
    }

    private HttpResponse<?> made(HttpRequest<?> request, Operation end) {
        String key = end.result().flatMap(Result::about).map(BackupKey::value).orElseThrow();
        return answers.ok(request, JsonNode.createObjectNode(Map.of("key", JsonNode.createStringNode(key))))
                .header("Preference-Applied", REPRESENTATION);
    }

    private static PocketBaseApiError failed(PocketBaseCall call, Operation end, String name) {
        LOG.warn(
                "{} {}",
                call.failed(),
                end.failure().map(it -> it.code() + ": " + it.detail()).orElse("It was cancelled."));
        return end.failure()
                .map(it -> PocketBaseApiErrors.of(call, it, name))
                .orElseGet(() -> PocketBaseApiError.bad(call.failed()));
    }

    /** Answers before the work is done, unless the client would rather know what came of it. */
    @Post("/{key:[^/]+}/restore")
    HttpResponse<?> restore(HttpRequest<?> request) throws InterruptedException {
        if (database.running().isPresent()) {
            return answers.error(PocketBaseApiError.BUSY);
        }
        String key = key(request);
        return switch (restoreBackup.start(
                database.name(), key, RestoreBackup.Allowed.NOTHING, PocketBaseDatabase.requester(request))) {
            case Outcome.Refused<Operation>(var problem) ->
                answers.error(PocketBaseApiErrors.of(PocketBaseCall.RESTORE, problem, key));
            case Outcome.Done<Operation>(var operation) ->
                Preferences.name(request, REPRESENTATION)
                        ? restored(request, operations.awaitEnd(operation.id()))
                        : HttpResponse.noContent();
        };
    }

    private HttpResponse<?> restored(HttpRequest<?> request, Operation end) {
        return switch (end.state()) {
            case SUCCEEDED ->
                answers.ok(
                                request,
                                JsonNode.createObjectNode(
                                        Map.of("message", JsonNode.createStringNode("Backup restored successfully."))))
                        .header("Preference-Applied", REPRESENTATION);
            case FAILED ->
                answers.error(PocketBaseApiError.of(
                        500,
                        "Restore operation failed: "
                                + end.failure().orElseThrow().detail()));
            case CANCELLED, RUNNING ->
                answers.error(PocketBaseApiError.of(500, "Restore operation failed: it was cancelled."));
        };
    }

    @Delete("/{key:[^/]+}")
    HttpResponse<?> delete(HttpRequest<?> request) {
        String key = key(request);
        boolean used = database.running()
                .flatMap(Operation::subject)
                .filter(it -> it.value().equals(key))
                .isPresent();
        if (used) {
            return answers.error(PocketBaseApiError.bad("The backup is currently being used and cannot be deleted."));
        }
        return switch (deleteBackup.delete(database.name(), key)) {
            case Outcome.Done<BackupKey> _ -> HttpResponse.noContent();
            case Outcome.Refused<BackupKey>(var problem) -> answers.error(deletion(request, key, problem));
        };
    }

    private static PocketBaseApiError deletion(HttpRequest<?> request, String key, Problem problem) {
        boolean missing =
                problem.code() == ProblemCode.BACKUP_NOT_FOUND || problem.code() == ProblemCode.INVALID_FILENAME;
        return missing && Preferences.name(request, REPRESENTATION)
                ? PocketBaseApiError.NOT_FOUND
                : PocketBaseApiErrors.of(PocketBaseCall.DELETE, problem, key);
    }

    /** What cannot be a name is one that no backup has. */
    static String key(HttpRequest<?> request) {
        return switch (PathSegment.behind(BEFORE, request)) {
            case Outcome.Done<String>(String key) -> key;
            case Outcome.Refused<String> _ -> "";
        };
    }
}
