package dev.holdfast.rest.v1.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.application.operation.Operations;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;

@Serdeable
@JsonInclude(JsonInclude.Include.ALWAYS)
@JsonPropertyOrder({"operations", "next_page_token"})
@Schema(name = "OperationListResponse", description = "Newest first.")
public record OperationListJson(
        List<OperationJson> operations,

        @Schema(name = "next_page_token", description = "For page_token; empty on the last page.")
        @JsonProperty("next_page_token")
        String nextPageToken) {
    public static OperationListJson of(Operations.Page page, Instant now) {
        return new OperationListJson(
                page.operations().stream().map(it -> OperationJson.of(it, now)).toList(), page.nextPageToken());
    }
}
