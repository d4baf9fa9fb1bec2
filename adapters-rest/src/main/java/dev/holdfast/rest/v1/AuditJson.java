package dev.holdfast.rest.v1;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.application.plan.AuditEntry;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

@Serdeable
@Schema(name = "AuditResponse", description = "Who changed what, newest first.")
record AuditJson(List<EntryJson> entries) {
    static AuditJson of(List<AuditEntry> entries) {
        return new AuditJson(entries.stream().map(EntryJson::of).toList());
    }

    @Serdeable
    @JsonPropertyOrder({"at", "who", "action", "database", "detail"})
    @Schema(name = "AuditEntry")
    record EntryJson(
            String at,
            @Schema(example = "ann") String who,
            @Schema(example = "plan.change") String action,
            @Schema(example = "default") String database,
            @Schema(example = "retention.last: unset -> 7") String detail) {
        static EntryJson of(AuditEntry entry) {
            return new EntryJson(
                    Times.rfc3339(entry.at()),
                    entry.who(),
                    entry.action(),
                    entry.database().value(),
                    entry.detail());
        }
    }
}
