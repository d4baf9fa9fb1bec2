package dev.holdfast.dialects.pocketbase.settings;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.CreateBackup;
import dev.holdfast.application.backup.PruneBackups;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.dialects.pocketbase.PocketBaseApiError;
import dev.holdfast.dialects.pocketbase.PocketBaseDatabase;
import dev.holdfast.dialects.pocketbase.PocketBaseResponses;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.http.request.PathSegment;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one scheduled job that there is, as long as automatic backups are on. */
@Controller("/pocketbase/api/crons")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Secured("admin")
@Hidden
final class CronsController {
    private static final Logger LOG = LoggerFactory.getLogger(CronsController.class);
    private static final String BEFORE = "/pocketbase/api/crons/";
    private static final String AUTO_BACKUP = "__pbAutoBackup__";

    private final PocketBaseStoredSettings settings;
    private final CreateBackup createBackup;
    private final PruneBackups expireBackups;
    private final Operations operations;
    private final PocketBaseDatabase database;
    private final PocketBaseResponses answers;

    CronsController(
            PocketBaseStoredSettings settings,
            CreateBackup createBackup,
            PruneBackups expireBackups,
            Operations operations,
            PocketBaseDatabase database,
            PocketBaseResponses answers) {
        this.settings = settings;
        this.createBackup = createBackup;
        this.expireBackups = expireBackups;
        this.operations = operations;
        this.database = database;
        this.answers = answers;
    }

    @Get
    HttpResponse<?> list(HttpRequest<?> request) {
        return answers.ok(
                request,
                JsonNode.createArrayNode(
                        expression().map(CronsController::job).map(List::of).orElse(List.of())));
    }

    private Optional<String> expression() {
        return Optional.of(SettingsTree.at(settings.current(), "backups.cron").getStringValue())
                .filter(it -> !it.isEmpty());
    }

    private static JsonNode job(String expression) {
        var members = new LinkedHashMap<String, JsonNode>();
        members.put("id", JsonNode.createStringNode(AUTO_BACKUP));
        members.put("expression", JsonNode.createStringNode(expression));
        return JsonNode.createObjectNode(members);
    }

    /** Answers at once; what comes of it is in the history of operations and in the log. */
    @Post("/{id:[^/]+}")
    HttpResponse<?> run(HttpRequest<?> request) {
        boolean known = PathSegment.behind(BEFORE, request) instanceof Outcome.Done<String>(String id)
                && id.equals(AUTO_BACKUP);
        if (!known || expression().isEmpty()) {
            return answers.error(PocketBaseApiError.of(404, "Missing or invalid cron job."));
        }
        Requester requester = PocketBaseDatabase.requester(request);
        switch (createBackup.start(database.name(), Origin.AUTOMATIC, Optional.empty(), requester)) {
            case Outcome.Done<Operation>(var operation) ->
                Thread.ofVirtual().name("cron-" + operation.id()).start(() -> expireAfter(operation, requester));
            case Outcome.Refused<Operation>(var problem) ->
                LOG.warn("The automatic backup could not begin: {}", problem.detail());
        }
        return HttpResponse.noContent();
    }

    private void expireAfter(Operation backup, Requester requester) {
        try {
            if (operations.awaitEnd(backup.id()).state() == OperationState.SUCCEEDED
                    && expireBackups.start(database.name(), requester)
                            instanceof Outcome.Refused<Operation>(var problem)) {
                LOG.warn("Automatic backups could not be expired: {}", problem.detail());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
