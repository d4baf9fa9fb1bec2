package dev.holdfast.dialects.dispatcharr;

import io.micronaut.json.tree.JsonNode;

/** Why a call is refused, in the shape that the framework below Dispatcharr gives errors. */
public record DispatcharrApiError(int status, JsonNode body) {
    static final DispatcharrApiError UNKNOWN_NAME = detail(404, "Backup file not found");
    public static final DispatcharrApiError INVALID_NAME = detail(404, "Invalid filename");
    static final DispatcharrApiError NOT_SIGNED_IN = detail(401, "Authentication credentials were not provided.");
    /** Where a token in the address would do as well. */
    public static final DispatcharrApiError NOT_SHOWN = detail(401, "Authentication required");

    static final DispatcharrApiError NOT_ALLOWED = detail(403, "You do not have permission to perform this action.");

    public static DispatcharrApiError detail(int status, String text) {
        return new DispatcharrApiError(status, Json.object("detail", text));
    }
}
