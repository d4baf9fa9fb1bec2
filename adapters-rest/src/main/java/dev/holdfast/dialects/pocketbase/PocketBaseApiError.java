package dev.holdfast.dialects.pocketbase;

import io.micronaut.json.tree.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Why a call is refused, in PocketBase's shape.
 *
 * @param message begins with a capital letter and ends as a sentence does
 * @param data errors by field, {@code {}} if it is about none
 */
public record PocketBaseApiError(int status, String message, JsonNode data) {
    public static final PocketBaseApiError UNREADABLE = bad("An error occurred while loading the submitted data.");
    static final PocketBaseApiError BUSY =
            bad("Try again later - another backup/restore process has already been started.");
    static final PocketBaseApiError NOT_FOUND = of(404);
    static final PocketBaseApiError FAILED = of(500);

    public static PocketBaseApiError of(int status, String message) {
        return new PocketBaseApiError(status, message, JsonNode.createObjectNode(Map.of()));
    }

    public static PocketBaseApiError bad(String message) {
        return of(400, message);
    }

    /** With what PocketBase says where a call says nothing. */
    static PocketBaseApiError of(int status) {
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

    public static PocketBaseApiError invalid(FieldErrors errors) {
        return new PocketBaseApiError(400, "An error occurred while validating the submitted data.", errors.tree());
    }

    JsonNode tree() {
        var members = new LinkedHashMap<String, JsonNode>();
        members.put("data", data);
        members.put("message", JsonNode.createStringNode(message));
        members.put("status", JsonNode.createNumberNode(status));
        return JsonNode.createObjectNode(members);
    }
}
