package dev.holdfast.rest.v1;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApiDescriptionTest {
    private final RestServerFixture server = RestServerFixture.start();

    @AfterAll
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
