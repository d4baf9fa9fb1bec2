package dev.holdfast.endtoend.plans;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.Eventually;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may change a plan, and where its effects on backups show. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class PlanEffectsTest extends PlanCalls {
    @Test
    void an_emptied_database_pauses_retention_until_an_admin_resumes_it() throws Exception {
        String backup = "/api/v1/backup?database=paused";
        String resume = "/api/v1/backup/plan/resume-retention?database=paused";
        assertThat(client.post(backup, "Authorization", admin).status()).isEqualTo(200);
        assertThat(plan("paused").path("retention_paused").isNull()).isTrue();
        assertThat(client.post(resume, "Authorization", admin).json()).isEqualTo(plan("paused"));

        Files.write(directory.resolve("paused.db"), new byte[0]);
        assertThat(client.post(backup, "Authorization", admin).status()).isEqualTo(200);

        JsonNode newest = client.get(backup, "Authorization", admin)
                .json()
                .path("backups")
                .path(0);
        assertThat(newest.path("suspicion").path("kind").asText()).isEqualTo("empty");
        JsonNode pause = plan("paused").path("retention_paused");
        assertThat(pause.path("since")).isEqualTo(newest.path("suspicion").path("since"));
        assertThat(pause.path("reason")).isEqualTo(newest.path("suspicion").path("text"));
        assertThat(send("POST", "/api/v1/backup/plan/preview?database=paused", "{\"retention\":{\"last\":1}}")
                        .json()
                        .path("backups"))
                .allMatch(it -> it.path("fate").asText().equals("keep")
                        && it.path("reasons").toString().contains("\"retention_paused\""));
        for (String role : List.of("viewer", "operator")) {
            String token = token("resume-" + role, role);
            assertThat(client.post(resume, "Authorization", token).status()).isEqualTo(403);
        }
        assertThat(plan("paused").path("retention_paused")).isEqualTo(pause);

        Answer resumed = client.post(resume, "Authorization", admin);

        assertThat(resumed.status()).isEqualTo(200);
        assertThat(resumed.json().path("retention_paused").isNull()).isTrue();
        assertThat(client.post(resume, "Authorization", admin).status()).isEqualTo(200);
        JsonNode entries =
                client.get("/api/v1/audit", "Authorization", admin).json().path("entries");
        assertThat(StreamSupport.stream(entries.spliterator(), false)
                        .filter(it -> it.path("action").asText().equals("retention.resume")))
                .singleElement()
                .satisfies(it -> assertThat(it.path("who").asText()).isEqualTo("root"));
    }

    @Test
    void a_viewer_sees_an_operator_drills_and_only_an_admin_changes_and_sees_who_did() throws Exception {
        String viewer = token("vera", "viewer");
        String operator = token("otto", "operator");
        for (String role : List.of(viewer, operator)) {
            assertThat(client.get(path("roles"), "Authorization", role).status())
                    .isEqualTo(200);
            assertThat(client.post("/api/v1/backup/plan/preview?database=roles", "Authorization", role)
                            .status())
                    .isEqualTo(200);
            Answer refused = client.send(
                    "PATCH", path("roles"), "{}", "Content-Type", "application/json", "Authorization", role);
            assertThat(refused.status()).isEqualTo(403);
            assertThat(client.get("/api/v1/audit", "Authorization", role).status())
                    .isEqualTo(403);
        }
        String drill = "/api/v1/backup/drill?database=roles";
        assertThat(client.post(drill, "Authorization", viewer).status()).isEqualTo(403);
        assertThat(client.post(drill, "Authorization", operator).status()).isEqualTo(200);
        assertThat(client.get(path("roles")).status()).isEqualTo(401);
        assertThat(plan("roles").path("changed_by").isNull()).isTrue();

        change("roles", "{\"retention\":{\"last\":7},\"time_zone\":\"Europe/Berlin\"}");
        change("roles", "{\"retention\":{\"last\":null}}");
        JsonNode entries =
                client.get("/api/v1/audit", "Authorization", admin).json().path("entries");
        List<JsonNode> ours = StreamSupport.stream(entries.spliterator(), false)
                .filter(it -> it.path("database").asText().equals("roles"))
                .toList();
        assertThat(ours)
                .extracting(it -> it.path("who").asText() + " "
                        + it.path("action").asText() + " " + it.path("detail").asText())
                .containsExactly(
                        "root plan.change retention.last: 7 -> unset",
                        "root plan.change retention.last: unset -> 7, time_zone: unset -> Europe/Berlin");
        assertThat(Instant.parse(ours.getFirst().path("at").asText()))
                .isBetween(Instant.now().minus(Duration.ofMinutes(2)), Instant.now());
    }

    private String token(String name, String role) throws Exception {
        return "Bearer "
                + Command.run(directory.resolve("data"), "", "token", "create", "--name", name, "--role", role)
                        .strip();
    }

    @Test
    void how_backups_stand_against_what_is_relied_on_is_told_in_three_places() throws Exception {
        assertThat(standing("")).isEqualTo("none");
        assertThat(gauge()).isEqualTo("0.0");
        Eventually.get(() -> remark(), "none"::equals);
        String made = client.post("/api/v1/backup?database=relied", "Authorization", admin)
                .text("filename");
        assertThat(standing(made)).isEqualTo("fresh");
        assertThat(gauge()).isEqualTo("1.0");

        change("relied", "{\"freshness\":{\"max_age\":\"PT0.001S\"}}");
        assertThat(standing(made)).isEqualTo("stale");
        assertThat(gauge()).isEqualTo("0.0");

        change("relied", "{\"freshness\":{\"max_age\":\"1h\",\"min_size\":1000000000}}");
        assertThat(standing(made)).isEqualTo("too_small");
        Eventually.get(() -> remark(), "too_small"::equals); // looked at every five seconds
        Answer stranger = client.get("/health/readiness");
        assertThat(stranger.status()).isEqualTo(200);
        assertThat(stranger.json()).hasToString("{\"status\":\"UP\"}");
    }

    /** @param backup is checked, for after an operation metrics are measured anew */
    private String standing(String backup) throws Exception {
        if (!backup.isEmpty()) {
            String verify = "/api/v1/backup/" + backup + "/verify?database=relied";
            assertThat(client.post(verify, "Authorization", admin).status()).isEqualTo(200);
        }
        return databases("relied").path("freshness").asText();
    }

    private String gauge() throws Exception {
        String name = "holdfast_backup_fresh{database=\"relied\"} ";
        return client.text("/metrics", "Authorization", admin)
                .lines()
                .filter(it -> it.startsWith(name))
                .map(it -> it.substring(name.length()))
                .collect(Collectors.joining());
    }

    private String remark() throws Exception {
        return client.get("/health/readiness", "Authorization", admin)
                .json()
                .path("remarks")
                .path("database relied")
                .asText();
    }

    @Test
    void a_preview_changes_nothing_with_and_without_a_body() throws Exception {
        String made = client.post("/api/v1/backup?database=previewed", "Authorization", admin)
                .text("filename");
        String path = "/api/v1/backup/plan/preview?database=previewed";

        Answer asItIs = client.post(path, "Authorization", admin);
        Answer asItMightBe = send("POST", path, "{\"retention\":{\"last\":1}}");

        assertThat(asItIs.status()).isEqualTo(200);
        JsonNode verdict = asItIs.json().path("backups").path(0);
        assertThat(verdict.path("filename").asText()).isEqualTo(made);
        assertThat(verdict.path("fate").asText()).isEqualTo("keep");
        assertThat(verdict.path("reasons").toString()).contains("no_policy", "out_of_scope");
        assertThat(asItMightBe.json().path("backups").path(0).path("reasons").toString())
                .contains("out_of_scope", "last_good")
                .doesNotContain("no_policy");
        assertThat(send("POST", path, "{\"retention\":{\"first\":1}}").status()).isEqualTo(400);
        assertThat(plan("previewed").path("changed_by").isNull()).isTrue();
    }
}
