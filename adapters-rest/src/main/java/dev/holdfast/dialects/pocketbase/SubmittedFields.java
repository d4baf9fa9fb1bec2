package dev.holdfast.dialects.pocketbase;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.http.dialect.BoundedBody;
import io.micronaut.core.type.Argument;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Singleton;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.fileupload2.core.MultipartInput;

/** Reads a call's body, however it is written: JSON, a form or a multipart form. Nothing at all stands for no fields. */
@Singleton
public final class SubmittedFields {
    private static final Pattern BOUNDARY = Pattern.compile("boundary=\"?([^\";]{1,70})\"?");
    private static final Pattern FIELD = Pattern.compile("(?i)content-disposition:[^\r\n]*[ ;]name=\"([^\"]*)\"");
    private static final String JSON_PAYLOAD = "@jsonPayload";

    private final JsonMapper json;

    SubmittedFields(JsonMapper json) {
        this.json = json;
    }

    private enum Form {
        JSON,
        URLENCODED,
        MULTIPART
    }

    /** Whether a body may be written so; where there is none, it may. */
    static boolean takes(HttpRequest<?> request) {
        boolean announced =
                request.getContentLength() > 0 || request.getHeaders().contains(HttpHeaders.TRANSFER_ENCODING);
        return !announced || form(request).isPresent();
    }

    private static Optional<Form> form(HttpRequest<?> request) {
        String type = request.getHeaders().get(HttpHeaders.CONTENT_TYPE, String.class, "");
        return switch (type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT)) {
            case "application/json" -> Optional.of(Form.JSON);
            case "application/x-www-form-urlencoded" -> Optional.of(Form.URLENCODED);
            case "multipart/form-data" -> Optional.of(Form.MULTIPART);
            default -> Optional.empty();
        };
    }

    /** An object; empty if the body cannot be read as one. */
    public Optional<JsonNode> read(HttpRequest<?> request) throws InterruptedException {
        byte[] body;
        try {
            body = BoundedBody.read(request);
        } catch (IOException | TimeoutException _) {
            return Optional.empty(); // what did not come cannot be read
        }
        if (body.length == 0) {
            return Optional.of(JsonNode.createObjectNode(Map.of()));
        }
        return form(request).flatMap(it -> switch (it) {
            case JSON -> parsed(body);
            case URLENCODED -> urlencoded(new String(body, UTF_8));
            case MULTIPART -> multipart(body, request.getHeaders().get(HttpHeaders.CONTENT_TYPE, String.class, ""));
        });
    }

    private Optional<JsonNode> parsed(byte[] body) {
        try {
            JsonNode read = json.readValue(body, Argument.of(JsonNode.class));
            if (read == null || read.isNull()) {
                return Optional.of(JsonNode.createObjectNode(Map.of()));
            }
            return Optional.of(read).filter(JsonNode::isObject);
        } catch (IOException e) {
            return Optional.empty(); // told to the client as what it is: no JSON
        }
    }

    private static Optional<JsonNode> urlencoded(String text) {
        var fields = new LinkedHashMap<String, JsonNode>();
        for (String pair : text.split("&", -1)) {
            String[] parts = pair.split("=", 2);
            try {
                fields.putIfAbsent(
                        URLDecoder.decode(parts[0], UTF_8),
                        JsonNode.createStringNode(parts.length == 2 ? URLDecoder.decode(parts[1], UTF_8) : ""));
            } catch (IllegalArgumentException e) {
                return Optional.empty(); // a broken escape
            }
        }
        return Optional.of(JsonNode.createObjectNode(fields));
    }

    private Optional<JsonNode> multipart(byte[] body, String type) {
        Matcher boundary = BOUNDARY.matcher(type);
        if (!boundary.find()) {
            return Optional.empty();
        }
        var fields = new LinkedHashMap<String, JsonNode>();
        try {
            MultipartInput input = MultipartInput.builder()
                    .setInputStream(new ByteArrayInputStream(body))
                    .setBoundary(boundary.group(1).getBytes(ISO_8859_1))
                    .get();
            for (boolean more = input.skipPreamble(); more; more = input.readBoundary()) {
                Matcher name = FIELD.matcher(input.readHeaders());
                var content = new ByteArrayOutputStream();
                input.readBodyData(content);
                if (name.find()) {
                    add(fields, name.group(1), content.toByteArray());
                }
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.of(JsonNode.createObjectNode(fields));
    }

    private void add(Map<String, JsonNode> fields, String name, byte[] content) {
        if (name.equals(JSON_PAYLOAD)) {
            parsed(content)
                    .ifPresent(it -> it.entries().forEach(member -> fields.put(member.getKey(), member.getValue())));
        } else {
            fields.putIfAbsent(name, JsonNode.createStringNode(new String(content, UTF_8)));
        }
    }

    /** A member whose name may be in any case. */
    public static Optional<JsonNode> member(JsonNode object, String name) {
        JsonNode exact = object.get(name);
        if (exact != null) {
            return Optional.of(exact);
        }
        for (Map.Entry<String, JsonNode> member : object.entries()) {
            if (member.getKey().equalsIgnoreCase(name)) {
                return Optional.of(member.getValue());
            }
        }
        return Optional.empty();
    }

    /** The text of a member, empty where it is absent or null; no answer at all if it is something else. */
    public static Optional<String> text(JsonNode object, String name) {
        JsonNode member = member(object, name).orElse(JsonNode.nullNode());
        return member.isNull()
                ? Optional.of("")
                : member.isString() ? Optional.of(member.getStringValue()) : Optional.empty();
    }
}
