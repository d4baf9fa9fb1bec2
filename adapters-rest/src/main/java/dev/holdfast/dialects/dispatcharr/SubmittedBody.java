package dev.holdfast.dialects.dispatcharr;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.http.dialect.BoundedBody;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** Reads a call's fields, from JSON or a form. */
@Singleton
public final class SubmittedBody {
    private final DispatcharrResponses answers;

    SubmittedBody(DispatcharrResponses answers) {
        this.answers = answers;
    }

    /** What a body turned out to be. */
    public sealed interface Fields {
        /** @param tree an object; without members where nothing was sent */
        record Read(JsonNode tree) implements Fields {}

        /** @param why as the original says it */
        record Malformed(String why) implements Fields {}

        /** @param type as the client names it */
        record OtherType(String type) implements Fields {
            public String why() {
                return "Unsupported media type \"" + type + "\" in request.";
            }
        }
    }

    public Fields read(HttpRequest<?> request) throws InterruptedException {
        byte[] body;
        try {
            body = BoundedBody.read(request);
        } catch (IOException _) {
            return new Fields.Malformed("the body ended before it was complete");
        } catch (TimeoutException _) {
            return new Fields.Malformed("the body did not arrive in time");
        }
        String type = request.getHeaders().get(HttpHeaders.CONTENT_TYPE, String.class, "");
        if (body.length == 0) {
            return new Fields.Read(JsonNode.createObjectNode(Map.of()));
        }
        return switch (type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT)) {
            case "application/json" ->
                answers.read(body)
                        .<Fields>map(it -> it.isObject()
                                ? new Fields.Read(it)
                                : new Fields.Malformed("Invalid data. Expected a dictionary."))
                        .orElseGet(() -> new Fields.Malformed("JSON parse error - the body is no JSON"));
            case "application/x-www-form-urlencoded" -> form(new String(body, UTF_8));
            default -> new Fields.OtherType(type);
        };
    }

    private static Fields form(String text) {
        var fields = new LinkedHashMap<String, JsonNode>();
        for (String pair : text.split("&", -1)) {
            String[] parts = pair.split("=", 2);
            try {
                fields.put(
                        URLDecoder.decode(parts[0], UTF_8),
                        JsonNode.createStringNode(parts.length == 2 ? URLDecoder.decode(parts[1], UTF_8) : ""));
            } catch (IllegalArgumentException e) {
                return new Fields.Malformed("the form has a broken escape");
            }
        }
        return new Fields.Read(JsonNode.createObjectNode(fields));
    }
}
