package dev.holdfast.endtoend.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;

/** Calls the native API as a program would. */
public final class Client implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final URI address;
    private final Duration timeout;

    public Client(URI address) {
        this(address, Duration.ofMinutes(5));
    }

    /** @param timeout of each call */
    public Client(URI address, Duration timeout) {
        this.address = address;
        this.timeout = timeout;
    }

    /** @param json the body if it is JSON, otherwise an object without members */
    public record Answer(int status, JsonNode json, String text, HttpHeaders headers) {
        /** Reads a response whose body may be a file: its text has a character for each byte. */
        public static Answer of(HttpResponse<byte[]> response) throws IOException {
            String type = response.headers().firstValue("Content-Type").orElse("");
            byte[] body = response.body();
            return new Answer(
                    response.statusCode(),
                    type.equals("application/json") && body.length > 0 ? JSON.readTree(body) : JSON.createObjectNode(),
                    new String(body, ISO_8859_1),
                    response.headers());
        }

        /** The text of a member; empty if there is none. */
        public String text(String field) {
            return json.path(field).asText();
        }

        public String header(String name) {
            return headers.firstValue(name).orElse("");
        }

        /** The body of an answer that was read with {@link #of}. */
        public byte[] bytes() {
            return text.getBytes(ISO_8859_1);
        }
    }

    public Answer post(String path, String... headers) throws Exception {
        return send("POST", path, "", headers);
    }

    public Answer get(String path, String... headers) throws Exception {
        return send("GET", path, "", headers);
    }

    public Answer delete(String path, String... headers) throws Exception {
        return send("DELETE", path, "", headers);
    }

    public Answer send(String method, String path, String body, String... headers) throws Exception {
        return send(method, path, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body), headers);
    }

    /** Sends one file as a form. */
    public Answer upload(String path, String filename, byte[] content) throws Exception {
        String head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + filename + "\"\r\n\r\n";
        BodyPublisher form = BodyPublishers.concat(
                BodyPublishers.ofString(head),
                BodyPublishers.ofByteArray(content),
                BodyPublishers.ofString("\r\n--x--\r\n"));
        return send("POST", path, form, "Content-Type", "multipart/form-data; boundary=x");
    }

    private Answer send(String method, String path, BodyPublisher body, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address.resolve(path)).timeout(timeout).method(method, body);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
        String text = response.body();
        return new Answer(
                response.statusCode(),
                text.isEmpty() ? JSON.createObjectNode() : parse(text),
                text,
                response.headers());
    }

    /** The body of an answer that is not JSON. */
    public String text(String path, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address.resolve(path)).timeout(Duration.ofMinutes(1));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return http.send(request.build(), BodyHandlers.ofString()).body();
    }

    private static JsonNode parse(String text) throws IOException {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new IOException("not JSON: " + text, e);
        }
    }

    /** Makes a backup and says its name. */
    public String backUp(String database) throws Exception {
        Answer answer = post("/api/v1/backup?database=" + database);
        if (answer.status() != 200) {
            throw new IllegalStateException("backup: " + answer);
        }
        return answer.text("filename");
    }

    public List<String> filenames(String database) throws Exception {
        Answer answer = get("/api/v1/backup?database=" + database);
        if (answer.status() != 200) {
            throw new IllegalStateException("list: " + answer);
        }
        return StreamSupport.stream(answer.json().path("backups").spliterator(), false)
                .map(it -> it.path("filename").asText())
                .toList();
    }

    public Path download(String database, String filename, Path target) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        address.resolve("/api/v1/backup/" + filename + "/download?database=" + database))
                .build();
        HttpResponse<Path> response = http.send(request, BodyHandlers.ofFile(target));
        if (response.statusCode() != 200) {
            throw new IllegalStateException("download: " + response.statusCode());
        }
        return target;
    }

    @Override
    public void close() {
        http.close();
    }
}
