package dev.holdfast.dialects.pocketbase;

import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.operation.Operation;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Tells everybody that the server is there, and superusers whether a backup can begin and what the last restore did. */
@Controller("/pocketbase/api/health")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Secured(SecurityRule.IS_ANONYMOUS)
@Hidden
final class PocketBaseHealthController {
    private final PocketBaseDatabase database;
    private final PocketBaseResponses answers;

    PocketBaseHealthController(PocketBaseDatabase database, PocketBaseResponses answers) {
        this.database = database;
        this.answers = answers;
    }

    @Get
    HttpResponse<?> check(HttpRequest<?> request) {
        var members = new LinkedHashMap<String, JsonNode>();
        members.put("message", JsonNode.createStringNode("API is healthy."));
        members.put("code", JsonNode.createNumberNode(200));
        members.put(
                "data", AuthTokens.isSuperuser(request) ? forSuperusers(request) : JsonNode.createObjectNode(Map.of()));
        return answers.ok(request, JsonNode.createObjectNode(members));
    }

    private JsonNode forSuperusers(HttpRequest<?> request) {
        var data = new LinkedHashMap<String, JsonNode>();
        data.put("canBackup", JsonNode.createBooleanNode(database.running().isEmpty()));
        data.put("possibleProxyHeader", JsonNode.createStringNode(proxyHeader(request)));
        data.put("realIP", JsonNode.createStringNode(PocketBaseAuthController.address(request)));
        database.lastRestore().ifPresent(it -> data.put("lastRestore", restore(it)));
        return JsonNode.createObjectNode(data);
    }

    private static String proxyHeader(HttpRequest<?> request) {
        return Stream.of("X-Forwarded-For", "X-Real-IP", "CF-Connecting-IP", "Fly-Client-IP")
                .filter(it -> request.getHeaders().contains(it))
                .findFirst()
                .orElse("");
    }

    private static JsonNode restore(Operation operation) {
        var members = new LinkedHashMap<String, JsonNode>();
        members.put(
                "key",
                JsonNode.createStringNode(
                        operation.subject().map(BackupKey::value).orElse("")));
        members.put("state", JsonNode.createStringNode(operation.state().name().toLowerCase(Locale.ROOT)));
        members.put(
                "error",
                JsonNode.createStringNode(
                        operation.failure().map(it -> it.detail()).orElse("")));
        members.put(
                "finished",
                operation.finishedAt().map(PocketBaseResponses::date).orElseGet(() -> JsonNode.createStringNode("")));
        members.put("operation", JsonNode.createStringNode(operation.id().value()));
        return JsonNode.createObjectNode(members);
    }
}
