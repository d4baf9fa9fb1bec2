package dev.holdfast.rest.v1.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Result;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

@Serdeable
@JsonInclude(JsonInclude.Include.ALWAYS)
@JsonPropertyOrder({"database", "restored_from", "safety_backup", "remarks", "foreign"})
@Schema(name = "RestoreResponse", description = "The database now has the backup's content.")
public record RestoredJson(
        @Schema(example = "default") String database,

        @Schema(name = "restored_from", example = "app_20260413_142530.db") @JsonProperty("restored_from")
        String restoredFrom,

        @Schema(name = "safety_backup", description = "Holds what was there before; null if there was nothing.")
        @JsonProperty("safety_backup")
        @Nullable
        String safetyBackup,

        @Schema(
                description = "What a person has to know or do after this restore, in sentences. Absent if there is"
                        + " nothing.")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        List<String> remarks,

        @Schema(
                description =
                        "The other database that the restored backup was made of; absent for one of this database.",
                example = "shop")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        String foreign) {
    static RestoredJson of(DatabaseName database, Result.Restored restored) {
        return new RestoredJson(
                database.value(),
                restored.from().value(),
                restored.safety().map(BackupKey::value).orElse(null),
                restored.remarks().isEmpty() ? null : restored.remarks(),
                restored.foreign().map(DatabaseName::value).orElse(null));
    }
}
