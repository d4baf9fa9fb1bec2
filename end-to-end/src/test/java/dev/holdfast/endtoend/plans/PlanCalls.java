package dev.holdfast.endtoend.plans;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.SharedServers;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** The plans of one server for the test classes; each test has a database of its own on it. */
@ExtendWith(SharedServers.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PlanCalls {
    Path directory;
    Client client;

    /** What an admin's calls send as {@code Authorization}. */
    String admin;

    @BeforeAll
    void share(SharedPlans shared) {
        directory = shared.directory;
        client = shared.client;
        admin = shared.admin;
    }

    static String path(String database) {
        return "/api/v1/backup/plan?database=" + database;
    }

    JsonNode plan(String database) throws Exception {
        Answer answer = client.get(path(database), "Authorization", admin);
        assertThat(answer.status()).isEqualTo(200);
        return answer.json();
    }

    Answer patch(String database, String body) throws Exception {
        return send("PATCH", path(database), body);
    }

    JsonNode change(String database, String body) throws Exception {
        Answer answer = patch(database, body);
        assertThat(answer.status()).as(answer.json().toString()).isEqualTo(200);
        JsonNode read = plan(database);
        if (hasCome(answer.json().path("next_run")) || hasCome(answer.json().path("next_drill"))) {
            return change(database, body); // what was read may name the next time already
        }
        assertThat(answer.json()).isEqualTo(read);
        return read;
    }

    static boolean hasCome(JsonNode time) {
        return !time.isNull() && !Instant.parse(time.asText()).isAfter(Instant.now());
    }

    Answer send(String method, String path, String body) throws Exception {
        return client.send(method, path, body, "Content-Type", "application/json", "Authorization", admin);
    }

    JsonNode databases(String name) throws Exception {
        for (JsonNode database :
                client.get("/api/v1/databases", "Authorization", admin).json().path("databases")) {
            if (database.path("name").asText().equals(name)) {
                return database;
            }
        }
        throw new AssertionError("no database " + name);
    }
}
