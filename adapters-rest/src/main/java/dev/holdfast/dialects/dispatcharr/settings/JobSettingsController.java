package dev.holdfast.dialects.dispatcharr.settings;

import dev.holdfast.dialects.dispatcharr.DispatcharrApiError;
import dev.holdfast.dialects.dispatcharr.DispatcharrDatabase;
import dev.holdfast.dialects.dispatcharr.DispatcharrResponses;
import dev.holdfast.dialects.dispatcharr.SubmittedBody;
import dev.holdfast.dialects.dispatcharr.SubmittedBody.Fields;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.annotation.Put;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Hidden;

@Controller("/dispatcharr/api/backups/settings")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Secured("admin")
@Hidden
final class JobSettingsController {
    private final StoredJobSettings settings;
    private final SubmittedBody submitted;
    private final DispatcharrResponses answers;

    JobSettingsController(StoredJobSettings settings, SubmittedBody submitted, DispatcharrResponses answers) {
        this.settings = settings;
        this.submitted = submitted;
        this.answers = answers;
    }

    @Get("/")
    HttpResponse<?> settings() {
        return answers.ok(settings.current());
    }

    @Put("/")
    HttpResponse<?> change(HttpRequest<?> request) throws InterruptedException {
        return switch (submitted.read(request)) {
            case Fields.Malformed(String why) -> answers.error(DispatcharrApiError.detail(400, why));
            case Fields.OtherType type -> answers.error(DispatcharrApiError.detail(415, type.why()));
            case Fields.Read(JsonNode fields) ->
                settings.change(fields, DispatcharrDatabase.who(request))
                        .<HttpResponse<?>>map(answers::error)
                        .orElseGet(() -> answers.ok(settings.current()));
        };
    }
}
