package dev.holdfast.rest.v1;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.UpdateBackup;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.problem.Problem;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Reads the JSON that clients send, by hand: a member that is unknown or of another type is named in the answer. */
public final class RequestBodies {
    private RequestBodies() {}

    public static Outcome<UpdateBackup.Change> change(@Nullable JsonNode body) {
        return object(body, Set.of("pinned", "labels"))
                .then(node -> pinned(node)
                        .then(pinned ->
                                labels(node).then(labels -> Outcome.done(new UpdateBackup.Change(pinned, labels)))));
    }

    /** {@code FULL} where the body does not say. */
    public static Outcome<Depth> depth(@Nullable JsonNode body) {
        if (body == null) {
            return Outcome.done(Depth.FULL);
        }
        return object(body, Set.of("depth")).then(node -> {
            JsonNode depth = node.get("depth");
            if (depth == null) {
                return Outcome.done(Depth.FULL);
            }
            String text = depth.isString() ? depth.getStringValue() : "";
            return RequestOptions.oneOf("depth", Depth.values(), text).then(it -> Outcome.done(it.orElse(Depth.FULL)));
        });
    }

    /** Empty where the body does not say. */
    public static Outcome<String> resolvedPath(@Nullable JsonNode body) {
        if (body == null) {
            return Outcome.done("");
        }
        return object(body, Set.of("resolved_path")).then(node -> {
            JsonNode path = node.get("resolved_path");
            if (path == null) {
                return Outcome.done("");
            }
            return path.isString()
                    ? Outcome.done(path.getStringValue())
                    : wrong("resolved_path", "resolved_path is a string.");
        });
    }

    private static Outcome<JsonNode> object(@Nullable JsonNode body, Set<String> known) {
        if (body == null || !body.isObject()) {
            return wrong("body", "The body is a JSON object.");
        }
        String unknown = StreamSupport.stream(body.entries().spliterator(), false)
                .map(Map.Entry::getKey)
                .filter(it -> !known.contains(it))
                .map(RequestBodies::shown)
                .sorted()
                .collect(Collectors.joining(", "));
        return unknown.isEmpty() ? Outcome.done(body) : wrong("body", "The body has unknown members: " + unknown + ".");
    }

    /** A client's own text goes back to it only as far as it is plain and short. */
    private static String shown(String member) {
        return member.matches("[A-Za-z0-9_-]{1,64}") ? member : "one with an odd name";
    }

    private static Outcome<Optional<Boolean>> pinned(JsonNode body) {
        JsonNode pinned = body.get("pinned");
        if (pinned == null) {
            return Outcome.done(Optional.empty());
        }
        return pinned.isBoolean()
                ? Outcome.done(Optional.of(pinned.getBooleanValue()))
                : wrong("pinned", "pinned is true or false.");
    }

    private static Outcome<Optional<Map<String, String>>> labels(JsonNode body) {
        JsonNode labels = body.get("labels");
        if (labels == null) {
            return Outcome.done(Optional.empty());
        }
        if (!labels.isObject()) {
            return wrong("labels", "labels is an object whose values are strings.");
        }
        Map<String, String> values = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : labels.entries()) {
            if (!entry.getValue().isString()) {
                return wrong("labels", "labels is an object whose values are strings.");
            }
            values.put(entry.getKey(), entry.getValue().getStringValue());
        }
        return Backup.Labels.fits(values)
                ? Outcome.done(Optional.of(values))
                : wrong("labels", "labels is " + Backup.Labels.EXPECTED + ".");
    }

    private static <T> Outcome<T> wrong(String field, String detail) {
        return Outcome.refused(new Problem.InvalidArgument(field, detail));
    }

    /** For the API's description alone. */
    @Serdeable
    @Schema(name = "UpdateBackupRequest", description = "What is absent stays as it is.")
    public record ChangeJson(
            @Nullable Boolean pinned,

            @Schema(description = "Replaces all labels: at most 32, names up to 63 characters, values up to 255.")
            @Nullable
            Map<String, String> labels) {}

    /** For the API's description alone. */
    @Serdeable
    @Schema(name = "ConfirmLocationRequest")
    public record LocationJson(
            @JsonProperty("resolved_path")
            @Schema(
                    name = "resolved_path",
                    description = "The place that is accepted, as `location-changed` names it.",
                    example = "/mnt/disk2/app.db")
            @Nullable
            String resolvedPath) {}

    /** For the API's description alone. */
    @Serdeable
    @Schema(name = "VerifyBackupRequest")
    public record DepthJson(
            @Schema(pattern = "checksum|quick|full", defaultValue = "full", example = "quick") @Nullable
            String depth) {}
}
