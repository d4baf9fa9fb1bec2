package dev.holdfast.dialects.jobops;

import dev.holdfast.http.dialect.BoundedBody;
import dev.holdfast.http.dialect.JsonText;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** Reads bodies as JobOps does: JSON only, and small. */
@Singleton
public final class Bodies {
    private static final int LARGEST = 100 * 1024;

    private final JsonMapper json;
    private final Duration patience;

    @Inject
    Bodies(JsonMapper json) {
        this(json, BoundedBody.PATIENCE);
    }

    /** @param patience how long a body is waited for */
    Bodies(JsonMapper json, Duration patience) {
        this.json = json;
        this.patience = patience;
    }

    /** What a request brings. */
    public sealed interface Body {
        /** @param tree an object or a list; an empty object where there is no body, or none that says that it is JSON */
        record Read(JsonNode tree) implements Body {}

        record Unreadable(JobOpsApiError error) implements Body {}
    }

    public Body read(HttpRequest<?> request) throws InterruptedException {
        if (!isJson(request)) {
            return new Body.Read(empty());
        }
        if (request.getContentLength() > LARGEST) {
            return new Body.Unreadable(JobOpsRenderer.TOO_LARGE);
        }
        try {
            byte[] body = BoundedBody.read(request, patience);
            return body.length > LARGEST ? new Body.Unreadable(JobOpsRenderer.TOO_LARGE) : parsed(body);
        } catch (IOException _) {
            return new Body.Unreadable(JobOpsApiError.of(400, "The body did not arrive."));
        } catch (TimeoutException _) {
            return new Body.Unreadable(JobOpsApiError.of(408, "The body did not arrive in time."));
        }
    }

    private static boolean isJson(HttpRequest<?> request) {
        String type = request.getHeaders().get(HttpHeaders.CONTENT_TYPE, String.class, "");
        return type.split(";", 2)[0].strip().equalsIgnoreCase("application/json");
    }

    private static JsonNode empty() {
        return JsonNode.createObjectNode(Map.of());
    }

    private Body parsed(byte[] body) {
        if (body.length == 0) {
            return new Body.Read(empty());
        }
        return JsonText.read(json, body)
                .filter(it -> it.isObject() || it.isArray())
                .<Body>map(Body.Read::new)
                .orElseGet(Bodies::malformed);
    }

    /** As there, though it is the client's fault. */
    private static Body malformed() {
        return new Body.Unreadable(JobOpsApiError.of(500, "Unexpected token, the body is not valid JSON"));
    }
}
