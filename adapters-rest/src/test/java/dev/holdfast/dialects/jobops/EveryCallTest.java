package dev.holdfast.dialects.jobops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.dialects.jobops.JobOpsServerFixture.Setting;
import dev.holdfast.http.access.Exchange;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import io.micronaut.json.tree.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What holds whatever is called: the envelope, the request's id, both spellings of an address, both places of the API,
 * other origins, and which bodies are read. Nothing here depends on what was before.
 */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class EveryCallTest {
    private static final String MALFORMED = "Unexpected token, the body is not valid JSON";
    private static final String TOO_LARGE = "request entity too large";
    private static final String UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

    private final JobOpsServerFixture open = new JobOpsServerFixture(Setting.OPEN);
    private final JobOpsServerFixture closed = new JobOpsServerFixture(Setting.CLOSED.atTheRoot());

    @AfterAll
    void stop() {
        open.close();
        closed.close();
    }

    /** @param openStatus of the answer while access control is off, without a body */
    private record Call(String method, String path, int openStatus) {}

    /** All that there are, and some that there are not. */
    static Stream<Call> calls() {
        return Stream.of(
                new Call("GET", "/api/backups", 200),
                new Call("POST", "/api/backups", 200),
                new Call("DELETE", "/api/backups/jobs_2026_01_01.db", 404),
                new Call("DELETE", "/api/backups/nonsense", 400),
                new Call("GET", "/api/settings", 200),
                new Call("PATCH", "/api/settings", 200),
                new Call("POST", "/api/auth/login", 400),
                new Call("POST", "/api/auth/logout", 200),
                new Call("GET", "/api/auth/me", 200),
                new Call("GET", "/api/auth/bootstrap-status", 200),
                new Call("POST", "/api/auth/setup", 400),
                new Call("GET", "/api/demo/info", 200),
                new Call("GET", "/api/app/status", 404),
                new Call("PUT", "/api/settings", 404),
                new Call("GET", "/api/backups/jobs_2026_01_01.db", 404));
    }

    private static List<String> members(JsonNode node) {
        return StreamSupport.stream(node.entries().spliterator(), false)
                .map(Map.Entry::getKey)
                .toList();
    }

    private static void assertEnvelope(Answer answer) {
        boolean ok = answer.status() < 400;
        assertThat(answer.value("ok")).as(answer.text()).isEqualTo(ok);
        assertThat(members(answer.json())).containsExactly("ok", ok ? "data" : "error", "meta");
        assertThat(answer.node(ok ? "data" : "error").isObject()).isTrue();
        assertThat(members(answer.node("meta"))).containsExactly("requestId");
        assertThat(answer.value("meta.requestId")).isEqualTo(answer.header("x-request-id"));
        assertThat(answer.header("Content-Type")).isEqualTo("application/json; charset=utf-8");
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(answer.headers().map()).doesNotContainKeys("www-authenticate", "allow");
        if (!ok) {
            assertThat(members(answer.node("error")))
                    .startsWith("code", "message")
                    .hasSizeBetween(2, 3);
            assertThat(answer.value("error.code"))
                    .isEqualTo(Map.of(
                                    400,
                                    "INVALID_REQUEST",
                                    401,
                                    "UNAUTHORIZED",
                                    403,
                                    "FORBIDDEN",
                                    404,
                                    "NOT_FOUND",
                                    500,
                                    "INTERNAL_ERROR")
                            .get(answer.status()));
        }
    }

    @ParameterizedTest
    @MethodSource("calls")
    void every_answer_is_an_object_with_a_boolean_ok_and_the_requests_id(Call call) throws Exception {
        Answer anonymous = open.json(call.method(), call.path(), "");
        assertEnvelope(anonymous);
        assertThat(anonymous.status()).as(anonymous.text()).isEqualTo(call.openStatus());

        assertEnvelope(open.json(call.method(), call.path(), "{"));
        assertEnvelope(closed.json(call.method(), call.path(), ""));
        assertEnvelope(closed.json(call.method(), call.path(), "", closed.as("vic")));
        assertEnvelope(closed.json(call.method(), call.path(), "", closed.as("ann")));
        assertEnvelope(open.call(call.method(), call.path(), "", "Accept", "text/html"));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void one_slash_at_the_end_changes_nothing_and_two_lead_nowhere(Call call) throws Exception {
        Answer answer = open.json(call.method(), call.path() + "/", "");
        assertThat(answer.status()).as(answer.text()).isEqualTo(call.openStatus());
        assertEnvelope(answer);

        Answer two = open.json(call.method(), call.path() + "//", "");
        assertThat(two.status()).as(two.text()).isEqualTo(404);
        assertThat(two.value("error.message"))
                .isEqualTo("Route not found: " + call.method() + " " + call.path() + "//");
        assertEnvelope(two);
    }

    @ParameterizedTest
    @MethodSource("calls")
    void at_the_root_every_address_is_as_below_the_prefix(Call call) throws Exception {
        String[] ann = closed.as("ann");
        for (String end : new String[] {"", "/"}) {
            Answer below = closed.json(call.method(), call.path() + end, "", ann);
            Answer root = closed.send(
                    call.method(), call.path() + end, "", "Content-Type", "application/json", ann[0], ann[1]);
            assertThat(root.status()).isEqualTo(below.status());
            assertEnvelope(root);
            assertThat(root.value("error.message")).isEqualTo(below.value("error.message"));
        }
    }

    @ParameterizedTest
    @MethodSource("calls")
    void a_preflight_needs_no_credentials(Call call) throws Exception {
        Answer answer = closed.call(
                "OPTIONS",
                call.path(),
                "",
                "Origin",
                "https://jobs.example",
                "Access-Control-Request-Method",
                call.method(),
                "Access-Control-Request-Headers",
                "authorization,content-type");

        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.text()).isEmpty();
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(answer.header("Access-Control-Allow-Methods").split(",")).contains(call.method());
        assertThat(answer.header("Access-Control-Allow-Headers")).isEqualTo("authorization,content-type");
        assertThat(answer.header("x-request-id")).matches(UUID);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET|/api/backups|401",
                "GET|/api/auth/bootstrap-status|200",
            })
    void with_access_control_on_other_web_sites_get_the_same_answers(String method, String path, int status)
            throws Exception {
        Answer answer = closed.call(method, path, "", "Origin", "https://jobs.example");

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
        String[] ann = closed.as("ann");
        assertThat(closed.call(method, path, "", "Origin", "https://jobs.example", ann[0], ann[1])
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'  padded '|padded",
                "a b|a b",
                "{}\"\\|{}\"\\",
            })
    void the_requests_id_comes_back_trimmed_in_the_body_and_in_the_header(String sent, String back) throws Exception {
        for (String path : new String[] {"/api/backups", "/api/nothing"}) {
            Answer answer = open.get(path, "x-request-id", sent);

            assertThat(answer.value("meta.requestId")).isEqualTo(back);
            assertThat(answer.header("x-request-id")).isEqualTo(back);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-request-id:", "x-request-id:   ", "x-request-id: Zürich", "x-request-id: a\tb"})
    void an_id_that_is_empty_or_not_of_ascii_is_replaced(String header) {
        Exchange answer = Exchange.get(open.port(), "/jobops/api/backups", header);

        assertThat(answer.member("requestId")).matches(UUID);
        assertThat(answer.header("x-request-id")).contains(answer.member("requestId"));
        assertThat(Exchange.get(open.port(), "/jobops/api/backups", header).member("requestId"))
                .isNotEqualTo(answer.member("requestId"));
    }

    @ParameterizedTest
    @CsvSource({
        "POST,/api/backups",
        "DELETE,/api/backups/jobs_2026_01_01.db",
        "PATCH,/api/settings",
        "POST,/api/auth/login"
    })
    void what_is_no_json_is_500_with_one_text(String method, String path) throws Exception {
        for (String body : List.of(
                "{",
                "nonsense",
                "\"text\"",
                "null",
                "3",
                " ",
                "{}}",
                "{} x",
                "{}{}",
                "[],",
                "[1,",
                "[".repeat(20_000))) {
            Answer answer = open.json(method, path, body);
            assertThat(answer.status()).as(body).isEqualTo(500);
            assertThat(answer.value("error.message")).isEqualTo(MALFORMED);
            assertEnvelope(answer);
        }
        assertThat(closed.json(method, path, "{").value("error.message"))
                .isEqualTo(path.endsWith("/login") ? MALFORMED : "Authentication required");
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/api/backups,200",
        "GET,/api/settings,200",
        "GET,/api/auth/me,200",
        "POST,/api/auth/logout,200",
        "POST,/api/auth/setup,400",
        "GET,/api/nothing,404"
    })
    void nobody_looks_at_a_body_where_none_has_a_meaning(String method, String path, int status) throws Exception {
        assertThat(open.json(method, path, "{").status()).isEqualTo(status);
    }

    /** Those of a sign-in are smaller: strangers send them. */
    @ParameterizedTest
    @CsvSource({"PATCH,/api/settings,100", "POST,/api/backups,100", "POST,/api/auth/login,64"})
    void a_body_of_as_many_kilobytes_as_allowed_is_read_and_one_byte_more_is_not(String method, String path, int most)
            throws Exception {
        String begin = "{\"username\":\"ann\",\"password\":\"password of ann\",\"x\":\"";
        String body = begin + "y".repeat(most * 1024 - begin.length() - 2) + "\"}";

        assertThat(open.json(method, path, body).status()).isEqualTo(200);
        Answer tooLarge = open.json(method, path, body + " ");
        assertThat(tooLarge.status()).isEqualTo(500);
        assertThat(tooLarge.value("error.message")).isEqualTo(TOO_LARGE);
        assertEnvelope(tooLarge);

        Exchange chunked = Exchange.send(
                open.port(),
                List.of(
                        method + " /jobops" + path + " HTTP/1.1",
                        "Host: localhost",
                        "Content-Type: application/json",
                        "Transfer-Encoding: chunked",
                        "Connection: close"),
                Integer.toHexString(body.length() + 1) + "\r\n" + body + " \r\n0\r\n\r\n");
        assertThat(chunked.status()).isEqualTo(500);
        assertThat(chunked.member("message")).isEqualTo(TOO_LARGE);
    }

    @Test
    void nothing_is_read_for_strangers_of_what_is_not_for_them() throws Exception {
        String large = "{\"x\":\"" + "y".repeat(200 * 1024) + "\"}";
        for (Call call : List.of(
                new Call("POST", "/api/backups", 200),
                new Call("PATCH", "/api/settings", 200),
                new Call("DELETE", "/api/backups/nonsense", 400))) {
            assertThat(closed.json(call.method(), call.path(), large).value("error.message"))
                    .isEqualTo("Authentication required");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/json|true",
                "Application/JSON|true",
                "application/json;charset=UTF-8|true",
                "application/json ; charset=utf-8|true",
                "text/plain|false",
                "text/json|false",
                "application/ld+json|false",
                "application/jsonx|false",
                "application/x-www-form-urlencoded|false",
                "multipart/form-data; boundary=b|false",
                "nonsense|false",
                "''|false"
            })
    void only_a_body_that_says_so_is_json(String type, boolean json) {
        String body = "{\"backupHour\":24}";
        Exchange answer = Exchange.send(
                open.port(),
                List.of(
                        "PATCH /jobops/api/settings HTTP/1.1",
                        "Host: localhost",
                        type.isEmpty() ? "X-Nothing: x" : "Content-Type: " + type,
                        "Content-Length: " + body.length(),
                        "Connection: close"),
                body);

        assertThat(answer.status()).as(answer.toString()).isEqualTo(json ? 400 : 200);
        // Not even one that is malformed is read.
        assertThat(answer.body()).startsWith("{\"ok\":" + !json);
    }

    @Test
    void a_sign_in_that_is_not_declared_as_json_is_empty() throws Exception {
        Answer answer = open.call(
                "POST",
                "/api/auth/login",
                "{\"username\":\"ann\",\"password\":\"password of ann\"}",
                "Content-Type",
                "text/plain");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.value("error.message")).isEqualTo("Invalid request body");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%zz", "%", "jobs_2026_01_01.db%2"})
    void a_per_cent_sign_that_begins_no_escape_stands_for_itself(String name) {
        Exchange answer = Exchange.send(
                open.port(),
                List.of(
                        "DELETE /jobops/api/backups/" + name + " HTTP/1.1",
                        "Host: localhost",
                        "Content-Length: 0",
                        "Connection: close"),
                "");

        assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
        assertThat(answer.member("message")).isEqualTo("Invalid backup filename");
    }

    @ParameterizedTest
    @CsvSource({"%ff%fe", "%C3", "%c3%28.db"})
    void bytes_that_are_no_text_are_500_with_what_was_sent(String name) throws Exception {
        Answer answer = open.call("DELETE", "/api/backups/" + name, "");

        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.value("error.message")).isEqualTo("Failed to decode param '" + name + "'");
        assertEnvelope(answer);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Host: backups.example|403|FORBIDDEN|Access control is off, so only requests to localhost are answered; "
                        + "this one names another host.",
                "Host: 192.0.2.1:8080|403|FORBIDDEN|Access control is off, so only requests to localhost are answered; "
                        + "this one names another host.",
                "Origin: null|403|FORBIDDEN|Access control is off, so requests that another web site sends are not "
                        + "answered.",
                "Sec-Fetch-Site: cross-site|403|FORBIDDEN|Access control is off, so requests that another web site "
                        + "sends are not answered."
            })
    void while_access_is_open_only_programs_of_this_machine_are_answered(
            String header, int status, String code, String message) {
        Exchange answer = Exchange.send(
                open.port(),
                List.of(
                        "GET /jobops/api/backups HTTP/1.1",
                        header.startsWith("Host:") ? header : "Host: localhost\r\n" + header,
                        "Connection: close"),
                "");

        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.member("code")).isEqualTo(code);
        assertThat(answer.member("message")).isEqualTo(message);
        assertThat(answer.body()).startsWith("{\"ok\":false,");
    }

    @Test
    void what_a_client_sends_does_not_come_back() throws Exception {
        String secret = "hunter2".repeat(200);
        String sent = ("{'apiKey':'S','password':'S','token':{'secret':'S'},'S':'S','backupEnabled':'S',"
                        + "'backupHour':{'password':'S'},'backupMaxCount':['S','S']}")
                .replace('\'', '"')
                .replace("S", secret);
        Answer answer = open.json("PATCH", "/api/settings", sent);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text()).doesNotContain("hunter2").hasSizeLessThan(1500);
        assertThat(open.json("PATCH", "/api/settings", "[" + "\"hunter2\",".repeat(99) + "1]")
                        .text())
                .doesNotContain("hunter2")
                .hasSizeLessThan(500);
        assertThat(open.json(
                                "POST",
                                "/api/auth/login",
                                "{\"username\":[\"hunter2\"],\"password\":{\"hunter2\":\"hunter2\"}}")
                        .text())
                .doesNotContain("hunter2")
                .contains("\"details\":{\"formErrors\":[],\"fieldErrors\":{"
                        + "\"username\":[\"Expected string, received array\"],\"password\":\"[REDACTED]\"}}");
        assertThat(open.json("POST", "/api/auth/setup", "{\"password\":\"hunter2\"}")
                        .text())
                .doesNotContain("hunter2");
    }

    @Test
    void a_name_may_have_a_few_hundred_letters_and_comes_back_as_it_was_sent() throws Exception {
        String name = "ä".repeat(300);
        Answer answer =
                open.call("GET", "/api/backups/" + java.net.URLEncoder.encode(name, StandardCharsets.UTF_8), "");

        assertThat(answer.value("error.message"))
                .isEqualTo("Route not found: GET /api/backups/" + "%C3%A4".repeat(300));
    }
}
