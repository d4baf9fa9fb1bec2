package dev.holdfast.rest.v1;

import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
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
@Parameter(
        in = ParameterIn.HEADER,
        name = "Idempotency-Key",
        description = "Makes it safe to send the request again: the operation that it began first answers.",
        schema = @Schema(type = "string", maxLength = 255))
@Parameter(
        in = ParameterIn.HEADER,
        name = "Prefer",
        description = "`respond-async` answers at once.",
        schema = @Schema(type = "string"),
        example = "respond-async")
@ApiResponse(
        responseCode = "202",
        description = "The operation has begun.",
        content = @Content(schema = @Schema(implementation = OperationJson.class)))
@interface StartsOperation {}
