package dev.holdfast.rest.v1.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.domain.backup.Verification;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Serdeable
@JsonInclude(JsonInclude.Include.ALWAYS)
@JsonPropertyOrder({"state", "depth", "at", "finding"})
@Schema(name = "Verification", description = "What is known about a backup being whole.")
record VerificationJson(
        @Schema(pattern = "unchecked|passed|corrupt") String state,
        @Schema(pattern = "checksum|quick|full") @Nullable String depth,
        @Schema(example = "2026-04-13T14:25:31Z") @Nullable String at,

        @Schema(
                description =
                        "What was found. Of a passed one, what its source has as well: rows whose foreign key leads nowhere.")
        @Nullable
        String finding) {
    static VerificationJson of(Verification verification) {
        return switch (verification) {
            case Verification.Unchecked() -> new VerificationJson("unchecked", null, null, null);
            case Verification.Passed(var depth, var at, var remark) ->
                new VerificationJson("passed", Ids.of(depth), JsonTimestamps.rfc3339(at), remark.orElse(null));
            case Verification.Corrupt(var depth, var at, String finding) ->
                new VerificationJson("corrupt", Ids.of(depth), JsonTimestamps.rfc3339(at), finding);
        };
    }
}
