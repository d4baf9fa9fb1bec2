package dev.holdfast.rest.v1.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Result;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Serdeable
@JsonInclude(JsonInclude.Include.ALWAYS)
@JsonPropertyOrder({"database", "filename", "outcome", "text"})
@Schema(name = "DrillResponse", description = "A restore of the newest backup was tried in a place of its own.")
public record DrilledJson(
        @Schema(example = "default") String database,

        @Schema(description = "The backup that was tried; null if there was none.") @Nullable
        String filename,

        @Schema(pattern = "passed|failed|inconclusive") String outcome,

        @Schema(description = "What was found, or why nothing could be.")
        String text) {
    static DrilledJson of(DatabaseName database, Result.Drilled drilled) {
        return new DrilledJson(
                database.value(),
                drilled.backup().map(BackupKey::value).orElse(null),
                Ids.of(drilled.outcome()),
                drilled.text());
    }
}
