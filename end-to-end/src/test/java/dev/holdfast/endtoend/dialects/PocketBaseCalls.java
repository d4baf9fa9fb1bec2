package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.SharedServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * PocketBase's API message by message, over a socket: one server for the test classes, on which {@code kept.zip} is a backup
 * from the beginning. Each test has users and backups of its own; a test that changes a setting changes it back.
 */
@ExtendWith(SharedServers.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PocketBaseCalls {
    static final ObjectMapper JSON = new ObjectMapper();
    static final String BACKUPS = "/api/backups";
    static final String SIGN_IN = "/api/collections/_superusers/auth-with-password";
    static final String INVALID = "An error occurred while validating the submitted data.";
    static final String UNREADABLE = "An error occurred while loading the submitted data.";
    static final String NOT_SAVED = "An error occurred while saving the new settings.";
    static final String NOT_FOUND = "The requested resource wasn't found.";
    static final String CLOSED = "Insufficient permissions to access the resource.";
    static final String JSON_TYPE = "application/json";

    private SharedPocketBase server;
    Path dataDir;
    String token;
    String operator;

    @BeforeAll
    void share(SharedPocketBase shared) {
        server = shared;
        dataDir = shared.dataDir;
        token = shared.token;
        operator = shared.operator;
    }

    Answer send(String method, String path, byte[] body, String... headers) throws Exception {
        return server.send(method, path, body, headers);
    }

    JsonNode signIn(String identity, String password) throws Exception {
        return server.signIn(identity, password);
    }

    Answer call(String method, String path, String body, String... headers) throws Exception {
        var all = new ArrayList<>(List.of("Authorization", token));
        all.addAll(List.of(headers));
        return send(method, path, body.getBytes(UTF_8), all.toArray(String[]::new));
    }

    Answer json(String method, String path, String body) throws Exception {
        return call(method, path, body, "Content-Type", JSON_TYPE);
    }

    Answer create(String body) throws Exception {
        return json("POST", BACKUPS, body);
    }

    List<String> keys() throws Exception {
        JsonNode list = call("GET", BACKUPS, "").json();
        assertThat(list.isArray()).isTrue();
        var keys = new ArrayList<String>();
        list.forEach(it -> keys.add(it.path("key").asText()));
        return keys;
    }

    byte[] kept() throws Exception {
        return Files.readAllBytes(dataDir.resolve("backups/pb/kept.zip"));
    }

    static void assertRefused(Answer answer, int status, String message, Map<String, String> codes) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.json().fieldNames()).toIterable().containsExactly("data", "message", "status");
        assertThat(answer.json().path("message").asText()).isEqualTo(message);
        assertThat(answer.json().path("status").asInt()).isEqualTo(status);
        assertThat(answer.text()).endsWith("}\n");
        assertThat(answer.header("Content-Type")).isEqualTo(JSON_TYPE);
        var found = new TreeMap<String, String>();
        codes("", answer.json().path("data"), found);
        assertThat(found).isEqualTo(codes);
        assertCommonHeaders(answer);
    }

    private static void codes(String before, JsonNode data, Map<String, String> found) {
        data.properties().forEach(it -> {
            if (it.getValue().has("code")) {
                assertThat(it.getValue().path("message").asText()).isNotEmpty();
                found.put(before + it.getKey(), it.getValue().path("code").asText());
            } else {
                codes(before + it.getKey() + ".", it.getValue(), found);
            }
        });
    }

    static void assertCommonHeaders(Answer answer) {
        assertThat(answer.header("X-XSS-Protection")).isEqualTo("1; mode=block");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.header("X-Frame-Options")).isEqualTo("SAMEORIGIN");
        assertThat(answer.headers().allValues("Vary")).containsExactly("Origin");
    }
}
