package dev.holdfast.dialects.pocketbase;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** A server that answers all calls of a test class. Its clock stands still. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class ContractAnswersFixture {
    static final String BACKUPS = "/api/backups";
    static final String KEPT = "/api/backups/kept.zip";
    static final String SETTINGS = "/api/settings";
    static final String TEST_S3 = "/api/settings/test/s3";
    static final String JSON = "application/json";
    static final String NOT_FOUND = "The requested resource wasn't found.";
    static final String CLOSED = "Insufficient permissions to access the resource.";
    static final String UNREADABLE = "An error occurred while loading the submitted data.";
    static final String INVALID = "An error occurred while validating the submitted data.";
    static final String BLANK = "{\"code\":\"validation_required\",\"message\":\"Cannot be blank.\"}";
    static final String MODIFIED = "Mon, 15 Jan 2024 12:00:00 GMT";
    static final String BEFORE = "Mon, 15 Jan 2024 11:59:59 GMT";

    final PocketBaseServerFixture server = new PocketBaseServerFixture();
    String token = "";

    @BeforeAll
    void start() throws Exception {
        token = server.signIn("ann");
        assertDone(create("kept.zip"));
    }

    @BeforeEach
    void begin() throws Exception {
        for (String key : keys()) {
            if (!key.equals("kept.zip")) {
                server.store.delete(new BackupKey(key));
            }
        }
    }

    @AfterAll
    void stop() {
        server.close();
    }

    Answer call(String method, String path, String body, String... headers) throws Exception {
        String[] all = Stream.concat(Stream.of("Authorization", token, "Content-Type", JSON), Arrays.stream(headers))
                .toArray(String[]::new);
        return server.send(method, path, body, all);
    }

    Answer typed(String method, String path, String type, String body) throws Exception {
        return server.send(method, path, body, "Authorization", token, "Content-Type", type);
    }

    Answer create(String name) throws Exception {
        return call("POST", BACKUPS, "{\"name\":\"" + name + "\"}");
    }

    List<String> keys() throws Exception {
        var keys = new ArrayList<String>();
        call("GET", BACKUPS, "")
                .json()
                .values()
                .forEach(it -> keys.add(requireNonNull(it.get("key")).getStringValue()));
        return keys;
    }

    static void assertDone(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(204);
        assertThat(answer.text()).isEmpty();
        assertThat(answer.header("Content-Type")).isEmpty();
    }

    static void assertRefused(Answer answer, int status, String message) {
        assertRefused(answer, status, message, "{}");
    }

    static void assertRefused(Answer answer, int status, String message, String data) {
        assertThat(answer.text())
                .isEqualTo("{\"data\":" + data + ",\"message\":\"" + message.replace("\n", "\\n") + "\",\"status\":"
                        + status + "}\n");
        assertThat(answer.status()).isEqualTo(status);
    }

    static String error(String field, String code, String message) {
        return "{\"" + field + "\":{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}}";
    }

    static String decoded(String part) {
        return new String(Base64.getUrlDecoder().decode(part), UTF_8);
    }
}
