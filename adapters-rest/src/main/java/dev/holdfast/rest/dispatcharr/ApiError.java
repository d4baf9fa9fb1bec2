package dev.holdfast.rest.dispatcharr;

import io.micronaut.json.tree.JsonNode;

/** Why a call is refused, in the shape that the framework below Dispatcharr gives errors. */
record ApiError(int status, JsonNode body) {
    static final ApiError UNKNOWN_NAME = detail(404, "Backup file not found");
    static final ApiError INVALID_NAME = detail(404, "Invalid filename");
    static final ApiError NOT_SIGNED_IN = detail(401, "Authentication credentials were not provided.");
    /** Where a token in the address would do as well. */
    static final ApiError NOT_SHOWN = detail(401, "Authentication required");

    static final ApiError NOT_ALLOWED = detail(403, "You do not have permission to perform this action.");

    static ApiError detail(int status, String text) {
        return new ApiError(status, Json.object("detail", text));
    }
}
