package dev.holdfast.rest.v1;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.plan.PlanParser;
import dev.holdfast.domain.profile.Naming;
import io.micronaut.runtime.server.EmbeddedServer;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@OverFakes
class ApiDescriptionTest {
    private final RestServerFixture server;

    ApiDescriptionTest(EmbeddedServer running) {
        server = new RestServerFixture(running);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "  /api/v1/backup:",
                "  /api/v1/backup/{filename}:",
                "  /api/v1/backup/{filename}/download:",
                "  /api/v1/backup/{filename}/download-token:",
                "  /api/v1/backup/upload:",
                "          multipart/form-data:",
                "format: binary",
                "        \"201\":",
                "  /api/v1/backup/{filename}/restore:",
                "  /api/v1/backup/{filename}/verify:",
                "  /api/v1/operations:",
                "  /api/v1/operations/{id}:",
                "  /api/v1/operations/{id}/cancel:",
                "  /api/v1/operations/{id}/events:",
                "  /api/v1/databases:",
                "application/problem+json",
                "safety_backup:",
                "app_20260413_142530.db",
                "openapi: 3",
                "access_token:",
                "description: The operation has begun.",
                "text/event-stream:",
                "security:\n- bearer: []",
                "    LoginRequest:\n      required:\n      - password\n      - username\n",
                "      - name: Range\n",
            })
    void the_description_has(String text) throws Exception {
        HttpResponse<String> response = server.send("GET", "/openapi.yml");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/yaml");
        assertThat(response.body()).contains(text);
    }

    @Test
    void every_call_but_the_health_checks_is_described_with_its_problems() throws Exception {
        String paths = server.send("GET", "/openapi.yml").body().split("\ncomponents:", 2)[0];
        for (String path : paths.split("\n  (?=/api/v1/|/metrics|/health/|/api/probe)", -1)) {
            if (path.startsWith("/api/v1/") || path.startsWith("/metrics")) {
                long calls = count("^ {6}operationId:", path);
                assertThat(calls).as(path).isPositive();
                assertThat(count("^ {6}summary:", path)).as(path).isEqualTo(calls);
                assertThat(count("^ {8}\"4XX\":", path)).as(path).isEqualTo(calls);
                assertThat(count("^ {8}\"5XX\":", path)).as(path).isEqualTo(calls);
            }
        }
        assertThat(paths).contains("\n  /api/v1/auth/login:", "\n  /metrics:");
    }

    @Test
    void no_schema_has_a_member_of_its_own_name() throws Exception {
        var schemas = Pattern.compile("^ {4}(\\w+):\\n(?: {6}.*\\n)+", Pattern.MULTILINE)
                .matcher(server.send("GET", "/openapi.yml").body());
        int found = 0;
        while (schemas.find()) {
            assertThat(schemas.group()).doesNotContain("        " + schemas.group(1) + ":\n");
            found++;
        }
        assertThat(found).isGreaterThan(10);
    }

    /** A generated client could send nothing but JSON there. */
    @Test
    void no_parameter_is_an_object() throws Exception {
        String description = server.send("GET", "/openapi.yml").body();
        assertThat(count("^ {6}- name: Idempotency-Key$", description)).isGreaterThan(3);
        assertThat(count("^ {10}type: string$", description)).isGreaterThan(10);
        assertThat(count("^ {8}schema:\n {10}type: object$", description)).isZero();
    }

    /**
     * A call as it is described.
     *
     * @param responses each code with the types that such an answer has
     */
    private record Call(String method, String path, Map<String, List<String>> responses) {
        List<String> types() {
            return responses.values().stream().flatMap(List::stream).distinct().toList();
        }
    }

    private List<Call> calls() throws Exception {
        var calls = new ArrayList<Call>();
        Object description = new Yaml().load(server.send("GET", "/openapi.yml").body());
        map(map(description).get("paths"))
                .forEach((path, methods) -> map(methods).forEach((method, call) -> {
                    var responses = new LinkedHashMap<String, List<String>>();
                    map(map(call).get("responses"))
                            .forEach((code, response) -> responses.put(
                                    code,
                                    map(response).containsKey("content")
                                            ? List.copyOf(map(map(response).get("content"))
                                                    .keySet())
                                            : List.of()));
                    calls.add(new Call(method.toUpperCase(Locale.ROOT), path, responses));
                }));
        assertThat(calls).hasSizeGreaterThan(25);
        return calls;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(@Nullable Object node) {
        return (Map<String, Object>) requireNonNull(node);
    }

    /** A generated client sends each required member, and can send no other than those that are described. */
    @Test
    void a_change_of_a_plan_is_described_with_the_members_that_it_may_have_and_requires_none() throws Exception {
        Map<String, Object> description =
                map(new Yaml().load(server.send("GET", "/openapi.yml").body()));
        for (String path : List.of("patch /api/v1/backup/plan", "post /api/v1/backup/plan/preview")) {
            var members = new TreeSet<String>();
            Object body = at(
                    description,
                    "paths",
                    path.substring(path.indexOf('/')),
                    path.substring(0, path.indexOf(' ')),
                    "requestBody",
                    "content",
                    "application/json",
                    "schema");
            addMembers(description, body, "", members);
            assertThat(members).as(path).containsExactlyElementsOf(new TreeSet<>(PlanParser.NAMES));
        }
    }

    private static Object at(Object node, String... path) {
        Object found = node;
        for (String name : path) {
            found = requireNonNull(map(found).get(name), name);
        }
        return found;
    }

    private static void addMembers(Map<String, Object> description, Object schema, String before, Set<String> members) {
        Map<String, Object> described = map(schema);
        if (described.get("allOf") instanceof List<?> all) {
            described = map(all.getFirst());
        }
        if (described.get("$ref") instanceof String reference) {
            described = map(at(description, reference.substring("#/".length()).split("/")));
        }
        assertThat(described).as(before).doesNotContainKey("required");
        if (described.get("properties") == null) {
            members.add(before);
            return;
        }
        map(described.get("properties"))
                .forEach((name, member) ->
                        addMembers(description, member, before.isEmpty() ? name : before + "." + name, members));
    }

    /** Generated clients ask for the type that is described first. */
    @Test
    void success_is_described_first_and_json_before_other_types() throws Exception {
        for (Call call : calls()) {
            assertThat(call.responses().keySet().iterator().next())
                    .as(call.toString())
                    .isEqualTo(call.path().endsWith("/upload") ? "201" : "200");
            if (call.types().contains("application/json")) {
                assertThat(call.types().getFirst()).as(call.toString()).isEqualTo("application/json");
            }
        }
    }

    @Test
    void every_call_that_may_answer_with_a_problem_accepts_a_request_for_problems_alone() throws Exception {
        int tried = 0;
        for (Call call : calls()) {
            if (call.types().contains("application/problem+json")) {
                String path = call.path().replaceAll("\\{\\w+}", "app_20260413_142530.db");
                assertThat(server.status(call.method(), path, "Accept", "application/problem+json"))
                        .as(call.toString())
                        .isNotIn(405, 406);
                tried++;
            }
        }
        assertThat(tried).isGreaterThan(20);
        assertThat(server.status("GET", "/api/v1/backup", "Accept", "application/problem+json;q=0, text/html"))
                .isEqualTo(406);
        assertThat(server.send("GET", "/api/v1/backup", "Accept", "text/html, Application/Problem+JSON;q=0.5")
                        .headers()
                        .firstValue("Content-Type"))
                .hasValue("application/json");
    }

    /** An upload may not be called as one of these; see {@code Naming}. */
    @Test
    void no_word_behind_backup_in_an_address_can_be_the_name_of_an_upload() throws Exception {
        for (Call call : calls()) {
            var word = Pattern.compile("/api/v1/backup/([^/{]+)(/.*)?").matcher(call.path());
            if (word.matches()) {
                assertThat(Naming.SUB_RESOURCES).as(call.path()).contains(word.group(1));
            }
        }
    }

    private static long count(String pattern, String text) {
        return Pattern.compile(pattern, Pattern.MULTILINE)
                .matcher(text)
                .results()
                .count();
    }

    @Test
    void the_page_loads_only_what_the_server_has() throws Exception {
        HttpResponse<String> page = server.send("GET", "/docs/api");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
        var links = Pattern.compile("(?:src|href)=['\"]([^'\"]+)['\"]").matcher(page.body());
        int count = 0;
        while (links.find()) {
            String link = links.group(1);
            assertThat(link).doesNotContain("//");
            assertThat(server.send("GET", link.startsWith("/") ? link : "/docs/" + link)
                            .statusCode())
                    .as(link)
                    .isEqualTo(200);
            count++;
        }
        assertThat(count).isPositive();
        assertThat(page.body()).contains("/openapi.yml");
    }

    @ParameterizedTest
    @ValueSource(strings = {"..%2findex.html", "none.js", "..", "%2e%2e%2fopenapi.yml"})
    void nothing_but_the_pages_own_files_is_served(String file) throws Exception {
        assertThat(server.raw("GET", "/docs/api/res/" + file)).startsWith("HTTP/1.1 404 ");
    }
}
