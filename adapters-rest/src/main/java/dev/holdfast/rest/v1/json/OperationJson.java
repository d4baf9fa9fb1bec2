package dev.holdfast.rest.v1.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.Pace;
import dev.holdfast.domain.operation.Progress;
import dev.holdfast.domain.operation.Result;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

@Serdeable
@JsonInclude(JsonInclude.Include.ALWAYS)
@JsonPropertyOrder({
    "id",
    "kind",
    "database",
    "state",
    "phase",
    "progress",
    "subject",
    "requested_by",
    "cancel_requested",
    "started_at",
    "finished_at",
    "waiting_for",
    "result",
    "error"
})
@Schema(name = "Operation", description = "One piece of work as it stands.")
public record OperationJson(
        String id,

        @Schema(pattern = "backup|restore|verify|expire|drill|upload")
        String kind,

        @Schema(example = "default") String database,

        @Schema(pattern = "running|succeeded|failed|cancelled")
        String state,

        @Schema(description = "The step that it is in, or was in last.", example = "copying")
        String phase,

        ProgressJson progress,

        @Schema(description = "The backup's filename, once there is one.") @Nullable
        String subject,

        @Schema(name = "requested_by", example = "anonymous") @JsonProperty("requested_by")
        String requestedBy,

        @Schema(name = "cancel_requested") @JsonProperty("cancel_requested")
        boolean cancelRequested,

        @Schema(name = "started_at", example = "2026-04-13T14:25:30Z") @JsonProperty("started_at")
        String startedAt,

        @Schema(name = "finished_at", description = "Null while it runs.") @JsonProperty("finished_at") @Nullable
        String finishedAt,

        @Schema(
                name = "waiting_for",
                description = "Set while it does not go on: other operations run, or a file system does not answer."
                        + " For a person. Else absent.")
        @JsonProperty("waiting_for")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        String waitingFor,

        // No oneOf: nothing in it tells a generated client which one it is; the kind does.
        @Schema(
                description =
                        "Present exactly when it succeeded. By the kind, what the synchronous call answers; of an "
                                + "expiry the filenames that are `removed` and those that `failed` to be.",
                type = "object",
                additionalProperties = Schema.AdditionalPropertiesValue.TRUE)
        @Nullable
        Object result,

        @Schema(description = "Present exactly when it failed.") @Nullable
        ErrorJson error) {

    /** @param now for the speed of what still runs */
    public static OperationJson of(Operation operation, Instant now) {
        return new OperationJson(
                operation.id().value(),
                Ids.of(operation.kind()),
                operation.database().value(),
                Ids.of(operation.state()),
                Ids.of(operation.phase()),
                ProgressJson.of(operation, now),
                operation.subject().map(BackupKey::value).orElse(null),
                operation.requestedBy(),
                operation.cancelRequested(),
                JsonTimestamps.rfc3339(operation.startedAt()),
                operation.finishedAt().map(JsonTimestamps::rfc3339).orElse(null),
                operation.waitingFor().orElse(null),
                operation.result().map(it -> result(operation.database(), it)).orElse(null),
                operation.failure().map(ErrorJson::of).orElse(null));
    }

    /** The same JSON whether the call waited or not. */
    public static Object result(DatabaseName database, Result result) {
        return switch (result) {
            case Result.BackupMade(var backup) -> CreatedJson.of(backup);
            case Result.Uploaded(var backup) -> BackupJson.of(backup);
            case Result.Restored restored -> RestoredJson.of(database, restored);
            case Result.Verified verified -> VerifiedJson.of(database, verified);
            case Result.Expired expired -> ExpiredJson.of(database, expired);
            case Result.Drilled drilled -> DrilledJson.of(database, drilled);
        };
    }

    /** @param bytesTotal 0 while it is not known */
    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    @JsonPropertyOrder({"bytes_done", "bytes_total", "bytes_per_second", "seconds_left"})
    @Schema(
            name = "Progress",
            description = "How far the phase is; one that counts no bytes, such as publishing, "
                    + "keeps what the one before came to. The total is 0 while it is not known.")
    record ProgressJson(
            @Schema(name = "bytes_done") @JsonProperty("bytes_done")
            long bytesDone,

            @Schema(name = "bytes_total") @JsonProperty("bytes_total")
            long bytesTotal,

            @Schema(
                    name = "bytes_per_second",
                    description = "Of the present phase, on the average; of an ended operation, its bytes over all its "
                            + "time. Null while it is not known.")
            @JsonProperty("bytes_per_second")
            @Nullable
            Long bytesPerSecond,

            @Schema(
                    name = "seconds_left",
                    description =
                            "Until the present phase is over, at this speed. Null while it is not known, and once "
                                    + "the operation has ended.")
            @JsonProperty("seconds_left")
            @Nullable
            Long secondsLeft) {
        static ProgressJson of(Operation operation, Instant now) {
            Progress progress = operation.progress();
            Optional<Pace> pace = Pace.of(operation, now);
            return new ProgressJson(
                    progress.done(),
                    progress.total(),
                    pace.map(Pace::bytesPerSecond).orElse(null),
                    pace.map(Pace::secondsLeft)
                            .filter(OptionalLong::isPresent)
                            .map(OptionalLong::getAsLong)
                            .orElse(null));
        }
    }

    @Serdeable
    @JsonPropertyOrder({"code", "detail"})
    @Schema(name = "OperationError", description = "Why it failed; the codes are those of problems.")
    record ErrorJson(@Schema(example = "source-busy") String code, String detail) {
        static ErrorJson of(Failure failure) {
            return new ErrorJson(failure.code(), failure.detail());
        }
    }
}
