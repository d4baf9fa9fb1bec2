package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Command;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The API keys of Dispatcharr's users: who makes them, what they open, and when they end. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class DispatcharrApiKeysTest extends DispatcharrCalls {
    @Test
    void an_api_key_ends_with_the_password_and_is_made_for_nobody_who_has_none() throws Exception {
        Path dataDir = server.options.dataDir();
        String keys = "/api/accounts/api-keys/generate/";
        Command.run(dataDir, "password of kim", "user", "add", "kim", "--role", "admin", "--password-stdin");
        String access = server.signIn("kim", "password of kim").path("access").asText();
        String key = server.send("POST", keys, new byte[0], "Authorization", "Bearer " + access)
                .json()
                .path("key")
                .asText();
        assertThat(get("/api/backups/", "X-API-Key", key).status()).isEqualTo(200);
        Command.run(dataDir, "another of kim", "user", "password", "kim", "--password-stdin");
        assertDetail(get("/api/backups/", "X-API-Key", key), 401, "Invalid API key");

        String token = Command.run(dataDir, "", "token", "create", "--name", "cron", "--role", "admin")
                .strip();
        assertThat(get("/api/backups/", "X-API-Key", token).status()).isEqualTo(200);
        Answer refused = server.send("POST", keys, new byte[0], "X-API-Key", token);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.text("detail")).contains("service token");
    }

    @Test
    void an_api_key_opens_what_its_user_may_do_until_it_is_replaced_or_revoked() throws Exception {
        String keys = "/api/accounts/api-keys/";
        assertThat(get(keys, "Authorization", "Bearer " + viewer).text()).isEqualTo("{\"key\":null}");
        Answer made = server.call("POST", keys + "generate/", "{}");
        assertThat(made.status()).isEqualTo(201);
        String key = made.json().path("key").asText();
        assertThat(key).matches("[A-Za-z0-9_-]{54}");
        assertThat(made.json().at("/user/username").asText()).isEqualTo("admin");
        assertThat(get("/api/backups/", "X-API-Key", key).status()).isEqualTo(200);
        assertThat(get("/api/backups/", "Authorization", "ApiKey " + key).status())
                .isEqualTo(200);
        assertThat(server.call("GET", keys).json().path("key").asText()).isEqualTo(key);
        assertThat(server.call("GET", "/api/accounts/users/me/")
                        .json()
                        .path("api_key")
                        .asText())
                .isEqualTo(key);

        String other =
                server.call("POST", keys + "generate/", "{}").json().path("key").asText();
        assertThat(other).isNotEqualTo(key);
        assertDetail(get("/api/backups/", "X-API-Key", key), 401, "Invalid API key");
        assertThat(server.call("POST", keys + "revoke/", "{}").text()).isEqualTo("{\"success\":true}");
        assertDetail(get("/api/backups/", "Authorization", "ApiKey " + other), 401, "Invalid API key");
        assertDetail(server.call("POST", keys + "generate/", "{\"user_id\":4}"), 404, "User not found.");
        Answer notMine = server.send(
                "POST",
                keys + "generate/",
                "{\"user_id\":4}".getBytes(UTF_8),
                "Content-Type",
                "application/json",
                "Authorization",
                "Bearer " + viewer);
        assertDetail(notMine, 403, "You do not have permission to perform this action.");
    }

    @Test
    void keys_are_everybodys_own_and_an_admin_makes_those_of_others() throws Exception {
        String[] vera = {"Authorization", "Bearer " + viewer};
        for (String path : List.of(KEYS + "generate/", KEYS + "revoke/")) {
            assertDetail(post(path, "{}"), 401, "Authentication credentials were not provided.");
            assertDetail(
                    post(path, "{\"user_id\":4}", vera), 403, "You do not have permission to perform this action.");
            assertDetail(server.call("POST", path, "{\"user_id\":4}"), 404, "User not found.");
        }
        assertDetail(get(KEYS), 401, "Authentication credentials were not provided.");
        assertDetail(get(KEYS, "X-API-Key", "nonsense"), 401, "Invalid API key");

        JsonNode me = get("/api/accounts/users/me/", vera).json();
        assertThat(me.path("api_key").isNull()).isTrue();
        assertThat(me.path("email").isTextual()).isTrue();
        Answer made = server.call(
                "POST", KEYS + "generate/", "{\"user_id\":" + me.path("id").asLong() + "}");
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.json().at("/user/username").asText()).isEqualTo("vera");
        String key = made.json().path("key").asText();
        assertThat(get(KEYS, "X-API-Key", key).json().path("key").asText()).isEqualTo(key);
        assertDetail(get(BACKUPS, "X-API-Key", key), 403, "You do not have permission to perform this action.");
        assertThat(post(KEYS + "generate/", "{}", vera).status()).isEqualTo(201);
        assertDetail(get(KEYS, "X-API-Key", key), 401, "Invalid API key");
        assertThat(server.call(
                                "POST",
                                KEYS + "revoke/",
                                "{\"user_id\":" + me.path("id").asLong() + "}")
                        .text())
                .isEqualTo("{\"success\":true}");
        assertThat(get(KEYS, vera).text()).isEqualTo("{\"key\":null}");
    }
}
