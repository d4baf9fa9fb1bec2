package dev.holdfast.rest.v1.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Result;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

@Serdeable
@JsonInclude(JsonInclude.Include.ALWAYS)
@JsonPropertyOrder({"database", "removed", "failed"})
@Schema(name = "ExpireResponse", description = "The backups that the plan does not keep are gone.")
record ExpiredJson(
        @Schema(example = "default") String database,

        @Schema(description = "Filenames, newest first.") List<String> removed,

        @Schema(description = "Should have gone and could not be removed; the next run tries again.")
        List<String> failed) {
    static ExpiredJson of(DatabaseName database, Result.Expired expired) {
        return new ExpiredJson(database.value(), names(expired.removed()), names(expired.failed()));
    }

    private static List<String> names(List<BackupKey> keys) {
        return keys.stream().map(BackupKey::value).toList();
    }
}
