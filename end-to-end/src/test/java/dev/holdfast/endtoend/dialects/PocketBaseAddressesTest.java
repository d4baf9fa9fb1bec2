package dev.holdfast.endtoend.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client.Answer;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PocketBase's health check, unknown addresses, the prefix and other origins. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PocketBaseAddressesTest extends PocketBaseCalls {
    @Test
    void health_tells_superusers_more() throws Exception {
        String healthy = "{\"message\":\"API is healthy.\",\"code\":200,\"data\":{}}\n";
        assertThat(send("GET", "/api/health", new byte[0]).text()).isEqualTo(healthy);
        assertThat(send("GET", "/api/health", new byte[0], "Authorization", operator)
                        .text())
                .isEqualTo(healthy);
        Answer answer = call("GET", "/api/health", "", "X-Forwarded-For", "10.0.0.1");
        assertThat(answer.json().at("/data/realIP").asText()).isEqualTo("127.0.0.1");
        assertThat(answer.json().at("/data/possibleProxyHeader").asText()).isEqualTo("X-Forwarded-For");
        assertThat(answer.json().at("/data/canBackup").isBoolean()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/nothing",
        "GET, /api",
        "POST, /api/",
        "PUT, /api/backups",
        "DELETE, /api/settings",
        "POST, /api/health",
        "GET, /pocketbase/api/nothing",
        "PATCH, /pocketbase/api/backups",
        "GET, /api/admins/auth-with-password",
    })
    void what_is_not_there_is_not_found_in_the_same_words(String method, String path) throws Exception {
        assertRefused(send(method, path, new byte[0]), 404, NOT_FOUND, Map.of());
    }

    @Test
    void the_prefix_and_the_root_answer_alike_and_the_nativeTokenapi_stays() throws Exception {
        assertThat(call("GET", "/pocketbase/api/settings", "").text())
                .isEqualTo(call("GET", "/api/settings", "").text());
        Answer nativeAnswer = send("GET", "/api/v1/nothing", new byte[0]);
        assertThat(nativeAnswer.header("Content-Type")).startsWith("application/problem+json");
        assertThat(send("GET", "/jobops/api/backups", new byte[0]).header("Content-Type"))
                .startsWith("application/problem+json");
    }

    @Test
    void other_origins_are_let_in() throws Exception {
        Answer answer = call("GET", BACKUPS, "", "Origin", "https://admin.example");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(answer.headers().firstValue("Access-Control-Allow-Credentials"))
                .isEmpty();
        Answer preflight = send(
                "OPTIONS",
                BACKUPS,
                new byte[0],
                "Origin",
                "https://admin.example",
                "Access-Control-Request-Method",
                "POST",
                "Access-Control-Request-Headers",
                "authorization,content-type");
        assertThat(preflight.status()).isEqualTo(204);
        assertThat(preflight.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(preflight.header("Access-Control-Allow-Methods")).isEqualTo("GET,HEAD,PUT,PATCH,POST,DELETE");
        assertThat(preflight.header("Access-Control-Allow-Headers")).isEqualTo("authorization,content-type");
        assertCommonHeaders(preflight);
        assertThat(call("GET", BACKUPS, "").headers().firstValue("Access-Control-Allow-Origin"))
                .isEmpty();
    }
}
