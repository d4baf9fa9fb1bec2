package dev.holdfast.dialects.jobops;

import io.micronaut.json.tree.JsonNode;
import java.util.Map;
import java.util.Optional;

/**
 * A refusal as JobOps answers it.
 *
 * @param status one of those that {@link #code} knows
 * @param blockedReason why the public demo does not do it
 */
public record JobOpsApiError(int status, String message, Optional<JsonNode> details, Optional<String> blockedReason) {
    static final JobOpsApiError NOT_SIGNED_IN = of(401, "Authentication required");
    public static final JobOpsApiError NOT_ADMIN = of(403, "System admin access is required");
    public static final JobOpsApiError INTERNAL = of(500, "Internal server error");

    public static JobOpsApiError of(int status, String message) {
        return new JobOpsApiError(status, message, Optional.empty(), Optional.empty());
    }

    /** @param details which field is wrong, and how */
    public static JobOpsApiError invalid(String message, JsonNode details) {
        return new JobOpsApiError(400, message, Optional.of(details), Optional.empty());
    }

    static JobOpsApiError blocked(String reason) {
        return new JobOpsApiError(
                403,
                "This action is disabled in the public demo.",
                Optional.of(JsonNode.createObjectNode(Map.of("blockedReason", JsonNode.createStringNode(reason)))),
                Optional.of(reason));
    }

    String code() {
        return switch (status) {
            case 400 -> "INVALID_REQUEST";
            case 401 -> "UNAUTHORIZED";
            case 403 -> "FORBIDDEN";
            case 404 -> "NOT_FOUND";
            case 408 -> "REQUEST_TIMEOUT";
            case 409 -> "CONFLICT";
            case 422 -> "UNPROCESSABLE_ENTITY";
            case 502 -> "UPSTREAM_ERROR";
            case 503 -> "SERVICE_UNAVAILABLE";
            default -> "INTERNAL_ERROR";
        };
    }
}
