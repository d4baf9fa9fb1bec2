package dev.holdfast.rest.pocketbase;

import io.micronaut.json.tree.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Why a call is refused, in PocketBase's shape.
 *
 * @param message begins with a capital letter and ends as a sentence does
 * @param data errors by field, {@code {}} if it is about none
 */
record ApiError(int status, String message, JsonNode data) {
    static final ApiError UNREADABLE = bad("An error occurred while loading the submitted data.");
    static final ApiError BUSY = bad("Try again later - another backup/restore process has already been started.");
    static final ApiError NOT_FOUND = of(404);
    static final ApiError FAILED = of(500);

    static ApiError of(int status, String message) {
        return new ApiError(status, message, JsonNode.createObjectNode(Map.of()));
    }

    static ApiError bad(String message) {
        return of(400, message);
    }

    /** With what PocketBase says where a call says nothing. */
    static ApiError of(int status) {
        return of(
                status,
                switch (status) {
                    case 401 -> "Missing or invalid authentication.";
                    case 403 -> "You are not allowed to perform this request.";
                    case 404 -> "The requested resource wasn't found.";
                    case 413 -> "Request entity too large.";
                    case 429 -> "Too Many Requests.";
                    default -> "Something went wrong while processing your request.";
                });
    }

    static ApiError invalid(FieldErrors errors) {
        return new ApiError(400, "An error occurred while validating the submitted data.", errors.tree());
    }

    JsonNode tree() {
        var members = new LinkedHashMap<String, JsonNode>();
        members.put("data", data);
        members.put("message", JsonNode.createStringNode(message));
        members.put("status", JsonNode.createNumberNode(status));
        return JsonNode.createObjectNode(members);
    }
}
