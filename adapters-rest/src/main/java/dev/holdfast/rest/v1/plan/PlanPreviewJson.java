package dev.holdfast.rest.v1.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.domain.retention.RetentionDecision;
import dev.holdfast.domain.retention.RetentionReason;
import dev.holdfast.rest.v1.json.JsonTimestamps;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

@Serdeable
@JsonInclude(JsonInclude.Include.ALWAYS)
@Schema(name = "PlanPreviewResponse", description = "What retention would do now, newest backup first.")
record PlanPreviewJson(List<VerdictJson> backups) {
    static PlanPreviewJson of(List<RetentionDecision> verdicts) {
        return new PlanPreviewJson(verdicts.stream().map(VerdictJson::of).toList());
    }

    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    @JsonPropertyOrder({"filename", "created_at", "size", "fate", "reasons"})
    @Schema(name = "RetentionVerdict")
    record VerdictJson(
            String filename,

            @Schema(name = "created_at") @JsonProperty("created_at")
            String createdAt,

            long size,
            @Schema(pattern = "keep|remove") String fate,

            @Schema(description = "Why it stays; empty for one that goes.", example = "[\"daily\",\"pinned\"]")
            List<String> reasons) {
        static VerdictJson of(RetentionDecision verdict) {
            return switch (verdict) {
                case RetentionDecision.Remove(var backup) ->
                    new VerdictJson(
                            backup.key().value(),
                            JsonTimestamps.created(backup.createdAt()),
                            backup.size(),
                            "remove",
                            List.of());
                case RetentionDecision.Keep(var backup, var reasons) ->
                    new VerdictJson(
                            backup.key().value(),
                            JsonTimestamps.created(backup.createdAt()),
                            backup.size(),
                            "keep",
                            reasons.stream().map(RetentionReason::id).toList());
            };
        }
    }
}
