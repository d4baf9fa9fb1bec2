package dev.holdfast.rest.v1.database;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.rest.v1.json.BackupJson;
import dev.holdfast.rest.v1.json.Ids;
import dev.holdfast.rest.v1.json.JsonTimestamps;
import dev.holdfast.rest.v1.json.RetentionPauseJson;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

@Serdeable
@JsonInclude(JsonInclude.Include.ALWAYS)
@Schema(name = "DatabaseListResponse")
record DatabaseListJson(List<DatabaseJson> databases) {
    static DatabaseListJson of(List<ListDatabases.Overview> overviews) {
        return new DatabaseListJson(overviews.stream().map(DatabaseJson::of).toList());
    }

    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    @JsonPropertyOrder({
        "name",
        "profile",
        "source",
        "source_size",
        "backup_count",
        "corrupt_count",
        "total_size",
        "last_success",
        "next_run",
        "freshness",
        "last_proven_restorable",
        "retention_paused",
        "newest_backup",
        "problem"
    })
    @Schema(description = "A registered database and how its backups stand.")
    record DatabaseJson(
            @Schema(example = "default") String name,

            @Schema(pattern = "native|pocketbase|jobops|dispatcharr")
            String profile,

            @Schema(
                    pattern = "present|missing|unknown",
                    description = "`missing` if one of the SQLite files to back up is not there; `unknown` while their"
                            + " file system does not answer.")
            String source,

            @Schema(name = "source_size", description = "In bytes; null unless the source is present.")
            @JsonProperty("source_size")
            @Nullable
            Long sourceSize,

            @Schema(name = "backup_count") @JsonProperty("backup_count")
            int backupCount,

            @Schema(name = "corrupt_count", description = "How many of them a check has found corrupt.")
            @JsonProperty("corrupt_count")
            int corruptCount,

            @Schema(name = "total_size", description = "Of all backups, in bytes.") @JsonProperty("total_size")
            long totalSize,

            @Schema(name = "last_success", description = "When a backup was last made; null if never.")
            @JsonProperty("last_success")
            @Nullable
            String lastSuccess,

            @Schema(name = "next_run", description = "When the plan makes the next one; null while it makes none.")
            @JsonProperty("next_run")
            @Nullable
            String nextRun,

            @Schema(
                    pattern = "fresh|none|stale|too_small",
                    description = "The newest good backup against what the plan relies on; `none` if there is none.")
            @Nullable
            String freshness,

            @Schema(name = "last_proven_restorable", description = "When a restore drill last passed; null if never.")
            @JsonProperty("last_proven_restorable")
            @Nullable
            String lastProvenRestorable,

            @Schema(
                    name = "retention_paused",
                    description =
                            "Set while a suspicious backup makes retention pause: since when, and why. Else absent.",
                    implementation = RetentionPauseJson.class)
            @JsonProperty("retention_paused")
            @JsonInclude(JsonInclude.Include.NON_NULL)
            @Nullable
            RetentionPauseJson retentionPaused,

            @Schema(description = "Null if there is none.", implementation = BackupJson.class)
            @JsonProperty("newest_backup")
            @Nullable
            BackupJson newestBackup,

            @Schema(description = "Why the store or the source cannot be read; null if they can.") @Nullable
            StoreProblemJson problem) {
        static DatabaseJson of(ListDatabases.Overview overview) {
            return new DatabaseJson(
                    overview.database().name().value(),
                    overview.database().profile().id(),
                    sourceState(overview),
                    overview.sourceSize().orElse(null),
                    overview.count(),
                    overview.corrupt(),
                    overview.totalSize(),
                    overview.lastSuccess().map(JsonTimestamps::rfc3339).orElse(null),
                    overview.planned().nextRun().map(JsonTimestamps::rfc3339).orElse(null),
                    overview.planned().freshness().map(Ids::of).orElse(null),
                    overview.planned().provenAt().map(JsonTimestamps::rfc3339).orElse(null),
                    overview.planned()
                            .retentionPaused()
                            .map(RetentionPauseJson::of)
                            .orElse(null),
                    overview.newest().map(BackupJson::of).orElse(null),
                    overview.storeProblem().map(StoreProblemJson::of).orElse(null));
        }
    }

    private static String sourceState(ListDatabases.Overview overview) {
        if (overview.isSourceUnknown()) {
            return "unknown";
        }
        return overview.sourceSize().isPresent() ? "present" : "missing";
    }

    @Serdeable
    @JsonPropertyOrder({"code", "detail"})
    @Schema(name = "StoreProblem")
    record StoreProblemJson(
            @Schema(example = "store-unavailable") String code, String detail) {
        static StoreProblemJson of(Problem problem) {
            return new StoreProblemJson(problem.code().id(), problem.detail());
        }
    }
}
