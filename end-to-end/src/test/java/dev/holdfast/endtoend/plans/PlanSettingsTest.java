package dev.holdfast.endtoend.plans;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Ended;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plans that the settings give. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(180)
class PlanSettingsTest {
    @TempDir
    Path directory;

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "schedule: {kind: daily}            | schedule.at: missing (expected: a time of day such as 03:15, in YAML in quotes, for daily)",
                "retention: {dayly: 7}              | retention.dayly: unknown key (expected: one of the keys in docs/settings.md)",
                "recheck-every: monthly             | recheck-every: \"monthly\" (expected: a time such as 90s, 30m, 12h, 7d, 2w or PT36H, or never)"
            })
    void a_wrong_plan_ends_the_start_with_one_line(String plan, String line) throws Exception {
        Ended ended = ServerProcess.run(Options.in(directory.resolve("data"))
                .config(
                        directory.resolve("holdfast.yml"),
                        "holdfast: {databases: {default: {file: \"%s\", plan: {%s}}}}"
                                .formatted(directory.resolve("app.db"), plan)));

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err().lines().filter(it -> it.startsWith("holdfast:")))
                .singleElement()
                .isEqualTo("holdfast: holdfast.databases.default.plan." + line);
    }

    @Test
    void a_plan_from_the_environment_is_in_force_under_what_somebody_changes_also_after_a_restart() throws Exception {
        Options options = Options.in(directory.resolve("data"))
                .env("HOLDFAST_DATABASES_DEFAULT_PLAN_SCHEDULE_KIND", "weekly")
                .env("HOLDFAST_DATABASES_DEFAULT_PLAN_SCHEDULE_DAYS", "monday, friday")
                .env("HOLDFAST_DATABASES_DEFAULT_PLAN_SCHEDULE_AT", "03:15")
                .env("HOLDFAST_DATABASES_DEFAULT_PLAN_RETENTION_LAST", "9")
                .env("HOLDFAST_DATABASES_DEFAULT_PLAN_CATCH_UP", "false");
        JsonNode changed;
        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address())) {
            JsonNode plan = client.get("/api/v1/backup/plan").json();
            assertThat(plan.path("schedule"))
                    .hasToString("{\"kind\":\"weekly\",\"days\":[\"monday\",\"friday\"],\"at\":\"03:15\"}");
            assertThat(plan.path("retention").path("last").asInt()).isEqualTo(9);
            assertThat(plan.path("catch_up").asBoolean()).isFalse();

            changed = change(client, "{\"schedule\":{\"kind\":\"daily\",\"at\":\"22:00\"},\"retention\":{\"last\":2}}");
            assertThat(changed.path("schedule")).hasToString("{\"kind\":\"daily\",\"at\":\"22:00\"}");
        }
        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address())) {
            JsonNode plan = client.get("/api/v1/backup/plan").json();
            for (String part : new String[] {"schedule", "retention", "catch_up", "changed_by", "changed_at"}) {
                assertThat(plan.path(part)).as(part).isEqualTo(changed.path(part));
            }
            JsonNode back = change(client, "{\"schedule\":null,\"retention\":null}");
            assertThat(back.path("schedule").path("kind").asText()).isEqualTo("weekly");
            assertThat(back.path("retention").path("last").asInt()).isEqualTo(9);
        }
    }

    private static JsonNode change(Client client, String plan) throws Exception {
        Client.Answer answer = client.send("PATCH", "/api/v1/backup/plan", plan, "Content-Type", "application/json");
        assertThat(answer.status()).as(answer.json().toString()).isEqualTo(200);
        return answer.json();
    }
}
