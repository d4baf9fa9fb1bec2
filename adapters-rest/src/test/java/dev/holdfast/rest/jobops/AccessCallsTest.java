package dev.holdfast.rest.jobops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.access.AdministerAccounts.Change;
import dev.holdfast.application.access.AdministerAccounts.NewToken;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.rest.dialect.HttpCalls;
import dev.holdfast.rest.dialect.HttpCalls.Answer;
import dev.holdfast.rest.jobops.JobOpsServerFixture.Setting;
import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may do what, sign-in, the public demo, and where the API answers (contract, sections 3, 10 and 12). */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class AccessCallsTest {
    private static final String BACKUPS = "/api/backups";
    private static final String NAME = "/api/backups/jobs_2026_02_14.db";
    private static final String ON = "{\"backupEnabled\":true}";
    private static final String ADMIN_ONLY = "System admin access is required";

    private JobOpsServerFixture server = new JobOpsServerFixture(Setting.CLOSED);

    @AfterEach
    void stop() {
        server.close();
    }

    private void restart(Setting setting) {
        server.close();
        server = new JobOpsServerFixture(setting);
    }

    private static void assertRefused(Answer answer, int status, String code, String message) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.value("ok")).isEqualTo(false);
        assertThat(answer.value("error.code")).isEqualTo(code);
        assertThat(answer.value("error.message")).isEqualTo(message);
        assertThat(answer.headers().firstValue("WWW-Authenticate")).isEmpty();
        assertThat(answer.value("meta.requestId")).isEqualTo(answer.header("x-request-id"));
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/api/backups",
        "POST,/api/backups",
        "DELETE,/api/backups/jobs_2026_02_14.db",
        "DELETE,/api/backups/nonsense",
        "GET,/api/settings",
        "PATCH,/api/settings",
        "GET,/api/auth/me",
        "GET,/api/nothing",
        "GET,/api/backups/jobs_2026_02_14.db"
    })
    void whoever_has_not_signed_in_is_refused(String method, String path) throws Exception {
        String basic = "Basic " + Base64.getEncoder().encodeToString("ann:password of ann".getBytes(UTF_8));
        assertRefused(server.json(method, path, ""), 401, "UNAUTHORIZED", "Authentication required");
        for (String shown : new String[] {basic, "Bearer", "Bearer nonsense", "Bearer a.b.c", "hft_0"}) {
            assertRefused(
                    server.json(method, path, "", "Authorization", shown),
                    401,
                    "UNAUTHORIZED",
                    "Authentication required");
        }
    }

    @ParameterizedTest
    @CsvSource({"GET,/api/backups", "POST,/api/backups", "DELETE,/api/backups/jobs_2026_02_14.db", "PATCH,/api/settings"
    })
    void only_admins_see_and_change_backups(String method, String path) throws Exception {
        server.put("jobs_2026_02_14.db", Origin.AUTOMATIC, 1);

        for (String name : new String[] {"otto", "vic"}) {
            assertRefused(server.json(method, path, ON, server.as(name)), 403, "FORBIDDEN", ADMIN_ONLY);
        }
        assertThat(server.json(method, path, ON, server.as("ann")).status()).isEqualTo(200);
    }

    @Test
    void everybody_who_has_signed_in_reads_the_settings() throws Exception {
        for (String name : new String[] {"ann", "otto", "vic"}) {
            assertThat(server.get("/api/settings", server.as(name)).value("data.backupHour.value"))
                    .isEqualTo(2);
        }
    }

    @Test
    void the_rights_are_those_of_the_account_now() throws Exception {
        String[] ann = server.as("ann");
        server.administer.addUser("zoe", Role.ADMIN, "password of zoe");
        server.administer.setPassword("ann", "another password");

        assertRefused(server.get(BACKUPS, ann), 401, "UNAUTHORIZED", "Authentication required");
    }

    @Test
    void an_unknown_route_is_told_to_whoever_has_signed_in() throws Exception {
        assertRefused(
                server.get("/api/nothing", server.as("vic")), 404, "NOT_FOUND", "Route not found: GET /api/nothing");
    }

    @Test
    void a_sign_in_gives_a_token_for_a_day_with_what_the_web_client_reads_in_it() throws Exception {
        Answer answer =
                server.json("POST", "/api/auth/login", "{\"username\":\" ANN \",\"password\":\"password of ann\"}");

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.value("data.expiresIn")).isEqualTo(86_400);
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        String token = String.valueOf(answer.value("data.token"));
        JsonNode claims = JsonMapper.createDefault()
                .readValue(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]), Argument.of(JsonNode.class));
        assertThat(claim(claims, "username").getStringValue()).isEqualTo("ann");
        assertThat(claim(claims, "isSystemAdmin").getBooleanValue()).isTrue();
        assertThat(claims.get("userId")).isEqualTo(claims.get("sub"));
        assertThat(claim(claims, "exp").getLongValue())
                .isEqualTo(JobOpsServerFixture.BEGIN.plus(Duration.ofDays(1)).getEpochSecond());
        assertThat(claim(claims, "tenantId").getStringValue()).isEqualTo("default");
        for (String name : new String[] {"sub", "jti"}) {
            assertThat(claim(claims, name).getStringValue()).isNotEmpty();
        }
        assertThat(server.get(BACKUPS, "Authorization", "Bearer " + token).status())
                .isEqualTo(200);

        server.clock.advance(Duration.ofDays(1).plusSeconds(1));
        assertThat(server.get(BACKUPS, "Authorization", "Bearer " + token).status())
                .isEqualTo(401);
    }

    private static JsonNode claim(JsonNode claims, String name) {
        return HttpCalls.find(claims, name).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"username\":\"ann\",\"password\":\"wrong one\"}|401|UNAUTHORIZED|Invalid credentials",
                "{\"username\":\"nobody\",\"password\":\"wrong one\"}|401|UNAUTHORIZED|Invalid credentials",
                "{\"username\":\"no name!\",\"password\":\"wrong one\"}|401|UNAUTHORIZED|Invalid credentials"
            })
    void a_sign_in_that_fails_says_why(String body, int status, String code, String message) throws Exception {
        Answer answer = server.json("POST", "/api/auth/login", body);

        assertRefused(answer, status, code, message);
        assertThat(answer.value("error.details")).isEqualTo("absent");
    }

    /** What is wrong with a password is not said: its name looks like that of a secret. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|[]|{\"username\":[\"Required\"],\"password\":\"[REDACTED]\"}",
                "|[]|{\"username\":[\"Required\"],\"password\":\"[REDACTED]\"}",
                "{\"username\":\"ann\"}|[]|{\"password\":\"[REDACTED]\"}",
                "{\"username\":\"ann\",\"password\":\"\"}|[]|{\"password\":\"[REDACTED]\"}",
                "{\"username\":\"ann\",\"password\":1}|[]|{\"password\":\"[REDACTED]\"}",
                "{\"password\":\"x\"}|[]|{\"username\":[\"Required\"]}",
                "{\"username\":\"\",\"password\":\"x\"}|[]|"
                        + "{\"username\":[\"String must contain at least 1 character(s)\"]}",
                "{\"username\":1,\"password\":\"x\"}|[]|{\"username\":[\"Expected string, received number\"]}",
                "{\"username\":null,\"password\":\"x\"}|[]|{\"username\":[\"Expected string, received null\"]}",
                "[]|[\"Expected object, received array\"]|{}",
            })
    void a_sign_in_without_name_or_password_says_what_is_missing(String body, String form, String fields)
            throws Exception {
        Answer answer = server.json("POST", "/api/auth/login", body == null ? "" : body);

        assertRefused(answer, 400, "INVALID_REQUEST", "Invalid request body");
        assertThat(answer.text()).contains("\"details\":{\"formErrors\":" + form + ",\"fieldErrors\":" + fields + "}}");
    }

    @Test
    void a_name_is_looked_up_as_written_and_then_in_lower_case() throws Exception {
        server.administer.addUser("Zoe", Role.ADMIN, "password of Zoe");
        server.administer.addUser("max", Role.ADMIN, "password of max");

        assertThat(server.get("/api/auth/me", server.as("Zoe")).value("data.user.username"))
                .isEqualTo("Zoe");
        assertRefused(
                server.json("POST", "/api/auth/login", "{\"username\":\"zoe\",\"password\":\"password of Zoe\"}"),
                401,
                "UNAUTHORIZED",
                "Invalid credentials");
        Answer max = server.json(
                "POST",
                "/api/auth/login",
                "{\"username\":\"\tMax \",\"password\":\"password of max\"}".replace("\t", "\\t"));
        assertThat(max.status()).as(max.text()).isEqualTo(200);
    }

    @Test
    void a_token_counts_only_as_the_one_bearer_token_that_is_shown() throws Exception {
        String[] ann = server.as("ann");
        for (String shown : new String[] {ann[1].replace("Bearer", "bearer"), ann[1].substring(7), ann[1] + "x"}) {
            assertRefused(server.get(BACKUPS, "Authorization", shown), 401, "UNAUTHORIZED", "Authentication required");
        }
        assertRefused(
                server.get(BACKUPS, ann[0], ann[1], ann[0], ann[1]), 401, "UNAUTHORIZED", "Authentication required");
        assertRefused(server.get(BACKUPS, "Cookie", "token=" + ann[1]), 401, "UNAUTHORIZED", "Authentication required");
        assertThat(server.get(BACKUPS, ann).status()).isEqualTo(200);
    }

    @Test
    void holdfasts_own_tokens_are_good_here_and_those_of_a_sign_in_here_are_not_good_there() throws Exception {
        assertThat(server.get(BACKUPS, serviceToken("script", Role.ADMIN)).status())
                .isEqualTo(200);
        String[] reader = serviceToken("reader", Role.VIEWER);
        assertRefused(server.get(BACKUPS, reader), 403, "FORBIDDEN", ADMIN_ONLY);
        assertThat(server.get("/api/settings", reader).status()).isEqualTo(200);
        server.administer.revokeToken("reader");
        assertRefused(server.get("/api/settings", reader), 401, "UNAUTHORIZED", "Authentication required");

        assertThat(server.send("GET", "/api/v1/nothing", "", serviceToken("other", Role.ADMIN))
                        .status())
                .isEqualTo(404);
        assertThat(server.send("GET", "/api/v1/nothing", "", server.as("ann")).status())
                .isEqualTo(401);
    }

    private String[] serviceToken(String name, Role role) {
        return server.administer.createToken(name, role, Optional.empty())
                        instanceof Change.Made<NewToken>(NewToken made)
                ? new String[] {"Authorization", "Bearer " + made.text()}
                : new String[0];
    }

    @Test
    void too_many_failures_are_held_up() throws Exception {
        Answer answer = server.json("POST", "/api/auth/login", "{\"username\":\"ann\",\"password\":\"0\"}");
        for (int i = 0; i < 5; i++) {
            answer = server.json("POST", "/api/auth/login", "{\"username\":\"ann\",\"password\":\"0\"}");
        }

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.value("error.code")).isEqualTo("SERVICE_UNAVAILABLE");
        assertThat(answer.header("Retry-After")).matches("[1-9]\\d*");
    }

    @Test
    void signing_out_ends_the_token_for_good_and_always_succeeds() throws Exception {
        String[] ann = server.as("ann");
        String[] again = server.as("ann");
        assertThat(server.get(BACKUPS, ann).status()).isEqualTo(200);

        Answer out = server.call("POST", "/api/auth/logout", "", ann);

        assertThat(out.status()).isEqualTo(200);
        assertThat(out.value("data.message")).isEqualTo("Logged out");
        assertRefused(server.get(BACKUPS, ann), 401, "UNAUTHORIZED", "Authentication required");
        assertThat(server.get(BACKUPS, again).status()).isEqualTo(200);
        assertThat(server.database.documents.contents())
                .singleElement()
                .asString()
                .contains("2026-02-16T10:20:3");
        for (String shown : new String[] {"Bearer nonsense", ann[1]}) {
            assertThat(server.call("POST", "/api/auth/logout", "", "Authorization", shown)
                            .value("data.message"))
                    .isEqualTo("Logged out");
        }
        assertThat(server.call("POST", "/api/auth/logout", "").status()).isEqualTo(200);
    }

    @Test
    void me_says_who_i_am() throws Exception {
        Answer admin = server.get("/api/auth/me", server.as("ann"));

        assertThat(admin.value("data.user.username")).isEqualTo("ann");
        assertThat(admin.value("data.user.isSystemAdmin")).isEqualTo(true);
        assertThat(admin.value("data.user.isDisabled")).isEqualTo(false);
        assertThat(admin.value("data.user.createdAt")).isEqualTo("2026-02-15T10:20:30.123Z");
        assertThat(admin.text())
                .matches(
                        ".*\"data\":\\{\"user\":\\{\"id\":\"[0-9a-f-]{36}\",\"username\":\"ann\",\"displayName\":\"ann\","
                                + "\"isSystemAdmin\":true,\"isDisabled\":false,\"workspaceId\":\"default\","
                                + "\"workspaceName\":\"Holdfast\",\"createdAt\":\"2026-02-15T10:20:30\\.123Z\","
                                + "\"updatedAt\":\"2026-02-15T10:20:30\\.123Z\"},\"analyticsDistinctId\":\"[0-9a-f-]{36}\"}.*");
        assertThat(server.get("/api/auth/me", server.as("ann")).value("data.user.id"))
                .isEqualTo(admin.value("data.user.id"));
        assertThat(admin.value("data.analyticsDistinctId")).isEqualTo(admin.value("data.user.id"));
        assertThat(server.get("/api/auth/me", server.as("vic")).value("data.user.isSystemAdmin"))
                .isEqualTo(false);
    }

    @Test
    void nobody_makes_the_first_user_over_the_api() throws Exception {
        restart(Setting.CLOSED.withoutUsers());
        // With true the web client would show a form that leads nowhere.
        assertThat(server.get("/api/auth/bootstrap-status").value("data.setupRequired"))
                .isEqualTo(false);
        assertRefused(server.get(BACKUPS), 401, "UNAUTHORIZED", "Initial setup is required");
        assertRefused(
                server.json("POST", "/api/auth/login", "{\"username\":\"ann\",\"password\":\"x\"}"),
                400,
                "INVALID_REQUEST",
                "Initial setup is required before sign-in");
        for (String[] headers : new String[][] {{}, {"X-Forwarded-For", "203.0.113.7"}}) {
            assertRefused(
                    setUp("eve", "12345678", headers),
                    403,
                    "FORBIDDEN",
                    "The first user is made on the server itself: holdfast user add NAME --role admin");
        }
        assertThat(setUp("eve", "12345678", "Origin", "http://evil.example").status())
                .isEqualTo(403);
        assertThat(server.accounts.users()).isEmpty();

        for (String[] call : new String[][] {
            {"GET", BACKUPS},
            {"POST", BACKUPS},
            {"DELETE", NAME},
            {"GET", "/api/settings"},
            {"PATCH", "/api/settings"},
            {"GET", "/api/auth/me"},
            {"GET", "/api/nothing"}
        }) {
            assertRefused(
                    server.call(call[0], call[1], "", "Authorization", "Bearer nonsense"),
                    401,
                    "UNAUTHORIZED",
                    "Initial setup is required");
        }

        server.administer.addUser("ann", Role.ADMIN, "12345678");
        assertThat(server.get("/api/auth/bootstrap-status").text()).contains("\"data\":{\"setupRequired\":false}");
        assertRefused(server.get(BACKUPS), 401, "UNAUTHORIZED", "Authentication required");
        assertRefused(setUp("eve", "12345678"), 400, "INVALID_REQUEST", "Initial setup has already been completed");
        assertThat(server.json("POST", "/api/auth/login", "{\"username\":\"ann\",\"password\":\"12345678\"}")
                        .status())
                .isEqualTo(200);
    }

    /** Its limits are those of a first user, whom nobody makes here. */
    @Test
    void whatever_a_setup_brings_it_is_refused_alike() throws Exception {
        restart(Setting.CLOSED.withoutUsers());
        String[] bodies = {
            "",
            "{",
            "[]",
            "{\"username\":\"\",\"password\":\"12345678\"}",
            "{\"username\":\"eve\",\"password\":\"1234567\"}",
            "{\"username\":\"eve\",\"password\":\"" + "x".repeat(500) + "\",\"displayName\":\"Eve\"}",
            "{\"username\":\"eve\",\"password\":\"" + "x".repeat(501) + "\",\"displayName\":" + "1}",
        };
        for (String body : bodies) {
            assertRefused(
                    server.json("POST", "/api/auth/setup", body),
                    403,
                    "FORBIDDEN",
                    "The first user is made on the server itself: holdfast user add NAME --role admin");
        }
        server.administer.addUser("ann", Role.ADMIN, "12345678");
        for (String body : bodies) {
            assertRefused(
                    server.json("POST", "/api/auth/setup", body),
                    400,
                    "INVALID_REQUEST",
                    "Initial setup has already been completed");
        }
        assertThat(server.accounts.users()).hasSize(1);
    }

    private Answer setUp(String name, String password, String... headers) throws Exception {
        return server.json(
                "POST",
                "/api/auth/setup",
                "{\"username\":\"" + name + "\",\"password\":\"" + password + "\"}",
                headers);
    }

    @Test
    void with_a_token_there_is_a_way_in_already() throws Exception {
        restart(Setting.CLOSED.withoutUsers());
        server.administer.createToken("script", Role.ADMIN, Optional.empty());
        assertRefused(setUp("eve", "12345678"), 400, "INVALID_REQUEST", "Initial setup has already been completed");
    }

    @Test
    void while_access_is_open_nobody_has_to_sign_in_and_no_user_is_made() throws Exception {
        restart(Setting.OPEN.withoutUsers());

        assertThat(server.get("/api/auth/bootstrap-status").value("data.setupRequired"))
                .isEqualTo(false);
        assertRefused(setUp("eve", "12345678"), 400, "INVALID_REQUEST", "Initial setup has already been completed");
        assertThat(server.get(BACKUPS, "Authorization", "Bearer of something else")
                        .status())
                .isEqualTo(200);
        assertThat(server.get("/api/auth/me").value("data.user.isSystemAdmin")).isEqualTo(true);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST|/api/backups|Manual backup creation is disabled in the public demo.",
                "DELETE|/api/backups/jobs_2026_02_14.db|Deleting backups is disabled in the public demo.",
                "DELETE|/api/backups/nonsense|Deleting backups is disabled in the public demo.",
                "PATCH|/api/settings|Saving settings is disabled in the public demo."
            })
    void the_open_demo_shows_all_and_changes_nothing(String method, String path, String reason) throws Exception {
        restart(Setting.OPEN.inDemo());
        server.put("jobs_2026_02_14.db", Origin.AUTOMATIC, 1);

        Answer answer = server.json(method, path, ON);

        assertRefused(answer, 403, "FORBIDDEN", "This action is disabled in the public demo.");
        assertThat(answer.text())
                .isEqualTo("{\"ok\":false,\"error\":{\"code\":\"FORBIDDEN\","
                        + "\"message\":\"This action is disabled in the public demo.\","
                        + "\"details\":{\"blockedReason\":\"" + reason + "\"}},"
                        + "\"meta\":{\"requestId\":\"" + answer.header("x-request-id") + "\",\"blockedReason\":\""
                        + reason + "\"}}");
        assertThat(server.get(BACKUPS).value("data.backups.0.filename")).isEqualTo("jobs_2026_02_14.db");
        assertThat(server.get("/api/settings").value("data.backupEnabled.value"))
                .isEqualTo(false);
    }

    @Test
    void in_the_closed_demo_everybody_is_a_visitor_whatever_they_show() throws Exception {
        restart(Setting.CLOSED.inDemo());
        String[] ann = server.as("ann");

        for (String[] who : new String[][] {{}, ann}) {
            assertRefused(server.get(BACKUPS, who), 403, "FORBIDDEN", ADMIN_ONLY);
            assertRefused(server.call("POST", BACKUPS, "", who), 403, "FORBIDDEN", ADMIN_ONLY);
            Answer deleted = server.call("DELETE", NAME, "", who);
            assertRefused(deleted, 403, "FORBIDDEN", ADMIN_ONLY);
            assertThat(deleted.value("meta.blockedReason")).isEqualTo("absent");
            Answer saved = server.json("PATCH", "/api/settings", ON, who);
            assertRefused(saved, 403, "FORBIDDEN", "This action is disabled in the public demo.");
            assertThat(saved.value("meta.blockedReason")).isEqualTo("Saving settings is disabled in the public demo.");
            assertThat(server.get("/api/settings", who).status()).isEqualTo(200);
            assertRefused(server.get("/api/auth/me", who), 401, "UNAUTHORIZED", "Authentication required");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everybody_is_told_whether_it_is_the_demo(boolean demo) throws Exception {
        for (Setting setting : List.of(Setting.OPEN, Setting.CLOSED)) {
            restart(demo ? setting.inDemo() : setting);

            assertThat(server.get("/api/demo/info").text())
                    .contains("\"data\":{\"demoMode\":" + demo + ",\"resetCadenceHours\":6,\"lastResetAt\":null,"
                            + "\"nextResetAt\":null,\"baselineVersion\":null,\"baselineName\":null}");
        }
    }

    @Test
    void health_is_open_and_has_no_envelope() throws Exception {
        assertThat(server.get("/health").text())
                .isEqualTo("{\"status\":\"ok\",\"timestamp\":\"2026-02-15T10:20:30.123Z\"}");
        assertThat(server.send("GET", "/health", "").status()).isEqualTo(401);

        restart(Setting.CLOSED.atTheRoot());
        assertThat(server.send("GET", "/health", "").value("status")).isEqualTo("ok");
    }

    @Test
    void at_the_root_both_spellings_answer_as_jobops() throws Exception {
        restart(Setting.OPEN.atTheRoot());
        assertThat(server.send("POST", "/api/backups", "").value("data.type")).isEqualTo("manual");

        for (String path : new String[] {"/api/backups", "/api/backups/", "/jobops/api/backups"}) {
            Answer answer = server.send("GET", path, "");
            assertThat(answer.value("data.backups.0.filename")).isEqualTo("jobs_manual_2026_02_15_10_20_30.db");
            assertThat(answer.value("data.nextScheduled")).isNull();
        }
        assertRefused(server.send("GET", "/api/x?y=1", ""), 404, "NOT_FOUND", "Route not found: GET /api/x");
        assertThat(server.send("GET", "/api/v1/nothing", "").value("code")).isEqualTo("route-not-found");
    }
}
