package dev.holdfast.dialects.pocketbase;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.dialect.HttpCalls;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Timeout;

/** A server of its own for each test, with a settable clock. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
abstract class ContractRowsFixture {
    static final String BACKUPS = "/api/backups";
    static final String UPLOAD = "/api/backups/upload";
    static final String SETTINGS = "/api/settings";
    static final String COLLECTION = "/api/collections/_superusers";
    static final String SIGN_IN = COLLECTION + "/auth-with-password";
    static final String NEEDS_TOKEN = "The request requires valid record authorization token.";
    static final String CLOSED = "Insufficient permissions to access the resource.";
    static final String UNREADABLE = "An error occurred while loading the submitted data.";
    static final String INVALID = "An error occurred while validating the submitted data.";

    PocketBaseServerFixture server;
    String token;

    @BeforeEach
    void start() throws Exception {
        server = new PocketBaseServerFixture();
        token = server.signIn("ann");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    Answer call(String method, String path, String body) throws Exception {
        return server.send(method, path, body, "Authorization", token, "Content-Type", "application/json");
    }

    Answer create(String name) throws Exception {
        return call("POST", BACKUPS, "{\"name\":\"" + name + "\"}");
    }

    Answer upload(String filename, byte[] content) throws Exception {
        return upload(BodyPublishers.ofByteArray(HttpCalls.form(filename, content)));
    }

    Answer upload(BodyPublisher form) throws Exception {
        return server.send(
                "POST", UPLOAD, form, "Authorization", token, "Content-Type", "multipart/form-data; boundary=b");
    }

    List<String> keys() throws Exception {
        var keys = new ArrayList<String>();
        Answer answer = call("GET", BACKUPS, "");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        answer.json()
                .values()
                .forEach(it -> keys.add(requireNonNull(it.get("key")).getStringValue()));
        return keys;
    }

    static void assertDone(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(204);
        assertThat(answer.text()).isEmpty();
    }

    static void assertRefused(Answer answer, int status, String message) {
        assertRefused(answer, status, message, "{}");
    }

    static void assertRefused(Answer answer, int status, String message, String data) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.text())
                .isEqualTo("{\"data\":" + data + ",\"message\":\"" + message.replace("\n", "\\n") + "\",\"status\":"
                        + status + "}\n");
    }
}
