package dev.holdfast.rest.v1.plan;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A change of a plan, for the API's description alone: {@link PlanBody} reads it. A plan as it is shown has members that a
 * change may not have, and a generated client sends each member that is required.
 */
@Serdeable.Deserializable
@Schema(name = "PlanChange", description = "A change of a database's plan. What is absent stays as it is.")
record PlanChangeJson(
        @Nullable ScheduleChangeJson schedule,

        @JsonProperty("time_zone")
        @Schema(name = "time_zone", description = "Of both schedules.", example = "Europe/Berlin")
        @Nullable
        String timeZone,

        @JsonProperty("catch_up")
        @Schema(
                name = "catch_up",
                description = "Whether a run that was due while the server was down is made at its next start, once.")
        @Nullable
        Boolean catchUp,

        @Nullable RetentionChangeJson retention,

        @JsonProperty("verify_depth")
        @Schema(name = "verify_depth", pattern = "checksum|quick|full", description = "Of every new backup.")
        @Nullable
        String verifyDepth,

        @JsonProperty("recheck_every")
        @Schema(
                name = "recheck_every",
                description = "How old a stored backup's last check may be before it is checked again.",
                example = "30d")
        @Nullable
        String recheckEvery,

        @Schema(description = "When the newest backup is restored into a place of its own, and checked.") @Nullable
        ScheduleChangeJson drill,

        @Nullable FreshnessChangeJson freshness) {

    /** For the API's description alone. */
    @Serdeable.Deserializable
    @Schema(
            name = "ScheduleChange",
            description = "With a `kind` it replaces the former schedule; without one it changes single members.")
    record ScheduleChangeJson(
            @Schema(pattern = "off|hourly|daily|weekly|monthly|cron", example = "daily") @Nullable
            String kind,

            @Schema(description = "Hourly: at hours 0, n, 2n and so on; 1 to 24.") @Nullable
            Integer every,

            @Schema(description = "Hourly: 0 to 59.") @Nullable
            Integer minute,

            @Schema(description = "Weekly: monday to sunday.") @Nullable
            List<String> days,

            @Schema(description = "Monthly: 1 to 31; in a shorter month its last day.") @Nullable
            Integer day,

            @Schema(description = "Daily, weekly, monthly: the time of day.", example = "03:15") @Nullable
            String at,

            @Schema(description = "Cron: five fields, or @daily and its like.", example = "15 3 * * mon-fri") @Nullable
            String line) {}

    /** For the API's description alone. */
    @Serdeable.Deserializable
    @Schema(name = "RetentionChange", description = "How many backups stay, by rule. An absent rule stays as it is.")
    record RetentionChangeJson(
            @Nullable Integer last,
            @Nullable Integer hourly,
            @Nullable Integer daily,
            @Nullable Integer weekly,
            @Nullable Integer monthly,
            @Nullable Integer yearly,

            @Schema(description = "All that are at most this much older than the newest.", example = "7d") @Nullable
            String within) {}

    /** For the API's description alone. */
    @Serdeable.Deserializable
    @Schema(name = "FreshnessChange", description = "The expectations of the newest good backup.")
    record FreshnessChangeJson(
            @JsonProperty("max_age")
            @Schema(name = "max_age", description = "Its highest age.", example = "26h")
            @Nullable
            String maxAge,

            @JsonProperty("min_size") @Schema(name = "min_size", description = "Its lowest size in bytes.") @Nullable
            Long minSize) {}
}
