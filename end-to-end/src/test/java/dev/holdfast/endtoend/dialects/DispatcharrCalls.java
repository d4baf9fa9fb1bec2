package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.SharedServers;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Dispatcharr's APIs message by message, over a socket: one server with accounts for the test classes, also with JobOps' API.
 * Each class begins without a schedule and makes the backups that it needs; each test has users and names of its own.
 */
@ExtendWith(SharedServers.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DispatcharrCalls {
    static final ObjectMapper JSON = new ObjectMapper();
    static final String BACKUPS = "/api/backups/";
    static final String JOBS = "/api/backups/jobs/";
    static final String SETTINGS = "/api/backups/settings/";
    static final String SCHEDULE = "/api/backups/schedule/";
    static final String UPDATE = "/api/backups/schedule/update/";
    static final String KEYS = "/api/accounts/api-keys/";
    static final String OFF = "{\"enabled\":false,\"frequency\":\"daily\",\"time\":\"03:00\",\"day_of_week\":0,"
            + "\"retention_count\":0,\"cron_expression\":\"\"}";

    DispatcharrInstallation server;

    /** The access token of a viewer. */
    String viewer;

    /** The answers of the new server: the list, the jobs, the schedule, the settings. */
    List<Answer> first;

    @BeforeAll
    void share(SharedDispatcharr shared) throws Exception {
        server = shared.server;
        viewer = shared.viewer;
        first = shared.first;
        assertThat(server.call("PUT", UPDATE, OFF).status()).isEqualTo(200);
    }

    Answer get(String path, String... headers) throws Exception {
        return server.send("GET", path, new byte[0], headers);
    }

    Answer post(String path, String json, String... headers) throws Exception {
        var all = new ArrayList<>(List.of("Content-Type", "application/json"));
        all.addAll(List.of(headers));
        return server.send("POST", path, json.getBytes(UTF_8), all.toArray(String[]::new));
    }

    static void assertDetail(Answer answer, int status, String detail) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.text("detail")).isEqualTo(detail);
    }

    List<String> listed() throws Exception {
        return server.call("GET", BACKUPS).json().findValuesAsText("name");
    }

    List<String> listedByAll() throws Exception {
        return get("/api/v1/backup?database=tv", nativeToken()).json().findValuesAsText("filename");
    }

    JsonNode finished(Answer started) throws Exception {
        assertThat(started.status()).as(started.text()).isEqualTo(202);
        return server.job(started.json().path("id").asLong());
    }

    JsonNode succeeded(Answer started) throws Exception {
        JsonNode job = finished(started);
        assertThat(job.path("status").asText()).as(job + server.process.log()).isEqualTo("succeeded");
        return job;
    }

    String[] nativeToken() throws Exception {
        JsonNode granted = post(
                        "/api/v1/auth/login",
                        "{\"username\":\"" + DispatcharrInstallation.ADMIN + "\",\"password\":\""
                                + DispatcharrInstallation.PASSWORD + "\"}")
                .json();
        return new String[] {
            "Content-Type",
            "application/json",
            "Authorization",
            "Bearer " + granted.path("access_token").asText()
        };
    }

    static String unsupported(String type) {
        return "Unsupported media type \"" + type + "\" in request.";
    }

    static byte[] zip(String... members) throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < members.length; i += 2) {
                zip.putNextEntry(new ZipEntry(members[i]));
                zip.write(members[i + 1].getBytes(UTF_8));
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }
}
