package dev.holdfast.endtoend.plans;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Year;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans as clients see and change them, each test with a database of its own. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class PlanCallsTest {
    private static final List<String> DATABASES = List.of(
            "default", "partial", "zones", "kinds", "wrong", "shapes", "roles", "relied", "previewed", "paused");
    private static final String PASSWORD = "correct horse battery";

    private Path directory;
    private ServerProcess server;
    private Client client;
    private String admin;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary;
        Bank.create(directory.resolve("relied.db"), "WAL", 0);
        Bank.create(directory.resolve("previewed.db"), "WAL", 0);
        Bank.create(directory.resolve("paused.db"), "DELETE", 0);
        server = ServerProcess.start(Options.in(directory.resolve("data"))
                .config(
                        directory.resolve("holdfast.yml"),
                        DATABASES.stream()
                                .map(it -> "    %s: {file: \"%s\"}".formatted(it, directory.resolve(it + ".db")))
                                .collect(Collectors.joining("\n", "holdfast:\n  databases:\n", "\n")))
                .env("HOLDFAST_AUTH_ENABLED", "true")
                .env("HOLDFAST_ADMIN_USERNAME", "root")
                .env("HOLDFAST_ADMIN_PASSWORD", PASSWORD));
        client = new Client(server.address());
        admin = "Bearer "
                + client.send(
                                "POST",
                                "/api/v1/auth/login",
                                "{\"username\":\"root\",\"password\":\"" + PASSWORD + "\"}",
                                "Content-Type",
                                "application/json")
                        .text("access_token");
    }

    @AfterAll
    void stop() {
        client.close();
        server.close();
    }

    private static String path(String database) {
        return "/api/v1/backup/plan?database=" + database;
    }

    private JsonNode plan(String database) throws Exception {
        Answer answer = client.get(path(database), "Authorization", admin);
        assertThat(answer.status()).isEqualTo(200);
        return answer.json();
    }

    private Answer patch(String database, String body) throws Exception {
        return send("PATCH", path(database), body);
    }

    private JsonNode change(String database, String body) throws Exception {
        Answer answer = patch(database, body);
        assertThat(answer.status()).as(answer.json().toString()).isEqualTo(200);
        JsonNode read = plan(database);
        if (hasCome(answer.json().path("next_run")) || hasCome(answer.json().path("next_drill"))) {
            return change(database, body); // what was read may name the next time already
        }
        assertThat(answer.json()).isEqualTo(read);
        return read;
    }

    private static boolean hasCome(JsonNode time) {
        return !time.isNull() && !Instant.parse(time.asText()).isAfter(Instant.now());
    }

    private Answer send(String method, String path, String body) throws Exception {
        return client.send(method, path, body, "Content-Type", "application/json", "Authorization", admin);
    }

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

    private JsonNode databases(String name) throws Exception {
        for (JsonNode database :
                client.get("/api/v1/databases", "Authorization", admin).json().path("databases")) {
            if (database.path("name").asText().equals(name)) {
                return database;
            }
        }
        throw new AssertionError("no database " + name);
    }
}
