package dev.holdfast.rest.v1.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.application.plan.PlanStore.Drill;
import dev.holdfast.application.plan.PlanStore.Kept;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.plan.Freshness;
import dev.holdfast.domain.plan.Plan;
import dev.holdfast.domain.retention.RetentionPolicy;
import dev.holdfast.rest.v1.json.Ids;
import dev.holdfast.rest.v1.json.JsonTimestamps;
import dev.holdfast.rest.v1.json.OperationJson;
import dev.holdfast.rest.v1.json.RetentionPauseJson;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

@Serdeable
@JsonInclude(JsonInclude.Include.ALWAYS)
@JsonPropertyOrder({
    "database",
    "schedule",
    "time_zone",
    "catch_up",
    "retention",
    "verify_depth",
    "recheck_every",
    "drill",
    "freshness",
    "next_run",
    "last_run",
    "next_drill",
    "last_drill",
    "last_proven_restorable",
    "retention_paused",
    "changed_by",
    "changed_at"
})
@Schema(name = "Plan", description = "What is done with a database without anybody asking.")
record PlanJson(
        @Schema(example = "default") String database,
        ScheduleJson schedule,

        @Schema(name = "time_zone", description = "Of both schedules.", example = "Europe/Berlin")
        @JsonProperty("time_zone")
        String timeZone,

        @Schema(
                name = "catch_up",
                description = "Whether a run that was due while the server was down is made at its next start, once.")
        @JsonProperty("catch_up")
        boolean catchUp,

        RetentionJson retention,

        @Schema(name = "verify_depth", pattern = "checksum|quick|full", description = "Of every new backup.")
        @JsonProperty("verify_depth")
        String verifyDepth,

        @Schema(
                name = "recheck_every",
                description = "How old a stored backup's last check may be before it is checked again; null for never.",
                example = "PT720H")
        @JsonProperty("recheck_every")
        @Nullable
        String recheckEvery,

        @Schema(description = "When the newest backup is restored into a place of its own, and checked.")
        ScheduleJson drill,

        FreshnessJson freshness,

        @Schema(name = "next_run", description = "Null while the schedule is off.") @JsonProperty("next_run") @Nullable
        String nextRun,

        @Schema(name = "last_run", description = "The last operation that the schedule began.")
        @JsonProperty("last_run")
        @Nullable
        OperationJson lastRun,

        @Schema(name = "next_drill") @JsonProperty("next_drill") @Nullable
        String nextDrill,

        @Schema(name = "last_drill") @JsonProperty("last_drill") @Nullable
        DrillJson lastDrill,

        @Schema(name = "last_proven_restorable", description = "When a drill last passed.")
        @JsonProperty("last_proven_restorable")
        @Nullable
        String lastProvenRestorable,

        @Schema(
                name = "retention_paused",
                description = "Set while a suspicious backup makes retention pause: since when, and why. Else null.",
                implementation = RetentionPauseJson.class)
        @JsonProperty("retention_paused")
        @Nullable
        RetentionPauseJson retentionPaused,

        @Schema(name = "changed_by", description = "Null while the settings' plan is in force.")
        @JsonProperty("changed_by")
        @Nullable
        String changedBy,

        @Schema(name = "changed_at") @JsonProperty("changed_at") @Nullable
        String changedAt) {

    static PlanJson of(PlanService.View view) {
        Plan plan = view.inForce().plan();
        return new PlanJson(
                view.inForce().registered().database().name().value(),
                ScheduleJson.of(plan.backups().schedule()),
                plan.backups().zone().getId(),
                plan.catchUp(),
                RetentionJson.of(plan.retention()),
                Ids.of(plan.verifyDepth()),
                plan.recheckEvery().map(Duration::toString).orElse(null),
                ScheduleJson.of(plan.drills().schedule()),
                FreshnessJson.of(plan.freshness()),
                view.nextRun().map(JsonTimestamps::rfc3339).orElse(null),
                view.lastRun()
                        .map(it -> OperationJson.of(it, it.finishedAt().orElse(it.startedAt())))
                        .orElse(null),
                view.nextDrill().map(JsonTimestamps::rfc3339).orElse(null),
                view.lastDrill().map(DrillJson::of).orElse(null),
                view.lastDrill()
                        .flatMap(Drill::provenAt)
                        .map(JsonTimestamps::rfc3339)
                        .orElse(null),
                view.retentionPaused().map(RetentionPauseJson::of).orElse(null),
                view.inForce().kept().map(Kept::changedBy).orElse(null),
                view.inForce()
                        .kept()
                        .map(Kept::changedAt)
                        .map(JsonTimestamps::rfc3339)
                        .orElse(null));
    }

    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    @JsonPropertyOrder({"last", "hourly", "daily", "weekly", "monthly", "yearly", "within"})
    @Schema(
            name = "Retention",
            description = "How many backups stay, by rule; what any rule keeps stays. Without a rule all stay.")
    record RetentionJson(
            int last,
            int hourly,
            int daily,
            int weekly,
            int monthly,
            int yearly,

            @Schema(description = "All that are at most this much older than the newest.", example = "PT168H") @Nullable
            String within) {
        static RetentionJson of(RetentionPolicy policy) {
            return new RetentionJson(
                    policy.last(),
                    policy.hourly(),
                    policy.daily(),
                    policy.weekly(),
                    policy.monthly(),
                    policy.yearly(),
                    policy.within().map(Duration::toString).orElse(null));
        }
    }

    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    @JsonPropertyOrder({"max_age", "min_size"})
    @Schema(name = "Freshness", description = "What somebody relies on; see the databases' `freshness`.")
    record FreshnessJson(
            @Schema(name = "max_age", description = "Of the newest good backup.", example = "PT26H")
            @JsonProperty("max_age")
            @Nullable
            String maxAge,

            @Schema(name = "min_size", description = "Of the newest good backup, in bytes.") @JsonProperty("min_size")
            long minSize) {
        static FreshnessJson of(Freshness freshness) {
            return new FreshnessJson(freshness.maxAge().map(Duration::toString).orElse(null), freshness.minSize());
        }
    }

    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    @JsonPropertyOrder({"outcome", "at", "filename", "text"})
    @Schema(name = "Drill")
    record DrillJson(
            @Schema(pattern = "passed|failed|inconclusive") String outcome,
            String at,
            @Nullable String filename,
            String text) {
        static DrillJson of(Drill drill) {
            return new DrillJson(
                    Ids.of(drill.outcome()),
                    JsonTimestamps.rfc3339(drill.at()),
                    drill.backup().map(BackupKey::value).orElse(null),
                    drill.text());
        }
    }
}
