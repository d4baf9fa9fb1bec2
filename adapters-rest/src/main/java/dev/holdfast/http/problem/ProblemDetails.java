package dev.holdfast.http.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * RFC 9457 problem details.
 *
 * @param instance the request's path, without its query
 * @param operation the operation that failed, or the one that is in the way
 * @param field which part of the request is not allowed
 */
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "Problem", description = "Why a request was refused or failed (RFC 9457).")
public record ProblemDetails(
        @Schema(example = "urn:holdfast:problem:backup-not-found")
        String type,

        @Schema(example = "There is no such backup") String title,
        @Schema(example = "404") int status,

        @Schema(example = "There is no backup \"app_20260413_142530.db\" of this database.")
        String detail,

        @Schema(example = "/api/v1/backup/app_20260413_142530.db")
        String instance,

        @Schema(description = "Stable; the table in docs/rest.md lists all.", example = "backup-not-found")
        String code,

        @Schema(description = "The operation that failed, or that is in the way.") @Nullable
        String operation,

        @Schema(description = "Which part of the request is not allowed.") @Nullable
        String field) {

    /** What a problem's {@code type} begins with; the code follows. */
    static final String TYPE = "urn:holdfast:problem:";

    static ProblemDetails of(String code, String title, int status, String detail, String instance) {
        return new ProblemDetails(TYPE + code, title, status, detail, instance, code, null, null);
    }

    ProblemDetails about(@Nullable String newOperation, @Nullable String newField) {
        return new ProblemDetails(type, title, status, detail, instance, code, newOperation, newField);
    }
}
