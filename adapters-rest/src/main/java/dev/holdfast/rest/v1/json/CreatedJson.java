package dev.holdfast.rest.v1.json;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.domain.backup.Backup;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;

@Serdeable
@JsonPropertyOrder({"database", "filename", "size", "created_at"})
@Schema(name = "BackupResponse", description = "The backup that was made.")
public record CreatedJson(
        @Schema(example = "default") String database,
        @Schema(example = "app_20260413_142530.db") String filename,

        @Schema(description = "In bytes.", example = "5242880")
        long size,

        @Schema(name = "created_at", description = "UTC, without offset.", example = "2026-04-13T14:25:30.000000")
        @JsonProperty("created_at")
        String createdAt) {
    static CreatedJson of(Backup backup) {
        return new CreatedJson(
                backup.database().value(),
                backup.key().value(),
                backup.size(),
                JsonTimestamps.created(backup.createdAt()));
    }
}
