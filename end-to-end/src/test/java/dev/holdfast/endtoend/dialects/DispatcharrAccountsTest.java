package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Command;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may call Dispatcharr's APIs: sign-in, tokens, and accounts that have gone. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class DispatcharrAccountsTest extends DispatcharrCalls {
    @ParameterizedTest
    @CsvSource({
        "GET, /api/backups/",
        "POST, /api/backups/create/",
        "POST, /api/backups/upload/",
        "GET, /api/backups/schedule/",
        "PUT, /api/backups/schedule/update/",
        "GET, /api/backups/any.zip/download-token/",
        "DELETE, /api/backups/any.zip/delete/",
        "POST, /api/backups/any.zip/restore/",
        "GET, /api/backups/jobs/",
        "POST, /api/backups/jobs/",
        "GET, /api/backups/jobs/1/",
        "DELETE, /api/backups/jobs/1/",
        "POST, /api/backups/jobs/1/cancel/",
        "GET, /api/backups/jobs/1/download/",
        "POST, /api/backups/jobs/1/restore/",
        "POST, /api/backups/jobs/restore-upload/",
        "GET, /api/backups/settings/",
        "PUT, /api/backups/settings/",
    })
    void admins_calls_are_nobody_elses(String method, String path) throws Exception {
        Answer nobody = server.send(method, path, new byte[0]);
        assertDetail(nobody, 401, "Authentication credentials were not provided.");
        assertThat(nobody.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"api\"");

        Answer wrong = server.send(method, path, new byte[0], "Authorization", "Bearer x.y.z");
        assertDetail(wrong, 401, "Given token not valid for any token type");
        assertThat(wrong.json().path("code").asText()).isEqualTo("token_not_valid");
        assertThat(wrong.json().at("/messages/0/message").asText()).isEqualTo("Token is invalid");
        assertThat(wrong.json().at("/messages/0/token_class").asText()).isEqualTo("AccessToken");

        Answer other = server.send(method, path, new byte[0], "Authorization", "Bearer " + viewer);
        assertDetail(other, 403, "You do not have permission to perform this action.");
    }

    @Test
    void a_sign_in_gives_two_tokens_of_which_one_renews_the_other() throws Exception {
        long before = Instant.now().getEpochSecond();
        JsonNode granted = server.signIn(DispatcharrInstallation.ADMIN, DispatcharrInstallation.PASSWORD);
        long after = Instant.now().getEpochSecond();
        assertThat(granted.fieldNames()).toIterable().containsExactly("refresh", "access");
        assertThat(end(granted.path("access").asText()) - 1_800).isBetween(before, after);
        assertThat(end(granted.path("refresh").asText()) - 86_400).isBetween(before, after);

        Answer renewed = post(
                "/api/accounts/token/refresh/",
                "{\"refresh\":\"" + granted.path("refresh").asText() + "\"}");
        assertThat(renewed.status()).isEqualTo(200);
        assertThat(renewed.json().fieldNames()).toIterable().containsExactly("access");
        String access = renewed.json().path("access").asText();
        assertThat(get("/api/backups/", "Authorization", "Bearer " + access).status())
                .isEqualTo(200);

        for (String wrong : List.of(access, "nonsense")) {
            Answer refused = post("/api/accounts/token/refresh/", "{\"refresh\":\"" + wrong + "\"}");
            assertDetail(refused, 401, "Token is invalid");
            assertThat(refused.json().path("code").asText()).isEqualTo("token_not_valid");
        }
        assertDetail(
                get(
                        "/api/backups/",
                        "Authorization",
                        "Bearer " + granted.path("refresh").asText()),
                401,
                "Given token not valid for any token type");
        assertThat(get("/api/v1/databases", "Authorization", "Bearer " + access).status())
                .as("the tokens of this API open no other")
                .isEqualTo(401);
    }

    private static long end(String token) throws Exception {
        return JSON.readTree(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]))
                .path("exp")
                .asLong();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/accounts/token/", "/api/accounts/auth/login/"})
    void a_sign_in_that_fails_says_why(String path) throws Exception {
        Answer missing = post(path, "{}");
        assertThat(missing.status()).isEqualTo(400);
        assertThat(missing.text())
                .isEqualTo("{\"username\":[\"This field is required.\"],\"password\":[\"This field is required.\"]}");
        assertDetail(
                post(path, "{\"username\":\"nobody" + path.length() + "\",\"password\":\"x\"}"),
                401,
                "No active account found with the given credentials");
        Answer form = server.send(
                "POST",
                path,
                ("username=admin&password=" + DispatcharrInstallation.PASSWORD.replace(' ', '+')).getBytes(UTF_8),
                "Content-Type",
                "application/x-www-form-urlencoded");
        assertThat(form.status()).isEqualTo(200);
    }

    @Test
    void who_guesses_too_often_has_to_wait() throws Exception {
        Answer last = post("/api/accounts/token/", "{\"username\":\"guessed\",\"password\":\"x\"}");
        for (int i = 0; i < 5; i++) {
            last = post("/api/accounts/token/", "{\"username\":\"guessed\",\"password\":\"x\"}");
        }
        assertThat(last.status()).isEqualTo(429);
        assertThat(last.text("detail"))
                .isEqualTo("Request was throttled. Expected available in " + last.header("Retry-After") + " seconds.");
    }

    @Test
    void a_token_of_somebody_who_is_gone_says_so() throws Exception {
        Path dataDir = server.options.dataDir();
        Command.run(dataDir, "password of gone", "user", "add", "gone", "--role", "admin", "--password-stdin");
        String access = server.signIn("gone", "password of gone").path("access").asText();
        String key = server.send(
                        "POST", "/api/accounts/api-keys/generate/", new byte[0], "Authorization", "Bearer " + access)
                .json()
                .path("key")
                .asText();
        assertThat(get("/api/backups/", "X-API-Key", key).status()).isEqualTo(200);
        Command.run(dataDir, "", "user", "remove", "gone");

        Answer refused = get("/api/backups/", "Authorization", "Bearer " + access);
        assertDetail(refused, 401, "User not found");
        assertThat(refused.json().path("code").asText()).isEqualTo("user_not_found");
        assertDetail(get("/api/backups/", "X-API-Key", key), 401, "Invalid API key");
    }

    @Test
    void who_i_am_is_answered_with_a_level() throws Exception {
        JsonNode me = server.call("GET", "/api/accounts/users/me/").json();
        assertThat(me.path("username").asText()).isEqualTo("admin");
        assertThat(me.path("user_level").asInt()).isEqualTo(10);
        assertThat(me.path("id").isIntegralNumber()).isTrue();
        assertThat(me.path("custom_properties").isObject()).isTrue();
        assertThat(get("/api/accounts/users/me/", "Authorization", "Bearer " + viewer)
                        .json()
                        .path("user_level")
                        .asInt())
                .isEqualTo(1);
        assertThat(get("/api/accounts/users/me/").status()).isEqualTo(401);
        assertThat(get("/api/accounts/initialize-superuser/").text()).isEqualTo("{\"superuser_exists\":true}");
        assertThat(post("/api/accounts/initialize-superuser/", "{}").text()).isEqualTo("{\"superuser_exists\":true}");
    }

    @Test
    void the_first_admin_is_made_on_the_server_itself(@TempDir Path directory) throws Exception {
        String path = "/api/accounts/initialize-superuser/";
        try (var empty = DispatcharrInstallation.withoutAccounts(directory)) {
            assertThat(empty.call("GET", path).text()).isEqualTo("{\"superuser_exists\":false}");
            Answer incomplete = empty.call("POST", path, "{\"username\":\"eve\",\"password\":\"\"}");
            assertThat(incomplete.status()).isEqualTo(400);
            assertThat(incomplete.text()).isEqualTo("{\"error\":\"Username and password are required.\"}");
            Answer refused =
                    empty.call("POST", path, "{\"username\":\"eve\",\"password\":\"password of eve\",\"email\":\"\"}");
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.json().path("error").asText()).contains("holdfast user add");
            assertThat(empty.call("GET", path).text()).isEqualTo("{\"superuser_exists\":false}");
        }
    }

    @Test
    void a_token_that_is_over_says_so() throws Exception {
        JsonNode granted = server.signIn(DispatcharrInstallation.ADMIN, DispatcharrInstallation.PASSWORD);
        Answer refused = get(
                BACKUPS,
                "Authorization",
                "Bearer " + over(granted.path("access").asText()));
        assertDetail(refused, 401, "Given token not valid for any token type");
        assertThat(refused.json().path("messages").toString())
                .isEqualTo("[{\"token_class\":\"AccessToken\",\"token_type\":\"access\","
                        + "\"message\":\"Token is expired\"}]");
        Answer notRefreshed = post(
                "/api/accounts/token/refresh/",
                "{\"refresh\":\"" + over(granted.path("refresh").asText()) + "\"}");
        assertDetail(notRefreshed, 401, "Token is invalid");
        assertThat(notRefreshed.json().path("code").asText()).isEqualTo("token_not_valid");
    }

    /** The same token, had it been given a day earlier. */
    private static String over(String token) throws Exception {
        String[] parts = token.split("\\.", -1);
        var claims = (ObjectNode) JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
        claims.put("exp", claims.path("iat").asLong() - 1);
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        String signed = parts[0] + "." + base64.encodeToString(JSON.writeValueAsBytes(claims));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(DispatcharrInstallation.SECRET.getBytes(UTF_8), mac.getAlgorithm()));
        return signed + "." + base64.encodeToString(mac.doFinal(signed.getBytes(UTF_8)));
    }
}
