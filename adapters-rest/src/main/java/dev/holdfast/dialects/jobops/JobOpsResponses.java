package dev.holdfast.dialects.jobops;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Puts answers into JobOps' envelope. */
@Singleton
public final class JobOpsResponses {
    static final MediaType TYPE = MediaType.of("application/json; charset=utf-8");

    private static final DateTimeFormatter INSTANT = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final JsonMapper json;

    JobOpsResponses(JsonMapper json) {
        this.json = json;
    }

    public static JsonNode instant(Instant at) {
        return JsonNode.createStringNode(INSTANT.format(at));
    }

    public MutableHttpResponse<?> ok(HttpRequest<?> request, JsonNode data) {
        return answer(request, HttpStatus.OK, data);
    }

    MutableHttpResponse<?> answer(HttpRequest<?> request, HttpStatus status, JsonNode data) {
        JsonNode envelope = new Tree()
                .put("ok", true)
                .put("data", data)
                .put("meta", meta(request).node())
                .node();
        return HttpResponse.status(status).body(bytes(envelope)).contentType(TYPE);
    }

    public MutableHttpResponse<?> error(HttpRequest<?> request, JobOpsApiError error) {
        return HttpResponse.status(HttpStatus.valueOf(error.status()))
                .body(bytes(request, error))
                .contentType(TYPE);
    }

    byte[] bytes(HttpRequest<?> request, JobOpsApiError error) {
        var told = new Tree().put("code", error.code()).put("message", error.message());
        error.details().ifPresent(it -> told.put("details", it));
        Tree meta = meta(request);
        error.blockedReason().ifPresent(it -> meta.put("blockedReason", it));
        return bytes(new Tree()
                .put("ok", false)
                .put("error", told.node())
                .put("meta", meta.node())
                .node());
    }

    private static Tree meta(HttpRequest<?> request) {
        return new Tree().put("requestId", RequestIds.of(request));
    }

    byte[] bytes(JsonNode tree) {
        return text(tree).getBytes(UTF_8);
    }

    public String text(JsonNode tree) {
        try {
            return json.writeValueAsString(tree);
        } catch (IOException e) {
            throw new UncheckedIOException("a tree of nodes can be written", e);
        }
    }
}
