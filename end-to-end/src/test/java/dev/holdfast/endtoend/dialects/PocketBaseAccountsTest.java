package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Command;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may call PocketBase's API: its sign-in, its tokens, and what ends them. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PocketBaseAccountsTest extends PocketBaseCalls {
    @ParameterizedTest
    @CsvSource({
        "GET, /api/backups",
        "POST, /api/backups",
        "POST, /api/backups/upload",
        "POST, /api/backups/kept.zip/restore",
        "POST, /api/backups/kept.zip/download-token",
        "DELETE, /api/backups/kept.zip",
        "GET, /api/settings",
        "PATCH, /api/settings",
        "POST, /api/settings/test/s3",
        "GET, /api/crons",
        "POST, /api/crons/__pbAutoBackup__",
        "POST, /api/collections/_superusers/impersonate/x",
    })
    void superusers_calls_are_nobody_elses(String method, String path) throws Exception {
        byte[] broken = "{".getBytes(UTF_8);
        for (String[] shown :
                new String[][] {{}, {"Authorization", "x.y.z"}, {"Authorization", "Bearer " + token + "x"}}) {
            Answer nobody = send(method, path, broken, shown);
            assertRefused(nobody, 401, "The request requires valid record authorization token.", Map.of());
        }
        Answer other = send(method, path, broken, "Authorization", operator);
        assertRefused(other, 403, "The authorized record is not allowed to perform this action.", Map.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer ", "bearer "})
    void a_token_stands_in_the_header_as_it_is_or_as_a_bearers(String before) throws Exception {
        assertThat(send("GET", BACKUPS, new byte[0], "Authorization", before + token)
                        .status())
                .isEqualTo(200);
        assertThat(send("POST", "/api/files/token", new byte[0], "Authorization", before + operator)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void the_tokens_of_this_api_open_no_other() throws Exception {
        for (String path : List.of("/api/v1/backup?database=pb", "/api/v1/databases", "/metrics")) {
            assertThat(send("GET", path, new byte[0], "Authorization", "Bearer " + token)
                            .status())
                    .as(path)
                    .isEqualTo(401);
        }
    }

    @Test
    void a_sign_in_gives_what_the_sdks_read() throws Exception {
        long before = Instant.now().getEpochSecond();
        JsonNode granted = signIn(PocketBaseInstallation.EMAIL, PocketBaseInstallation.PASSWORD);
        long after = Instant.now().getEpochSecond();

        JsonNode record = granted.path("record");
        assertThat(record.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "collectionId",
                        "collectionName",
                        "created",
                        "email",
                        "emailVisibility",
                        "id",
                        "updated",
                        "verified");
        assertThat(record.path("collectionId").asText()).isEqualTo("pbc_3142635823");
        assertThat(record.path("collectionName").asText()).isEqualTo("_superusers");
        assertThat(record.path("id").asText()).matches("[a-z0-9]{15}");
        assertThat(record.path("created").asText()).matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
        String[] parts = granted.path("token").asText().split("\\.", -1);
        assertThat(parts).hasSize(3);
        assertThat(parts[1]).as("what atob decodes").matches("[A-Za-z0-9]+");
        JsonNode claims = JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
        assertThat(claims.path("type").asText()).isEqualTo("auth");
        assertThat(claims.path("id")).isEqualTo(record.path("id"));
        assertThat(claims.path("collectionId").asText()).isEqualTo("pbc_3142635823");
        assertThat(claims.path("refreshable").asBoolean()).isTrue();
        assertThat(claims.path("exp").isIntegralNumber()).isTrue();
        assertThat(claims.path("exp").asLong() - 86_400).isBetween(before, after);
    }

    @Test
    void a_sign_in_that_fails_says_no_more_than_that() throws Exception {
        String failed = "Failed to authenticate.";
        record Row(String type, String body, int status, String message, Map<String, String> codes) {}
        String id = PocketBaseInstallation.EMAIL;
        List<Row> rows = List.of(
                new Row(JSON_TYPE, "{\"identity\":\"" + id + "\",\"password\":\"x\"}", 400, failed, Map.of()),
                new Row(JSON_TYPE, "{\"identity\":\"no@example.com\",\"password\":\"x\"}", 400, failed, Map.of()),
                new Row(JSON_TYPE, "{\"identity\":\"olga\",\"password\":\"password of olga\"}", 400, failed, Map.of()),
                new Row(
                        JSON_TYPE,
                        "{}",
                        400,
                        INVALID,
                        Map.of("identity", "validation_required", "password", "validation_required")),
                new Row(
                        JSON_TYPE,
                        "{\"identity\":\"" + "x".repeat(256) + "\",\"password\":\"x\"}",
                        400,
                        INVALID,
                        Map.of("identity", "validation_length_out_of_range")),
                new Row(JSON_TYPE, "{\"identity\":", 400, UNREADABLE, Map.of()),
                new Row(JSON_TYPE, "{\"identity\":1}", 400, UNREADABLE, Map.of()));
        for (Row row : rows) {
            assertRefused(
                    send("POST", SIGN_IN, row.body().getBytes(UTF_8), "Content-Type", row.type()),
                    row.status(),
                    row.message(),
                    row.codes());
        }
        assertRefused(send("POST", SIGN_IN, "x".getBytes(UTF_8)), 400, "Unsupported Content-Type.", Map.of());
        assertRefused(
                send("POST", SIGN_IN.replace("_superusers", "users"), new byte[0]),
                404,
                "Missing or invalid auth collection context.",
                Map.of());
    }

    @Test
    void tokens_are_renewed_and_given_for_long() throws Exception {
        JsonNode refreshed =
                json("POST", "/api/collections/_superusers/auth-refresh", "").json();
        assertThat(refreshed.path("record").path("email").asText()).isEqualTo(PocketBaseInstallation.EMAIL);
        assertThat(refreshed.path("token").asText()).isNotEmpty();
        String address = "/api/collections/pbc_3142635823/impersonate/"
                + refreshed.path("record").path("id").asText();
        long before = Instant.now().getEpochSecond();
        String lasting = json("POST", address, "{\"duration\":7200}")
                .json()
                .path("token")
                .asText();
        JsonNode claims = JSON.readTree(Base64.getUrlDecoder().decode(lasting.split("\\.", -1)[1]));
        assertThat(claims.path("refreshable").asBoolean()).isFalse();
        assertThat(claims.path("exp").asLong() - 7_200)
                .isBetween(before, Instant.now().getEpochSecond());
        Answer same = send("POST", "/api/collections/_superusers/auth-refresh", new byte[0], "Authorization", lasting);
        assertThat(same.json().path("token").asText()).isEqualTo(lasting);
        assertRefused(
                send("POST", "/api/collections/_superusers/auth-refresh", new byte[0], "Authorization", operator),
                403,
                "The request requires auth record from _superusers collection.",
                Map.of());
        assertRefused(json("POST", address.replaceAll("[^/]+$", "nobody"), ""), 404, NOT_FOUND, Map.of());
    }

    @Test
    void another_password_and_a_removed_account_end_their_tokens() throws Exception {
        Command.run(dataDir, "password of anna", "user", "add", "anna", "--role", "admin", "--password-stdin");
        String before = signIn("anna", "password of anna").path("token").asText();
        assertThat(send("GET", BACKUPS, new byte[0], "Authorization", before).status())
                .isEqualTo(200);
        Command.run(dataDir, "another password", "user", "password", "anna", "--password-stdin");
        assertThat(send("GET", BACKUPS, new byte[0], "Authorization", before).status())
                .isEqualTo(401);
        String after = signIn("anna", "another password").path("token").asText();
        String file = send("POST", "/api/files/token", new byte[0], "Authorization", after)
                .json()
                .path("token")
                .asText();
        String address = BACKUPS + "/kept.zip?token=" + file;
        assertThat(send("GET", address, new byte[0]).status()).isEqualTo(200);
        Command.run(dataDir, "", "user", "remove", "anna");
        assertThat(send("GET", BACKUPS, new byte[0], "Authorization", after).status())
                .isEqualTo(401);
        assertRefused(send("GET", address, new byte[0]), 403, CLOSED, Map.of());
    }
}
