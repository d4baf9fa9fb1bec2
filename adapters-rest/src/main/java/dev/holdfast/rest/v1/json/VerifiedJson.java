package dev.holdfast.rest.v1.json;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Result;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;

@Serdeable
@JsonPropertyOrder({"database", "filename", "verification"})
@Schema(name = "VerifyResponse", description = "The check was made; its finding may be that the backup is corrupt.")
public record VerifiedJson(
        @Schema(example = "default") String database,
        @Schema(example = "app_20260413_142530.db") String filename,
        VerificationJson verification) {
    static VerifiedJson of(DatabaseName database, Result.Verified verified) {
        return new VerifiedJson(database.value(), verified.key().value(), VerificationJson.of(verified.verification()));
    }
}
