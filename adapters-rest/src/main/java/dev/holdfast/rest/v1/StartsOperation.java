package dev.holdfast.rest.v1;

import dev.holdfast.rest.v1.json.OperationJson;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Says of a call that {@link OperationReplies} answers it. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@ApiResponse(
        responseCode = "202",
        description = "The operation has begun.",
        content = @Content(schema = @Schema(implementation = OperationJson.class)))
public @interface StartsOperation {
    // The parameters' texts: a parameter has its type in the description only where it stands in @Operation itself.
    String IDEMPOTENCY_KEY = "Makes it safe to send the request again: the operation that it began first answers.";
    String PREFER = "`respond-async` answers at once.";
}
