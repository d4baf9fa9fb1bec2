package dev.holdfast.dialects.dispatcharr;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.access.Role;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rows of the released API's contract about sign-in, tokens and rights. */
@Tag("adapter")
class DispatcharrAccessRowsTest extends DispatcharrRowsFixture {
    private static final String SIGN_IN = "/api/accounts/token/";
    private static final String REFRESH = "/api/accounts/token/refresh/";

    private Answer post(String path, String json, String... headers) throws Exception {
        var all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("Content-Type", "application/json"));
        return server.send("POST", path, json, all.toArray(String[]::new));
    }

    @Test
    void tokens_end_after_half_an_hour_and_a_day() throws Exception {
        Answer granted = server.signIn("ann");
        assertThat(granted.text()).matches("\\{\"refresh\":\"[^\"]+\",\"access\":\"[^\"]+\"}");
        String[] bearer = {"Authorization", "Bearer " + granted.at("access")};
        String refresh = "{\"refresh\":\"" + granted.at("refresh") + "\"}";
        server.clock.advance(Duration.ofSeconds(1799));
        assertThat(server.send("GET", BACKUPS, "", bearer).status()).isEqualTo(200);
        server.clock.advance(Duration.ofSeconds(1));
        Answer over = server.send("GET", BACKUPS, "", bearer);
        assertThat(over.status()).isEqualTo(401);
        assertThat(over.text())
                .isEqualTo("{\"detail\":\"Given token not valid for any token type\",\"code\":\"token_not_valid\","
                        + "\"messages\":[{\"token_class\":\"AccessToken\",\"token_type\":\"access\","
                        + "\"message\":\"Token is expired\"}]}");
        assertThat(over.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"api\"");
        server.clock.advance(Duration.ofSeconds(86_400 - 1801));
        for (int i = 0; i < 2; i++) { // it is not used up
            Answer renewed = post(REFRESH, refresh);
            assertThat(renewed.text()).matches("\\{\"access\":\"[^\"]+\"}");
            assertThat(server.send("GET", BACKUPS, "", "Authorization", "Bearer " + renewed.at("access"))
                            .status())
                    .isEqualTo(200);
        }
        server.clock.advance(Duration.ofSeconds(1));
        assertNotValid(post(REFRESH, refresh));
        assertNotValid(post(REFRESH, "{\"refresh\":\"" + granted.at("access") + "\"}"));
        assertNotValid(post(REFRESH, "{\"refresh\":\"nonsense\"}"));
        Answer missing = post(REFRESH, "{}");
        assertThat(missing.status()).isEqualTo(400);
        assertThat(missing.text()).isEqualTo("{\"refresh\":[\"This field is required.\"]}");
    }

    private static void assertNotValid(Answer answer) {
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.text()).isEqualTo("{\"detail\":\"Token is invalid\",\"code\":\"token_not_valid\"}");
    }

    @Test
    void whoever_guesses_passwords_waits() throws Exception {
        String wrong = "{\"username\":\"ann\",\"password\":\"a guess\"}";
        for (int i = 0; i < 5; i++) {
            assertDetail(post(SIGN_IN, wrong), 401, "No active account found with the given credentials");
        }
        String right = wrong.replace("a guess", "password of ann");
        for (String path : List.of(SIGN_IN, "/api/accounts/auth/login/")) {
            Answer wait = post(path, right);
            assertDetail(wait, 429, "Request was throttled. Expected available in 900 seconds.");
            assertThat(wait.header("Retry-After")).isEqualTo("900");
        }
        server.signIn("otto");
        server.clock.advance(Duration.ofMinutes(15));
        assertThat(post(SIGN_IN, right).status()).isEqualTo(200);
        assertThat(post(SIGN_IN, "{\"username\":\"ann\"}").text())
                .isEqualTo("{\"password\":[\"This field is required.\"]}");
    }

    @Test
    void whoever_is_no_admin_may_do_none_of_it_with_any_credentials() throws Exception {
        String[] bearer = {"Authorization", "Bearer " + server.signIn("otto").at("access")};
        Answer me = server.send("GET", "/api/accounts/users/me/", "", bearer);
        assertThat(me.at("user_level")).isEqualTo("1");
        assertThat(me.at("api_key")).isEqualTo("null");
        String key = post("/api/accounts/api-keys/generate/", "{}", bearer).at("key");
        assertThat(key).matches("[A-Za-z0-9_-]{54}");
        String no = "You do not have permission to perform this action.";
        for (String[] shown :
                List.of(bearer, new String[] {"X-API-Key", key}, new String[] {"Authorization", "ApiKey " + key})) {
            assertDetail(server.send("GET", BACKUPS, "", shown), 403, no);
            assertDetail(server.send("POST", CREATE, "", shown), 403, no);
            assertDetail(server.send("GET", BACKUPS + "x.zip/download/", "", shown), 401, "Authentication required");
            assertDetail(server.send("GET", BACKUPS + "status/op-1/", "", shown), 401, "Authentication required");
            assertThat(server.send("GET", "/api/accounts/api-keys/", "", shown).text())
                    .isEqualTo("{\"key\":\"" + key + "\"}");
        }
        for (String path : List.of("/api/accounts/users/me/", "/api/accounts/api-keys/")) {
            Answer anonymous = server.send("GET", path, "");
            assertDetail(anonymous, 401, "Authentication credentials were not provided.");
            assertThat(anonymous.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"api\"");
        }
        assertThat(server.store.list()).isEmpty();
    }

    @Test
    void a_key_that_an_admin_made_for_somebody_ends_with_that_admin() throws Exception {
        String[] otto = {"Authorization", "Bearer " + server.signIn("otto").at("access")};
        String id = server.send("GET", "/api/accounts/users/me/", "", otto).at("id");
        Answer made = server.call("POST", "/api/accounts/api-keys/generate/", "{\"user_id\":" + id + "}");
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.at("user.username")).isEqualTo("otto");
        assertThat(made.at("user.api_key")).isEqualTo(made.at("key"));
        String[] key = {"X-API-Key", made.at("key")};
        assertThat(server.send("GET", "/api/accounts/users/me/", "", key).at("username"))
                .isEqualTo("otto");
        server.administer.addUser("ada", Role.ADMIN, "password of ada");
        server.administer.removeUser("ann");
        assertDetail(server.send("GET", "/api/accounts/users/me/", "", key), 401, "Invalid API key");
        assertThat(server.send("GET", "/api/accounts/api-keys/", "", otto).text())
                .isEqualTo("{\"key\":null}");
    }

    @Test
    void the_tokens_in_addresses_end_with_the_account_that_asked_for_them() throws Exception {
        Answer task = server.call("POST", CREATE, "");
        String name = server.ended(task).at("result.filename");
        String path = BACKUPS + name + "/download/?token="
                + server.get(BACKUPS + name + "/download-token/").at("token");
        assertThat(server.send("GET", path, "").status()).isEqualTo(200);

        server.administer.setPassword("ann", "another password");
        assertDetail(server.polled(task), 401, "Authentication required");
        assertDetail(server.send("GET", path, ""), 401, "Authentication required");
        assertDetail(
                server.send("GET", path.replaceFirst("token=.*", "token=" + "0".repeat(32)), ""),
                403,
                "Invalid download token");
    }

    @Test
    void a_task_whose_token_cannot_be_kept_goes_on_and_an_admin_may_ask_for_it() throws Exception {
        server.database.askedDocuments.fail("keep", new IllegalStateException("full"));
        Answer task = server.call("POST", CREATE, "");
        server.database.recover();

        assertThat(task.status()).isEqualTo(202);
        server.database.settle();
        assertDetail(server.polled(task), 403, "Invalid task token");
        assertThat(server.get(BACKUPS + "status/" + task.at("task_id") + "/").at("state"))
                .isEqualTo("completed");
    }

    @Test
    void of_the_tokens_in_addresses_the_latest_thousand_are_kept() throws Exception {
        String name = server.create();
        var many = new StringBuilder("{");
        for (int i = 0; i < UrlTokens.MOST; i++) {
            many.append(i == 0 ? "" : ",").append("\"%064x\":{\"opens\":\"dispatcharr-task\"}".formatted(i));
        }
        server.database.documents.keep(
                DispatcharrServerFixture.TV,
                "dispatcharr.url-tokens",
                many.append("}").toString());
        String token = server.get(BACKUPS + name + "/download-token/").at("token");

        String kept = server.database
                .documents
                .find(DispatcharrServerFixture.TV, "dispatcharr.url-tokens")
                .orElseThrow();
        assertThat(kept.split("opens", -1)).hasSize(UrlTokens.MOST + 1);
        assertThat(kept).doesNotContain("%064x".formatted(0)).contains("%064x".formatted(1));
        assertThat(kept).as("the token itself").doesNotContain(token);
        assertThat(server.send("GET", BACKUPS + name + "/download/?token=" + token, "")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void of_two_credentials_the_authorization_counts() throws Exception {
        String[] bearer = {"Authorization", "Bearer " + server.signIn("ann").at("access")};
        String key = post("/api/accounts/api-keys/generate/", "{}", bearer).at("key");
        String name = server.create();
        String token = server.get(BACKUPS + name + "/download-token/").at("token");
        String invalid = "{\"detail\":\"Given token not valid for any token type\",\"code\":\"token_not_valid\","
                + "\"messages\":[{\"token_class\":\"AccessToken\",\"token_type\":\"access\","
                + "\"message\":\"Token is invalid\"}]}";
        for (String path : List.of(BACKUPS, BACKUPS + name + "/download/?token=" + token)) {
            Answer wrong = server.send("GET", path, "", "X-API-Key", key, "Authorization", "Bearer x");
            assertThat(wrong.status()).isEqualTo(401);
            assertThat(wrong.text()).isEqualTo(invalid);
            assertDetail(
                    server.send("GET", path, "", "X-API-Key", key, "Authorization", "ApiKey x"),
                    401,
                    "Invalid API key");
            assertThat(server.send("GET", path, "", "X-API-Key", "x", bearer[0], bearer[1])
                            .status())
                    .isEqualTo(200);
            assertThat(server.send("GET", path, "", "X-API-Key", key).status()).isEqualTo(200);
        }
    }

    @Test
    void while_access_control_is_off_everybody_is_an_admin() throws Exception {
        server.close();
        server = new DispatcharrServerFixture(false);
        Answer granted = post(SIGN_IN, "{\"username\":\"anybody\",\"password\":\"anything\"}");
        assertThat(granted.status()).as(granted.text()).isEqualTo(200);
        assertThat(server.send("GET", BACKUPS, "").text()).isEqualTo("[]");
        assertThat(server.send("GET", "/api/accounts/users/me/", "").at("user_level"))
                .isEqualTo("10");
        assertThat(server.send("GET", "/api/accounts/initialize-superuser/", "").text())
                .isEqualTo("{\"superuser_exists\":true}");
        Answer started = server.send("POST", CREATE, "");
        assertThat(server.ended(started).at("result.filename")).isEqualTo(FIRST);
    }
}
