package dev.holdfast.endtoend.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Over {@code /api/v1}. */
public final class RestApi implements BackupApi, AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z?";

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI address;
    private final String token;
    private volatile int lastStatus;

    public RestApi(URI address, String token) {
        this.address = address;
        this.token = token;
    }

    /** The HTTP status of the last call that a single caller made. */
    public int lastStatus() {
        return lastStatus;
    }

    /** The audit's entries as JSON. */
    public String audit() throws Exception {
        return http.send(request("audit").build(), BodyHandlers.ofString()).body();
    }

    private HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address.resolve("/api/v1/" + path)).timeout(Duration.ofMinutes(1));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return request;
    }

    private Map<String, Object> call(String method, String path, BodyPublisher body, String... headers)
            throws Exception {
        return answer(http.send(request(path, headers).method(method, body).build(), BodyHandlers.ofByteArray()));
    }

    private Map<String, Object> call(String method, String path, String... headers) throws Exception {
        return call(method, path, BodyPublishers.noBody(), headers);
    }

    private Map<String, Object> json(String method, String path, Object body) throws Exception {
        return call(
                method,
                path,
                BodyPublishers.ofString(JSON.writeValueAsString(body)),
                "Content-Type",
                "application/json");
    }

    private Map<String, Object> answer(HttpResponse<byte[]> response) throws Exception {
        lastStatus = response.statusCode();
        Map<String, Object> all = members(JSON.readTree(response.body()));
        if (response.statusCode() >= 400) {
            all.keySet().retainAll(List.of("code", "detail", "operation", "field"));
        }
        return all;
    }

    private static Map<String, Object> members(JsonNode object) {
        var members = new TreeMap<String, Object>();
        object.properties().forEach(it -> {
            if (!it.getValue().isNull()) {
                members.put(it.getKey(), value(it.getValue()));
            }
        });
        return members;
    }

    private static Object value(JsonNode json) {
        if (json.isObject()) {
            return members(json);
        }
        if (json.isArray()) {
            var values = new ArrayList<>();
            json.forEach(it -> values.add(value(it)));
            return values;
        }
        if (json.isTextual()) {
            return text(json.textValue());
        }
        return json.isBoolean() ? json.booleanValue() : (Object) json.longValue();
    }

    private static String text(String text) {
        return text.matches(TIME)
                ? Instant.parse(text.endsWith("Z") ? text : text + "Z")
                        .truncatedTo(ChronoUnit.MICROS)
                        .toString()
                : text;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }

    private static String backup(String database, String filename, String verb) {
        return "backup/" + encoded(filename) + verb + "?database=" + encoded(database);
    }

    @Override
    public Map<String, Object> create(String database, String requestId) throws Exception {
        String path = "backup?database=" + encoded(database);
        return requestId.isEmpty() ? call("POST", path) : call("POST", path, "Idempotency-Key", requestId);
    }

    @Override
    public Map<String, Object> createAtOnce(String database) throws Exception {
        return call("POST", "backup?database=" + encoded(database), "Prefer", "respond-async");
    }

    @Override
    public Map<String, Object> find(String database, String filename) throws Exception {
        return call("GET", backup(database, filename, ""));
    }

    @Override
    public Map<String, Object> list(String database, int pageSize, String pageToken) throws Exception {
        return call(
                "GET",
                "backup?database=" + encoded(database) + "&page_size=" + pageSize + "&page_token="
                        + encoded(pageToken));
    }

    @Override
    public Map<String, Object> update(String database, String filename, boolean pinned, Map<String, String> labels)
            throws Exception {
        return json("PATCH", backup(database, filename, ""), Map.of("pinned", pinned, "labels", labels));
    }

    @Override
    public Map<String, Object> delete(String database, String filename) throws Exception {
        Map<String, Object> answer = call("DELETE", backup(database, filename, ""));
        answer.remove("status");
        return answer;
    }

    @Override
    public Map<String, Object> restore(String database, String filename, boolean allowCorrupt, boolean allowForeign)
            throws Exception {
        return call(
                "POST",
                backup(database, filename, "/restore") + "&allow_corrupt=" + allowCorrupt + "&allow_foreign="
                        + allowForeign);
    }

    @Override
    public Map<String, Object> verify(String database, String filename, String depth) throws Exception {
        return json("POST", backup(database, filename, "/verify"), Map.of("depth", depth));
    }

    @Override
    public Map<String, Object> drill(String database) throws Exception {
        return call("POST", "backup/drill?database=" + encoded(database));
    }

    @Override
    public Map<String, Object> download(String database, String filename, long offset, String etag) throws Exception {
        HttpRequest.Builder request =
                request(backup(database, filename, "/download"), "Range", "bytes=" + offset + "-");
        if (!etag.isEmpty()) {
            request.header("If-Match", etag);
        }
        HttpResponse<byte[]> response = http.send(request.build(), BodyHandlers.ofByteArray());
        if (response.statusCode() >= 400) {
            return answer(response);
        }
        var told = new TreeMap<String, Object>();
        String range = response.headers().firstValue("Content-Range").orElse("");
        told.put("size", Long.parseLong(range.substring(range.indexOf('/') + 1)));
        told.put("etag", response.headers().firstValue("ETag").orElse(""));
        told.put("media_type", response.headers().firstValue("Content-Type").orElse(""));
        told.put("sha256_of_bytes", sha256(response.body()));
        return told;
    }

    public static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    @Override
    public AutoCloseable holdOpen(String database, String filename) throws Exception {
        HttpResponse<InputStream> response =
                http.send(request(backup(database, filename, "/download")).build(), BodyHandlers.ofInputStream());
        return response.body();
    }

    @Override
    public Map<String, Object> upload(String database, String filename, byte[] content, String requestId)
            throws Exception {
        var body = new ByteArrayOutputStream();
        body.writeBytes(("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + filename + "\"\r\n\r\n")
                .getBytes(UTF_8));
        body.writeBytes(content);
        body.writeBytes("\r\n--x--\r\n".getBytes(UTF_8));
        var headers = new ArrayList<>(List.of("Content-Type", "multipart/form-data; boundary=x"));
        if (!requestId.isEmpty()) {
            headers.addAll(List.of("Idempotency-Key", requestId));
        }
        return call(
                "POST",
                "backup/upload?database=" + encoded(database),
                BodyPublishers.ofByteArray(body.toByteArray()),
                headers.toArray(String[]::new));
    }

    @Override
    public Map<String, Object> operations(String database, String state, String kind, String requestedBy, int pageSize)
            throws Exception {
        var query = new StringBuilder("operations?page_size=" + pageSize);
        Map.of("database", database, "state", state, "kind", kind, "requested_by", requestedBy)
                .forEach((name, value) -> {
                    if (!value.isEmpty()) {
                        query.append('&').append(name).append('=').append(encoded(value));
                    }
                });
        return call("GET", query.toString());
    }

    @Override
    public Map<String, Object> operation(String id) throws Exception {
        return call("GET", "operations/" + encoded(id));
    }

    @Override
    public Map<String, Object> cancel(String id) throws Exception {
        return call("POST", "operations/" + encoded(id) + "/cancel");
    }

    /** The stream ends by itself with the operation. */
    @Override
    public Map<String, Object> watch(String id) throws Exception {
        HttpResponse<byte[]> response =
                http.send(request("operations/" + encoded(id) + "/events").build(), BodyHandlers.ofByteArray());
        if (response.statusCode() >= 400) {
            return answer(response);
        }
        String last = new String(response.body(), UTF_8)
                .lines()
                .filter(it -> it.startsWith("data:"))
                .toList()
                .getLast();
        return members(JSON.readTree(last.substring("data:".length())));
    }

    @Override
    public Map<String, Object> databases() throws Exception {
        Map<String, Object> answer = call("GET", "databases");
        if (answer.get("databases") instanceof List<?> all) {
            all.forEach(it -> ((Map<?, ?>) it).remove("source")); // gRPC says it by source_size being there
        }
        return answer;
    }

    @Override
    public Map<String, Object> plan(String database) throws Exception {
        return call("GET", "backup/plan?database=" + encoded(database));
    }

    @Override
    public Map<String, Object> updatePlan(String database, String at, int last) throws Exception {
        return json(
                "PATCH",
                "backup/plan?database=" + encoded(database),
                Map.of("schedule", Map.of("kind", "daily", "at", at), "retention", Map.of("last", last)));
    }

    @Override
    public Map<String, Object> previewPlan(String database, int last) throws Exception {
        return json(
                "POST", "backup/plan/preview?database=" + encoded(database), Map.of("retention", Map.of("last", last)));
    }

    @Override
    public Map<String, Object> resumeRetention(String database) throws Exception {
        return call("POST", "backup/plan/resume-retention?database=" + encoded(database));
    }

    @Override
    public Map<String, Object> confirmStore(String database, String store) throws Exception {
        return call("POST", "stores/" + encoded(store) + "/confirm?database=" + encoded(database));
    }

    @Override
    public Map<String, Object> confirmLocation(String database, String resolved) throws Exception {
        return json("POST", "databases/" + encoded(database) + "/confirm-location", Map.of("resolved_path", resolved));
    }

    @Override
    public Map<String, Object> resetPlan(String database) throws Exception {
        return call(
                "PATCH",
                "backup/plan?database=" + encoded(database),
                BodyPublishers.ofString("{\"schedule\": null, \"retention\": null}"),
                "Content-Type",
                "application/json");
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
