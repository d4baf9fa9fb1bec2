package dev.holdfast.dialects.pocketbase;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rows of the contract about sign-in and the times at which tokens end. */
@Tag("adapter")
class SignInRowsTest extends ContractRowsFixture {
    @Test
    void whoever_guesses_passwords_waits() throws Exception {
        String wrong = "{\"identity\":\"ann\",\"password\":\"a guess\"}";
        for (int i = 0; i < 5; i++) {
            assertRefused(call("POST", SIGN_IN, wrong), 400, "Failed to authenticate.");
        }
        assertRefused(call("POST", SIGN_IN, wrong), 429, "Too Many Requests.");
        String right = "{\"identity\":\"ann\",\"password\":\"password of ann\"}";
        assertRefused(call("POST", SIGN_IN, right), 429, "Too Many Requests.");
        assertThat(call("GET", BACKUPS, "").status())
                .as("superusers' calls go on")
                .isEqualTo(200);
        server.clock.advance(Duration.ofMinutes(15));
        assertThat(call("POST", SIGN_IN, right).status()).isEqualTo(200);
    }

    @Test
    void a_sign_in_is_written_in_any_way_that_a_body_can_be() throws Exception {
        record Row(String path, String type, String body) {}
        String json = "{\"identity\":\"ann\",\"password\":\"password of ann\",\"identityField\":\"email\"}";
        String part = "--b\r\nContent-Disposition: form-data; name=\"";
        for (Row row : List.of(
                new Row(SIGN_IN, "application/json", json),
                new Row(SIGN_IN.replace("_superusers", "pbc_3142635823"), "application/json", json),
                new Row(SIGN_IN, "application/x-www-form-urlencoded", "identity=ann&password=password%20of+ann"),
                new Row(
                        SIGN_IN,
                        "multipart/form-data; boundary=b",
                        part + "identity\"\r\n\r\nann\r\n" + part + "password\"\r\n\r\npassword of ann\r\n--b--\r\n"),
                new Row(
                        SIGN_IN,
                        "multipart/form-data; boundary=b",
                        part + "@jsonPayload\"\r\n\r\n" + json + "\r\n--b--\r\n"))) {
            Answer answer = server.send("POST", row.path(), row.body(), "Content-Type", row.type());
            assertThat(answer.status()).as(row + answer.text()).isEqualTo(200);
            assertThat(answer.at("record.collectionName")).isEqualTo("_superusers");
            assertThat(answer.text()).doesNotContain("meta", "tokenKey", "\"password\"");
        }
    }

    @Test
    void a_sign_in_names_the_fields_that_are_wrong_with_their_limits() throws Exception {
        String blank = "{\"code\":\"validation_required\",\"message\":\"Cannot be blank.\"}";
        String length = "{\"code\":\"validation_length_out_of_range\",\"message\":\"The length must be between 1 and "
                + "255.\",\"params\":{\"max\":255,\"min\":1}}";
        assertRefused(
                call("POST", SIGN_IN, ""), 400, INVALID, "{\"identity\":" + blank + ",\"password\":" + blank + "}");
        assertRefused(
                call("POST", SIGN_IN, "{\"identity\":\"ann\",\"password\":\"" + "x".repeat(256) + "\"}"),
                400,
                INVALID,
                "{\"password\":" + length + "}");
        assertRefused(
                call("POST", SIGN_IN, "{\"identity\":\"" + "ä".repeat(128) + "\",\"password\":\"x\"}"),
                400,
                INVALID,
                "{\"identity\":" + length + "}");
    }

    @Test
    void a_file_token_lasts_three_minutes_and_opens_every_backup_as_often_as_one_likes() throws Exception {
        assertDone(create("one.zip"));
        assertDone(create("two.zip"));
        Answer given = call("POST", "/api/files/token", "");
        assertThat(given.status()).isEqualTo(200);
        String file = given.at("token");
        assertThat(claims(file)).contains("\"type\":\"file\"", "\"collectionId\":\"pbc_3142635823\"");
        for (String path : List.of("/one.zip?token=", "/two.zip?token=", "/one.zip?token=")) {
            assertThat(server.send("GET", BACKUPS + path + file, "").status()).isEqualTo(200);
        }
        server.clock.advance(Duration.ofSeconds(179));
        assertThat(server.send("GET", BACKUPS + "/one.zip?token=" + file, "").status())
                .isEqualTo(200);
        server.clock.advance(Duration.ofSeconds(1));
        assertRefused(server.send("GET", BACKUPS + "/one.zip?token=" + file, ""), 403, CLOSED);
        assertRefused(call("GET", BACKUPS + "/one.zip?token=" + file, ""), 403, CLOSED);
        assertRefused(server.send("GET", BACKUPS + "/one.zip?token=" + file, "", "Range", "bytes=5-"), 403, CLOSED);
        assertRefused(server.send("POST", "/api/files/token", ""), 401, NEEDS_TOKEN);
    }

    private static String claims(String jwt) {
        return new String(Base64.getUrlDecoder().decode(jwt.split("\\.", -1)[1]), UTF_8);
    }

    @Test
    void a_superusers_token_lasts_a_day_and_may_be_renewed_before() throws Exception {
        server.clock.advance(Duration.ofSeconds(86_399));
        String renewed = call("POST", COLLECTION + "/auth-refresh", "").at("token");
        server.clock.advance(Duration.ofSeconds(1));
        assertRefused(call("GET", BACKUPS, ""), 401, NEEDS_TOKEN);
        assertRefused(call("POST", COLLECTION + "/auth-refresh", ""), 401, NEEDS_TOKEN);
        assertRefused(call("POST", "/api/files/token", ""), 401, NEEDS_TOKEN);
        assertRefused(server.send("POST", COLLECTION + "/auth-refresh", ""), 401, NEEDS_TOKEN);
        assertThat(call("GET", "/api/health", "").text()).as("as for guests").contains("\"data\":{}");
        token = renewed;
        assertThat(keys()).isEmpty();
    }

    @Test
    void an_impersonating_token_lasts_as_long_as_it_is_asked_to() throws Exception {
        String id = call("POST", COLLECTION + "/auth-refresh", "").at("record.id");
        String path = COLLECTION + "/impersonate/" + id;
        long now = PocketBaseServerFixture.BEGIN.getEpochSecond();
        for (String body : List.of("", "{}", "{\"duration\":0}")) {
            assertThat(claims(call("POST", path, body).at("token")))
                    .contains("\"refreshable\":false", "\"exp\":" + (now + 86_400));
        }
        assertThat(claims(call("POST", path, "{\"duration\":60}").at("token"))).contains("\"exp\":" + (now + 60));
        for (String body : List.of("{\"duration\":\"soon\"}", "{\"duration\":[]}", "{")) {
            assertRefused(call("POST", path, body), 400, UNREADABLE);
        }
        assertRefused(
                call("POST", path, "{\"duration\":-1}"),
                400,
                INVALID,
                "{\"duration\":{\"code\":\"validation_min_greater_equal_than_required\",\"message\":\"Must be no less than 0.\","
                        + "\"params\":{\"threshold\":0}}}");
        assertThat(call("POST", path, "{\"duration\":315360000}").status()).isEqualTo(200);
        assertRefused(
                call("POST", path, "{\"duration\":315360001}"),
                400,
                INVALID,
                "{\"duration\":{\"code\":\"validation_max_less_equal_than_required\",\"message\":\"Must be no greater than "
                        + "315360000.\",\"params\":{\"threshold\":315360000}}}");
    }

    @Test
    void without_access_control_everybody_is_a_superuser_but_no_page_of_another_origin() throws Exception {
        try (var open = new PocketBaseServerFixture(false, "Acme")) {
            assertDone(open.send("POST", BACKUPS, ""));
            assertThat(open.send("GET", BACKUPS, "").status()).isEqualTo(200);
            assertThat(open.send("GET", "/api/health", "").at("data.canBackup")).isEqualTo("true");
            assertThat(open.send("GET", BACKUPS + "/pb_backup_acme_20240115120000.zip", "")
                            .status())
                    .isEqualTo(200);
            String file = open.send("POST", "/api/files/token", "").at("token");
            assertThat(open.send("GET", BACKUPS + "/pb_backup_acme_20240115120000.zip?token=" + file, "")
                            .status())
                    .isEqualTo(200);
            // Each user with an account is a superuser.
            assertThat(open.signIn("otto")).isNotEmpty();
            assertRefused(
                    open.send(
                            "POST",
                            SIGN_IN,
                            "{\"identity\":\"stranger\",\"password\":\"x\"}",
                            "Content-Type",
                            "application/json"),
                    400,
                    "Failed to authenticate.");
            Answer foreign = open.send("GET", BACKUPS, "", "Origin", "https://admin.example");
            assertThat(foreign.status()).isEqualTo(403);
            assertThat(foreign.at("message")).startsWith("Access control is off");
            assertThat(foreign.at("status")).isEqualTo("403");
        }
    }
}
