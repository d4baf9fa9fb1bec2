package dev.holdfast.rest.v1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.backup.RestoreBackup;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.identity.DatabaseName;
import java.net.http.HttpResponse;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestBackupCallsTest {
    private static final String ONE = "/api/v1/backup/" + OneBackupUseCases.NAME;
    private static final String ONE_JSON = "{\"filename\":\"app_20260413_142530.db\",\"size\":1000,"
            + "\"created_at\":\"2026-04-13T14:25:30.000000\",\"database\":\"default\",\"sha256\":\""
            + OneBackupUseCases.sha256(OneBackupUseCases.bytes(1000))
            + "\",\"origin\":\"manual\",\"layout\":\"sqlite\",\"verification\":{\"state\":\"passed\",\"depth\":\"quick\","
            + "\"at\":\"2026-04-13T14:25:31Z\",\"finding\":null},\"pinned\":false,\"labels\":{}}";

    private RestServerFixture server = RestServerFixture.start();

    @BeforeAll
    void start() {
        server.fake.reset();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void reset() {
        server.fake.reset();
    }

    @Test
    void creating_answers_with_exactly_four_members() throws Exception {
        HttpResponse<String> response = server.send("POST", "/api/v1/backup");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(response.headers().firstValue("Operation-Id")).isPresent();
        assertThat(response.body())
                .isEqualTo("{\"database\":\"default\",\"filename\":\"app_20260413_142530.db\",\"size\":1000,"
                        + "\"created_at\":\"2026-04-13T14:25:30.000000\"}");
    }

    @Test
    void listing_answers_with_the_page_and_the_token_of_the_next_one() throws Exception {
        assertThat(server.send("GET", "/api/v1/backup").body())
                .isEqualTo("{\"backups\":[" + ONE_JSON + "],\"next_page_token\":\"\"}");
        assertThat(server.send("GET", "/api/v1/backup?page_size=1").body()).endsWith("\"next_page_token\":\"next\"}");
    }

    @Test
    void one_backup_is_shown_with_all_that_is_known() throws Exception {
        assertThat(server.send("GET", ONE).body()).isEqualTo(ONE_JSON);
    }

    @Test
    void the_other_database_of_a_foreign_backup_is_shown() throws Exception {
        server.fake.backup.updateAndGet(it -> it.inStoreOf(it.database(), Optional.of(new DatabaseName("shop"))));
        assertThat(server.send("GET", ONE).body())
                .isEqualTo(ONE_JSON.substring(0, ONE_JSON.length() - 1) + ",\"foreign\":\"shop\"}");
    }

    @Test
    void restoring_tells_what_the_caller_insists_on_and_which_other_database_it_was() throws Exception {
        server.fake.backup.updateAndGet(it -> it.inStoreOf(it.database(), Optional.of(new DatabaseName("shop"))));
        assertThat(server.send("POST", ONE + "/restore?allow_foreign=true").body())
                .endsWith("\"safety_backup\":\"app_20260413_150000.db\",\"foreign\":\"shop\"}");
        server.send("POST", ONE + "/restore?allow_corrupt=true");
        assertThat(server.fake.allowed)
                .containsExactly(new RestoreBackup.Allowed(false, true), new RestoreBackup.Allowed(true, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"allow_foreign=yes", "allow_foreign=", "allow_corrupt=1", "allow_corrupt=True"})
    void restoring_refuses_what_is_neither_true_nor_false(String insisted) throws Exception {
        assertThat(server.send("POST", ONE + "/restore?" + insisted).statusCode())
                .isEqualTo(400);
        assertThat(server.fake.allowed).isEmpty();
    }

    @Test
    void restoring_names_the_safety_backup() throws Exception {
        assertThat(server.send("POST", ONE + "/restore").body())
                .isEqualTo("{\"database\":\"default\",\"restored_from\":\"app_20260413_142530.db\","
                        + "\"safety_backup\":\"app_20260413_150000.db\"}");
    }

    @Test
    void deleting_says_so() throws Exception {
        HttpResponse<String> response = server.send("DELETE", ONE);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"status\":\"deleted\"}");
    }

    @Test
    void verifying_is_full_unless_the_body_says_otherwise() throws Exception {
        assertThat(server.send("POST", ONE + "/verify").body())
                .isEqualTo("{\"database\":\"default\",\"filename\":\"app_20260413_142530.db\",\"verification\":"
                        + "{\"state\":\"corrupt\",\"depth\":\"full\",\"at\":\"2026-04-13T14:25:30Z\","
                        + "\"finding\":\"page 3 is gone\"}}");
        server.sendBody("POST", ONE + "/verify", "{\"depth\":\"checksum\"}", "Content-Type", "application/json");
        server.sendBody("POST", ONE + "/verify", "{}", "Content-Type", "application/json");
        assertThat(server.fake.depths).containsExactly(Depth.FULL, Depth.CHECKSUM, Depth.FULL);
    }

    @Test
    void a_patch_pins_and_labels() throws Exception {
        HttpResponse<String> response = patch("{\"pinned\":true,\"labels\":{\"why\":\"before 2.0\"}}");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).endsWith("\"pinned\":true,\"labels\":{\"why\":\"before 2.0\"}}");
        assertThat(patch("{\"labels\":{}}").body()).endsWith("\"pinned\":true,\"labels\":{}}");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
                    {"pin":true,"zeal":1}      | body   | pin, zeal
                    {"pinned":"yes"}           | pinned | true or false
                    {"pinned":null}            | pinned | true or false
                    {"labels":["a"]}           | labels | an object
                    {"labels":{"a":1}}         | labels | an object
                    {"labels":{"":"x"}}        | labels | at most 32
                    []                         | body   | JSON object
                    """)
    void a_patch_that_does_not_fit_is_told_what_is_wrong(String body, String field, String said) throws Exception {
        HttpResponse<String> response = patch(body);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("\"code\":\"invalid-argument\"", "\"field\":\"" + field + "\"", said);
    }

    @Test
    void a_depth_that_does_not_exist_is_refused() throws Exception {
        HttpResponse<String> response =
                server.sendBody("POST", ONE + "/verify", "{\"depth\":\"deep\"}", "Content-Type", "application/json");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("depth is one of checksum, quick, full.");
    }

    @Test
    void the_database_is_default_unless_the_query_names_another() throws Exception {
        server.send("GET", "/api/v1/backup");
        HttpResponse<String> response = server.send("GET", "/api/v1/backup?database=other");
        assertThat(server.fake.databases).containsExactly("default", "other");
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).contains("\"code\":\"database-not-found\"");
    }

    @Test
    void an_idempotency_key_goes_to_the_use_case() throws Exception {
        server.send("POST", "/api/v1/backup", "Idempotency-Key", "k-1");
        assertThat(server.fake.requesters).containsExactly(new Requester("anonymous", Optional.of("k-1")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "two words",
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
                        + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
                        + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
                        + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
            })
    void an_idempotency_key_of_another_form_is_refused(String key) throws Exception {
        HttpResponse<String> response = server.send("POST", "/api/v1/backup", "Idempotency-Key", key);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("\"field\":\"Idempotency-Key\"");
        assertThat(server.fake.requesters).isEmpty();
    }

    @Test
    void a_client_that_prefers_it_need_not_wait() throws Exception {
        server.fake.ending.set(null);
        HttpResponse<String> response = server.send("POST", "/api/v1/backup", "Prefer", "wait=5, Respond-Async");
        assertThat(response.statusCode()).isEqualTo(202);
        assertThat(response.headers().firstValue("Preference-Applied")).hasValue("respond-async");
        String location = response.headers().firstValue("Location").orElseThrow();
        assertThat(location).startsWith("/api/v1/operations/");
        assertThat(response.body()).contains("\"state\":\"running\"", "\"result\":null", "\"error\":null");
        HttpResponse<String> polled = server.send("GET", location);
        assertThat(polled.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(polled.body()).isEqualTo(response.body());
    }

    @Test
    void databases_are_shown_with_how_their_backups_stand() throws Exception {
        assertThat(server.send("GET", "/api/v1/databases").body())
                .isEqualTo("{\"databases\":[{\"name\":\"default\",\"profile\":\"native\",\"source\":\"present\","
                        + "\"source_size\":4096,\"backup_count\":3,\"corrupt_count\":2,\"total_size\":1000,\"last_success\":\"2026-04-13T14:25:30Z\","
                        + "\"next_run\":\"2026-04-13T15:25:30Z\",\"freshness\":\"stale\",\"last_proven_restorable\":null,"
                        + "\"newest_backup\":" + ONE_JSON + ",\"problem\":null}]}");
    }

    private HttpResponse<String> patch(String body) throws Exception {
        return server.sendBody("PATCH", ONE, body, "Content-Type", "application/json");
    }
}
