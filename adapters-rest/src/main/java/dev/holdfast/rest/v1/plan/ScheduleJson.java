package dev.holdfast.rest.v1.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.domain.schedule.Schedule;
import dev.holdfast.rest.v1.json.Ids;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.LocalTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"kind", "every", "minute", "days", "day", "at", "line"})
@Schema(
        name = "Schedule",
        description = "When something runs by itself. Members that the kind does not need are absent.")
record ScheduleJson(
        @Schema(pattern = "off|hourly|daily|weekly|monthly|cron", example = "daily")
        String kind,

        @Schema(description = "Hourly: at hours 0, n, 2n and so on; 1 to 24.") @Nullable
        Integer every,

        @Schema(description = "Hourly: 0 to 59.") @Nullable Integer minute,

        @Schema(description = "Weekly: monday to sunday.") @Nullable
        List<String> days,

        @Schema(description = "Monthly: 1 to 31; in a shorter month its last day.") @Nullable
        Integer day,

        @Schema(description = "Daily, weekly, monthly: the time of day.", example = "03:15") @Nullable
        String at,

        @Schema(description = "Cron: five fields, or @daily and its like.", example = "15 3 * * mon-fri") @Nullable
        String line) {
    static ScheduleJson of(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Off() -> new ScheduleJson("off", null, null, null, null, null, null);
            case Schedule.Hourly(int every, int minute) ->
                new ScheduleJson("hourly", every, minute, null, null, null, null);
            case Schedule.Daily(LocalTime at) -> new ScheduleJson("daily", null, null, null, null, at.toString(), null);
            case Schedule.Weekly(var days, LocalTime at) ->
                new ScheduleJson(
                        "weekly",
                        null,
                        null,
                        days.stream().sorted().map(Ids::of).toList(),
                        null,
                        at.toString(),
                        null);
            case Schedule.Monthly(int day, LocalTime at) ->
                new ScheduleJson("monthly", null, null, null, day, at.toString(), null);
            case Schedule.Cron(var line) -> new ScheduleJson("cron", null, null, null, null, null, line.text());
        };
    }
}
