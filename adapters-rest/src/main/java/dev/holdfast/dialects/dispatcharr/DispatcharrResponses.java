package dev.holdfast.dialects.dispatcharr;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.http.dialect.JsonText;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/** Writes answers: bare JSON. */
@Singleton
public final class DispatcharrResponses {
    static final String CHALLENGE = "Bearer realm=\"api\"";

    private final JsonMapper json;

    DispatcharrResponses(JsonMapper json) {
        this.json = json;
    }

    public MutableHttpResponse<?> ok(JsonNode tree) {
        return json(200, tree);
    }

    public MutableHttpResponse<?> json(int status, JsonNode tree) {
        return HttpResponse.status(HttpStatus.valueOf(status))
                .body(bytes(tree))
                .contentType(MediaType.APPLICATION_JSON);
    }

    public MutableHttpResponse<?> error(DispatcharrApiError error) {
        MutableHttpResponse<?> response = json(error.status(), error.body());
        return error.status() == 401 ? response.header(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE) : response;
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

    /** Empty if it is no JSON. */
    Optional<JsonNode> read(byte[] text) {
        return JsonText.read(json, text);
    }

    public JsonNode readKept(String text) {
        return read(text.getBytes(UTF_8)).orElseThrow(() -> new IllegalStateException("what was kept is JSON"));
    }
}
