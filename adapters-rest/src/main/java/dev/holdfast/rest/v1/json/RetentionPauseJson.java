package dev.holdfast.rest.v1.json;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.domain.retention.RetentionPause;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;

@Serdeable
@JsonPropertyOrder({"since", "reason"})
@Schema(name = "RetentionPause", description = "No backup of the database expires.")
public record RetentionPauseJson(
        @Schema(description = "When the first suspicious backup was made.", example = "2026-04-13T14:25:31Z")
        String since,

        @Schema(description = "What is suspicious about that backup, in a sentence.")
        String reason) {
    public static RetentionPauseJson of(RetentionPause pause) {
        return new RetentionPauseJson(JsonTimestamps.rfc3339(pause.since()), pause.reason());
    }
}
