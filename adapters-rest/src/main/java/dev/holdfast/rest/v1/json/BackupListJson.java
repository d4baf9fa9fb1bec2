package dev.holdfast.rest.v1.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.application.backup.ListBackups;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

@Serdeable
@JsonInclude(JsonInclude.Include.ALWAYS)
@JsonPropertyOrder({"backups", "next_page_token"})
@Schema(name = "BackupListResponse", description = "Newest first.")
public record BackupListJson(
        List<BackupJson> backups,

        @Schema(name = "next_page_token", description = "For page_token; empty on the last page.")
        @JsonProperty("next_page_token")
        String nextPageToken) {
    public static BackupListJson of(ListBackups.Page page) {
        return new BackupListJson(page.backups().stream().map(BackupJson::of).toList(), page.nextPageToken());
    }
}
