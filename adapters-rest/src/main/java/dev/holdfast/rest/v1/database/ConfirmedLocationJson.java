package dev.holdfast.rest.v1.database;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.holdfast.application.location.ConfirmLocation;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/**
 * What was confirmed.
 *
 * @param confirmed empty if all paths led to where they did
 * @param detail for a person
 */
@Serdeable
@JsonInclude(JsonInclude.Include.ALWAYS)
@Schema(name = "ConfirmedLocation")
record ConfirmedLocationJson(
        @Schema(example = "default") String database,

        List<Moved> confirmed,

        @Schema(example = "/srv/app/app.db leads to /mnt/disk2/app.db from now on; before, it led to /srv/app/app.db.")
        String detail) {
    /**
     * @param path as the settings name it
     * @param previousPath where it led before
     * @param resolvedPath where it leads from now on
     */
    @Serdeable
    @Schema(name = "MovedPath")
    record Moved(
            @Schema(example = "/srv/app/app.db") String path,

            @JsonProperty("previous_path") @Schema(name = "previous_path", example = "/srv/app/app.db")
            String previousPath,

            @JsonProperty("resolved_path") @Schema(name = "resolved_path", example = "/mnt/disk2/app.db")
            String resolvedPath) {}

    static ConfirmedLocationJson of(ConfirmLocation.Confirmation confirmation) {
        return new ConfirmedLocationJson(
                confirmation.database().value(),
                confirmation.confirmed().stream()
                        .map(it -> new Moved(
                                it.registered().toString(),
                                it.before().toString(),
                                it.resolved().toString()))
                        .toList(),
                confirmation.detail());
    }
}
