package dev.holdfast.http.dialect;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an ordinary client sends to a server on this machine. */
public final class HttpCalls implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.createDefault();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port;
    private final Charset charset;

    /** @param charset of what answers have; one with a character for each byte where they may be anything but text */
    public HttpCalls(int port, Charset charset) {
        this.port = port;
        this.charset = charset;
    }

    public record Answer(int status, String text, HttpHeaders headers) {
        public JsonNode json() {
            try {
                return JSON.readValue(text.getBytes(UTF_8), Argument.of(JsonNode.class));
            } catch (IOException e) {
                throw new UncheckedIOException(text, e);
            }
        }

        /** The text at a path of names and numbers with dots in between. */
        public String at(String path) {
            JsonNode node = node(path);
            return node.isNull() ? "null" : node.coerceStringValue();
        }

        /** The value at such a path, an integer as an {@code int}; {@code "absent"} if the body has none. */
        public @Nullable Object value(String path) {
            Optional<JsonNode> node = text.startsWith("{") ? find(json(), path) : Optional.empty();
            return node.map(JsonNode::getValue)
                    .map(it -> it instanceof Long number ? (Object) number.intValue() : it)
                    .orElseGet(() -> node.isPresent() ? null : "absent");
        }

        public JsonNode node(String path) {
            return find(json(), path).orElseThrow(() -> new AssertionError("no " + path + " in " + text));
        }

        public String header(String name) {
            return headers.firstValue(name).orElse("");
        }
    }

    /** What stands at a path of names and numbers such as {@code data.backups.0.type}. */
    public static Optional<JsonNode> find(JsonNode tree, String path) {
        Optional<JsonNode> found = Optional.of(tree);
        for (String step : path.split("\\.", -1)) {
            found = found.map(it -> step.matches("\\d+") ? it.get(Integer.parseInt(step)) : it.get(step));
        }
        return found;
    }

    /** @param headers names and values by turns */
    public Answer send(String method, String path, BodyPublisher body, String... headers) throws Exception {
        HttpRequest.Builder request = to(path).method(method, body);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString(charset));
        return new Answer(response.statusCode(), response.body(), response.headers());
    }

    /** A download's body, which comes as it is read. */
    public InputStream open(String path) throws Exception {
        HttpResponse<InputStream> response = http.send(to(path).build(), BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .timeout(Duration.ofSeconds(30));
    }

    /** @param text empty for no body */
    public static BodyPublisher body(String text) {
        return text.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(text);
    }

    /** A form with one file, whose boundary is b. */
    public static byte[] form(String filename, byte[] content) {
        String text = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + filename + "\"\r\n\r\n"
                + new String(content, ISO_8859_1) + "\r\n--b--\r\n";
        return text.getBytes(ISO_8859_1);
    }

    /** What still is under way is given up. */
    @Override
    public void close() {
        http.shutdownNow();
    }
}
