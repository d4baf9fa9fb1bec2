package dev.holdfast.dialects.pocketbase;

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
import java.util.Arrays;
import java.util.Locale;

/** Writes answers as PocketBase does: JSON without a charset, and a line feed at its end. */
@Singleton
public final class PocketBaseResponses {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final JsonMapper json;

    PocketBaseResponses(JsonMapper json) {
        this.json = json;
    }

    static JsonNode date(Instant at) {
        return JsonNode.createStringNode(DATE.format(at));
    }

    /** What the request's {@code fields} ask for of it. */
    public MutableHttpResponse<?> ok(HttpRequest<?> request, JsonNode tree) {
        String fields = request.getParameters().get("fields", String.class, "");
        return HttpResponse.ok(bytes(PickedFields.of(tree, fields))).contentType(MediaType.APPLICATION_JSON);
    }

    public MutableHttpResponse<?> error(PocketBaseApiError error) {
        return HttpResponse.status(HttpStatus.valueOf(error.status()))
                .body(bytes(error.tree()))
                .contentType(MediaType.APPLICATION_JSON);
    }

    byte[] bytes(JsonNode tree) {
        byte[] written = text(tree).getBytes(UTF_8);
        byte[] line = Arrays.copyOf(written, written.length + 1);
        line[written.length] = '\n';
        return line;
    }

    public String text(JsonNode tree) {
        try {
            return json.writeValueAsString(tree);
        } catch (IOException e) {
            throw new UncheckedIOException("a tree of nodes can be written", e);
        }
    }
}
