package dev.holdfast.rest.v1.database;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.application.audit.ListAudit;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.rest.v1.json.JsonTimestamps;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

@Serdeable
@JsonInclude(JsonInclude.Include.ALWAYS)
@JsonPropertyOrder({"entries", "next_page_token"})
@Schema(name = "AuditResponse", description = "Who did what, newest first.")
record AuditJson(
        List<EntryJson> entries,

        @Schema(name = "next_page_token", description = "For page_token; empty on the last page.")
        @JsonProperty("next_page_token")
        String nextPageToken) {
    static AuditJson of(ListAudit.Page page) {
        return new AuditJson(page.entries().stream().map(EntryJson::of).toList(), page.nextPageToken());
    }

    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    @JsonPropertyOrder({"at", "until", "who", "address", "action", "database", "object", "outcome", "count", "detail"})
    @Schema(name = "AuditEntry")
    record EntryJson(
            @Schema(description = "When it happened, first.")
            String at,

            @Schema(description = "When it happened last, if it is counted; else as `at`.")
            String until,

            @Schema(
                    description = "An account or a service token. Of a failed sign-in the name that was tried, empty"
                            + " where many names are counted together.",
                    example = "ann")
            String who,

            @Schema(description = "Of the client; null for what no client asked for.", example = "192.0.2.7") @Nullable
            String address,

            @Schema(example = "backup.delete") String action,

            @Schema(description = "Null for what is about no database.", example = "default") @Nullable
            String database,

            @Schema(
                    description = "What it was done to, such as a backup or an account; null for nothing of its own.",
                    example = "app_20260413_142530.db")
            @Nullable
            String object,

            @Schema(
                    description = "`succeeded`, `cancelled`, a problem's code, or `started` while the operation runs.",
                    example = "succeeded")
            String outcome,

            @Schema(description = "How many times it happened; more than 1 where it is counted.", example = "1")
            long count,

            @Schema(description = "For a person; may be empty.", example = "retention.last: unset -> 7")
            String detail) {
        static EntryJson of(AuditEntry entry) {
            return new EntryJson(
                    JsonTimestamps.rfc3339(entry.at()),
                    JsonTimestamps.rfc3339(entry.until()),
                    entry.who(),
                    entry.address().orElse(null),
                    entry.action(),
                    entry.database().map(DatabaseName::value).orElse(null),
                    entry.object().orElse(null),
                    entry.outcome(),
                    entry.count(),
                    entry.detail());
        }
    }
}
