package dev.holdfast.dialects.dispatcharr;

import io.micronaut.http.HttpRequest;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What was asked for, with what its failures begin. */
public enum DispatcharrCall {
    LIST("Failed to list backups", "GET "),
    CREATE("Failed to start backup", "POST (?:create|jobs)/"),
    STATUS("Failed to get task status", "GET status/[^/]+/"),
    TOKEN("Failed to generate token", "GET [^/]+/download-token/"),
    DOWNLOAD("Download failed", "GET (?:jobs/)?[^/]+/download/"),
    DELETE("Delete failed", "DELETE (?:[^/]+/delete|jobs/[^/]+)/"),
    UPLOAD("Upload failed", "POST (?:upload|jobs/restore-upload)/"),
    RESTORE("Failed to start restore", "POST (?:jobs/)?[^/]+/restore/"),
    GET_SCHEDULE("Failed to get schedule", "GET schedule/"),
    SET_SCHEDULE("Failed to update schedule", "PUT schedule/update/"),
    CANCEL("Failed to cancel job", "POST jobs/[^/]+/cancel/");

    private final String prefix;
    private final Pattern request;

    /** @param request its method, and its path below that of all backups */
    DispatcharrCall(String prefix, String request) {
        this.prefix = prefix;
        this.request = Pattern.compile(request);
    }

    /** Empty where the original has no words for a failure. */
    static Optional<DispatcharrCall> of(HttpRequest<?> request) {
        String path = request.getPath();
        return path.startsWith(DispatcharrFilename.BEFORE)
                ? of(request.getMethodName() + " " + path.substring(DispatcharrFilename.BEFORE.length()))
                : Optional.empty();
    }

    private static Optional<DispatcharrCall> of(String request) {
        return Stream.of(values())
                .filter(it -> it.request.matcher(request).matches())
                .findFirst();
    }

    public String failed(String text) {
        return prefix + ": " + text;
    }
}
