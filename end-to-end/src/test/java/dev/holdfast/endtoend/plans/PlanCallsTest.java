package dev.holdfast.endtoend.plans;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Year;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans as clients see and change them, each test with a database of its own. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class PlanCallsTest extends PlanCalls {
    @Test
    void where_nobody_has_said_anything_nothing_is_made_or_removed_and_all_is_checked_monthly() throws Exception {
        JsonNode plan = plan("default");

        assertThat(plan.path("schedule")).hasToString("{\"kind\":\"off\"}");
        assertThat(plan.path("drill")).hasToString("{\"kind\":\"off\"}");
        assertThat(plan.path("time_zone").asText()).isEqualTo("UTC");
        assertThat(plan.path("catch_up").asBoolean()).isTrue();
        assertThat(plan.path("retention"))
                .hasToString(
                        "{\"last\":0,\"hourly\":0,\"daily\":0,\"weekly\":0,\"monthly\":0,\"yearly\":0,\"within\":null}");
        assertThat(plan.path("verify_depth").asText()).isEqualTo("quick");
        assertThat(plan.path("recheck_every").asText()).isEqualTo("PT720H");
        assertThat(plan.path("freshness")).hasToString("{\"max_age\":null,\"min_size\":0}");
        for (String unknown : List.of(
                "next_run",
                "last_run",
                "next_drill",
                "last_drill",
                "last_proven_restorable",
                "changed_by",
                "changed_at")) {
            assertThat(plan.path(unknown).isNull()).as(unknown).isTrue();
        }
    }

    @Test
    void what_is_absent_stays_and_what_is_null_goes_back_alone_or_with_its_group() throws Exception {
        change("partial", """
                {"schedule":{"kind":"daily","at":"03:15"},"retention":{"last":3,"daily":7,"within":"7d"},
                 "verify_depth":"full","recheck_every":"never","freshness":{"max_age":"26h","min_size":4096}}""");

        JsonNode plan = change("partial", "{\"schedule\":{\"at\":\"04:30\"},\"retention\":{\"daily\":null}}");
        assertThat(plan.path("schedule")).hasToString("{\"kind\":\"daily\",\"at\":\"04:30\"}");
        assertThat(plan.path("retention").path("last").asInt()).isEqualTo(3);
        assertThat(plan.path("retention").path("daily").asInt()).isZero();
        assertThat(plan.path("retention").path("within").asText()).isEqualTo("PT168H");
        assertThat(plan.path("recheck_every").isNull()).isTrue();
        assertThat(plan.path("freshness")).hasToString("{\"max_age\":\"PT26H\",\"min_size\":4096}");
        assertThat(plan.path("changed_by").asText()).isEqualTo("root");
        assertThat(Instant.parse(plan.path("changed_at").asText()))
                .isBetween(Instant.now().minus(Duration.ofMinutes(2)), Instant.now());

        plan = change("partial", "{\"schedule\":null,\"retention\":null,\"recheck_every\":null}");
        assertThat(plan.path("schedule")).hasToString("{\"kind\":\"off\"}");
        assertThat(plan.path("next_run").isNull()).isTrue();
        assertThat(plan.path("retention").path("last").asInt()).isZero();
        assertThat(plan.path("recheck_every").asText()).isEqualTo("PT720H");
        assertThat(plan.path("verify_depth").asText()).isEqualTo("full");
    }

    @Test
    void the_next_run_is_the_instant_that_the_zones_calendar_says() throws Exception {
        JsonNode plan = change("zones", """
                {"schedule":{"kind":"cron","line":"30 4 29 2 *"},"time_zone":"Pacific/Kiritimati"}""");

        // Fourteen hours ahead of UTC, all year.
        int year = Year.now(ZoneOffset.UTC).getValue();
        while (!Year.isLeap(year) || !leapDay(year).isAfter(Instant.now())) {
            year++;
        }
        assertThat(Instant.parse(plan.path("next_run").asText())).isEqualTo(leapDay(year));
        assertThat(plan.path("schedule")).hasToString("{\"kind\":\"cron\",\"line\":\"30 4 29 2 *\"}");
        assertThat(databases("zones").path("next_run")).isEqualTo(plan.path("next_run"));
    }

    private static Instant leapDay(int year) {
        return LocalDateTime.of(Year.isLeap(year) ? year : year + 4 - year % 4, 2, 29, 4, 30)
                .toInstant(ZoneOffset.ofHours(14));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"kind\":\"hourly\",\"every\":6,\"minute\":15}",
                "{\"kind\":\"daily\",\"at\":\"23:59\"}",
                "{\"kind\":\"weekly\",\"days\":[\"monday\",\"friday\"],\"at\":\"00:00\"}",
                "{\"kind\":\"monthly\",\"day\":31,\"at\":\"12:00\"}",
                "{\"kind\":\"cron\",\"line\":\"*/5 1-3 * jan,dec mon-fri\"}",
                "{\"kind\":\"off\"}"
            })
    void every_kind_of_schedule_and_drill_comes_back_as_it_was_sent(String schedule) throws Exception {
        JsonNode plan = change("kinds", "{\"schedule\":%s,\"drill\":%s}".formatted(schedule, schedule));

        assertThat(plan.path("schedule")).hasToString(schedule);
        assertThat(plan.path("drill")).hasToString(schedule);
        assertThat(plan.path("next_run").isNull()).isEqualTo(schedule.contains("off"));
        assertThat(plan.path("next_drill")).isEqualTo(plan.path("next_run"));
    }
}
