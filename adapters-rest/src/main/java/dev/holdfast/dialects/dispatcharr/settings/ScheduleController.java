package dev.holdfast.dialects.dispatcharr.settings;

import dev.holdfast.dialects.dispatcharr.DispatcharrApiError;
import dev.holdfast.dialects.dispatcharr.DispatcharrCall;
import dev.holdfast.dialects.dispatcharr.DispatcharrDatabase;
import dev.holdfast.dialects.dispatcharr.DispatcharrResponses;
import dev.holdfast.dialects.dispatcharr.Json;
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
import java.util.List;

/** The released API: when backups are made and how many stay. */
@Controller("/dispatcharr/api")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Secured("admin")
@Hidden
final class ScheduleController {
    private final StoredSchedule schedule;
    private final SubmittedBody submitted;
    private final DispatcharrResponses answers;

    ScheduleController(StoredSchedule schedule, SubmittedBody submitted, DispatcharrResponses answers) {
        this.schedule = schedule;
        this.submitted = submitted;
        this.answers = answers;
    }

    @Get("/backups/schedule/")
    HttpResponse<?> schedule() {
        return answers.ok(schedule.current());
    }

    @Put("/backups/schedule/update/")
    HttpResponse<?> update(HttpRequest<?> request) throws InterruptedException {
        return switch (submitted.read(request)) {
            case Fields.Malformed(String why) -> answers.error(failed(why));
            case Fields.OtherType type -> answers.error(failed(type.why()));
            case Fields.Read(JsonNode fields) ->
                switch (schedule.change(fields, DispatcharrDatabase.who(request))) {
                    case StoredSchedule.Change.Made(JsonNode tree) -> answers.ok(tree);
                    case StoredSchedule.Change.Wrong(String detail) ->
                        answers.error(DispatcharrApiError.detail(400, detail));
                    case StoredSchedule.Change.Unreadable(String why) -> answers.error(failed(why));
                };
        };
    }

    private static DispatcharrApiError failed(String why) {
        return DispatcharrApiError.detail(500, DispatcharrCall.SET_SCHEDULE.failed(why));
    }

    /** The same once more, under the names of Dispatcharr's own settings. */
    @Get("/core/settings/")
    HttpResponse<?> settings() {
        JsonNode now = schedule.current();
        return answers.ok(Json.array(List.of(Json.object(
                "id",
                1,
                "key",
                "backup_settings",
                "name",
                "Backup Settings",
                "value",
                Json.object(
                        "schedule_enabled", now.get("enabled"),
                        "schedule_frequency", now.get("frequency"),
                        "schedule_time", now.get("time"),
                        "schedule_day_of_week", now.get("day_of_week"),
                        "retention_count", now.get("retention_count"),
                        "schedule_cron_expression", now.get("cron_expression"))))));
    }
}
