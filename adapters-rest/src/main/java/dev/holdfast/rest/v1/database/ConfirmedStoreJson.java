package dev.holdfast.rest.v1.database;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.holdfast.application.stores.ConfirmStore;
import dev.holdfast.domain.identity.DatabaseName;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/**
 * A store that was confirmed.
 *
 * @param id of the store
 * @param databases that the store serves
 * @param backups the number of backups in the store
 * @param detail for a person
 */
@Serdeable
@JsonInclude(JsonInclude.Include.ALWAYS)
@Schema(name = "ConfirmedStore")
record ConfirmedStoreJson(
        @Schema(example = "local") String store,

        @Schema(example = "default") String database,

        @Schema(pattern = "[0-9a-f]{32}", example = "8a4f0c2b9d1e47f3a6b5c4d3e2f10987")
        String id,

        List<String> databases,

        @Schema(example = "14") int backups,

        @Schema(example = "The store with 14 backups belongs to database default from now on.")
        String detail) {
    static ConfirmedStoreJson of(ConfirmStore.Confirmation confirmation) {
        return new ConfirmedStoreJson(
                confirmation.store(),
                confirmation.database().value(),
                confirmation.confirmed().id().value(),
                confirmation.confirmed().databases().stream()
                        .map(DatabaseName::value)
                        .sorted()
                        .toList(),
                confirmation.confirmed().backups(),
                confirmation.detail());
    }
}
