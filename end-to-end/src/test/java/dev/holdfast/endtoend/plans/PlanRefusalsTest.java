package dev.holdfast.endtoend.plans;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client.Answer;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of a plan that are rejected, and leave it as it was. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class PlanRefusalsTest extends PlanCalls {
    @Test
    void whatever_does_not_fit_is_named_together_and_nothing_of_it_is_changed() throws Exception {
        change("wrong", "{\"retention\":{\"last\":5}}");
        JsonNode before = plan("wrong");

        Answer answer = patch("wrong", """
                {"schedule":{"kind":"daily","at":"25:00"},"retention":{"last":-1,"daily":1.5,"dayly":7},
                 "time_zone":"Mars/Olympus","catch_up":"yes","freshness":{"min_size":true},"recheck_every":"0m",
                 "drill":{"line":"@daily"},"nightly":null}""");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text("code")).isEqualTo("invalid-argument");
        assertThat(answer.text("detail"))
                .contains(
                        "schedule.at: \"25:00\"",
                        "retention.last: \"-1\"",
                        "retention.daily: \"1.5\"",
                        "retention.dayly: unknown",
                        "time_zone: \"Mars/Olympus\"",
                        "catch_up: \"yes\"",
                        "freshness.min_size: \"true\"",
                        "recheck_every: \"0m\"",
                        "drill.line: not for the kind off",
                        "nightly: unknown");
        assertThat(plan("wrong")).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"retention\":{\"last\":",
                "nonsense",
                "[]",
                "17",
                "{\"schedule\":\"daily\"}",
                "{\"schedule\":[{}]}",
                "{\"schedule\":{\"kind\":{\"of\":\"daily\"}}}",
                "{\"retention\":{\"last\":99999999999999999999999}}",
                "{\"retention\":{\"last\":1e2}}",
                "{\"\":1}"
            })
    void a_body_that_is_no_change_of_a_plan_is_refused(String body) throws Exception {
        Answer answer = patch("shapes", body);

        assertThat(answer.status()).as(answer.json().toString()).isEqualTo(400);
        assertThat(answer.text("code")).isEqualTo("invalid-argument");
        assertThat(plan("shapes").path("changed_by").isNull()).isTrue();
    }

    @Test
    void a_body_that_is_deep_or_has_ten_thousand_members_is_refused() throws Exception {
        String deep = "{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000);
        String wide = IntStream.range(0, 10_000)
                .mapToObj(it -> "\"" + letters(it) + "\":1")
                .collect(Collectors.joining(",", "{", "}"));
        for (String body : List.of(deep, wide)) {
            for (Answer answer : List.of(patch("shapes", body), send("POST", "/api/v1/backup/plan/preview", body))) {
                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.json().toString()).hasSizeLessThan(2_000);
            }
        }
        assertThat(plan("shapes").path("changed_by").isNull()).isTrue();
    }

    private static String letters(int number) {
        return Integer.toString(number)
                .chars()
                .mapToObj(it -> Character.toString(it - '0' + 'a'))
                .collect(Collectors.joining());
    }

    @Test
    void an_unknown_database_has_no_plan() throws Exception {
        for (Answer answer : List.of(
                client.get(path("nobody"), "Authorization", admin),
                patch("nobody", "{}"),
                client.post("/api/v1/backup/plan/preview?database=nobody", "Authorization", admin),
                client.post("/api/v1/backup/drill?database=nobody", "Authorization", admin))) {
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.text("code")).isEqualTo("database-not-found");
        }
    }
}
