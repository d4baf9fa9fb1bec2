package dev.holdfast.dialects.jobops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.access.AdministerAccounts.Change;
import dev.holdfast.application.access.AdministerAccounts.NewToken;
import dev.holdfast.domain.access.Role;
import dev.holdfast.http.dialect.HttpCalls;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sign-in, its tokens and sign-out. */
@Tag("adapter")
class SignInCallsTest extends AccessCallsFixture {
    @Test
    void a_sign_in_gives_a_token_for_a_day_with_what_the_web_client_reads_in_it() throws Exception {
        Answer answer =
                server.json("POST", "/api/auth/login", "{\"username\":\" ANN \",\"password\":\"password of ann\"}");

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.value("data.expiresIn")).isEqualTo(86_400);
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        String token = String.valueOf(answer.value("data.token"));
        JsonNode claims = JsonMapper.createDefault()
                .readValue(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]), Argument.of(JsonNode.class));
        assertThat(claim(claims, "username").getStringValue()).isEqualTo("ann");
        assertThat(claim(claims, "isSystemAdmin").getBooleanValue()).isTrue();
        assertThat(claims.get("userId")).isEqualTo(claims.get("sub"));
        assertThat(claim(claims, "exp").getLongValue())
                .isEqualTo(JobOpsServerFixture.BEGIN.plus(Duration.ofDays(1)).getEpochSecond());
        assertThat(claim(claims, "tenantId").getStringValue()).isEqualTo("default");
        for (String name : new String[] {"sub", "jti"}) {
            assertThat(claim(claims, name).getStringValue()).isNotEmpty();
        }
        assertThat(server.get(BACKUPS, "Authorization", "Bearer " + token).status())
                .isEqualTo(200);

        server.clock.advance(Duration.ofDays(1).plusSeconds(1));
        assertThat(server.get(BACKUPS, "Authorization", "Bearer " + token).status())
                .isEqualTo(401);
    }

    private static JsonNode claim(JsonNode claims, String name) {
        return HttpCalls.find(claims, name).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"username\":\"ann\",\"password\":\"wrong one\"}|401|UNAUTHORIZED|Invalid credentials",
                "{\"username\":\"stranger\",\"password\":\"wrong one\"}|401|UNAUTHORIZED|Invalid credentials",
                "{\"username\":\"no name!\",\"password\":\"wrong one\"}|401|UNAUTHORIZED|Invalid credentials"
            })
    void a_sign_in_that_fails_says_why(String body, int status, String code, String message) throws Exception {
        Answer answer = server.json("POST", "/api/auth/login", body);

        assertRefused(answer, status, code, message);
        assertThat(answer.value("error.details")).isEqualTo("absent");
    }

    /** What is wrong with a password is not said: its name looks like that of a secret. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|[]|{\"username\":[\"Required\"],\"password\":\"[REDACTED]\"}",
                "|[]|{\"username\":[\"Required\"],\"password\":\"[REDACTED]\"}",
                "{\"username\":\"ann\"}|[]|{\"password\":\"[REDACTED]\"}",
                "{\"username\":\"ann\",\"password\":\"\"}|[]|{\"password\":\"[REDACTED]\"}",
                "{\"username\":\"ann\",\"password\":1}|[]|{\"password\":\"[REDACTED]\"}",
                "{\"password\":\"x\"}|[]|{\"username\":[\"Required\"]}",
                "{\"username\":\"\",\"password\":\"x\"}|[]|"
                        + "{\"username\":[\"String must contain at least 1 character(s)\"]}",
                "{\"username\":1,\"password\":\"x\"}|[]|{\"username\":[\"Expected string, received number\"]}",
                "{\"username\":null,\"password\":\"x\"}|[]|{\"username\":[\"Expected string, received null\"]}",
                "[]|[\"Expected object, received array\"]|{}",
            })
    void a_sign_in_without_name_or_password_says_what_is_missing(String body, String form, String fields)
            throws Exception {
        Answer answer = server.json("POST", "/api/auth/login", body == null ? "" : body);

        assertRefused(answer, 400, "INVALID_REQUEST", "Invalid request body");
        assertThat(answer.text()).contains("\"details\":{\"formErrors\":" + form + ",\"fieldErrors\":" + fields + "}}");
    }

    @Test
    void a_name_is_looked_up_as_written_and_then_in_lower_case() throws Exception {
        server.administer.addUser("Zoe", Role.ADMIN, "password of Zoe");
        server.administer.addUser("max", Role.ADMIN, "password of max");

        assertThat(server.get("/api/auth/me", server.as("Zoe")).value("data.user.username"))
                .isEqualTo("Zoe");
        assertRefused(
                server.json("POST", "/api/auth/login", "{\"username\":\"zoe\",\"password\":\"password of Zoe\"}"),
                401,
                "UNAUTHORIZED",
                "Invalid credentials");
        Answer max = server.json(
                "POST",
                "/api/auth/login",
                "{\"username\":\"\tMax \",\"password\":\"password of max\"}".replace("\t", "\\t"));
        assertThat(max.status()).as(max.text()).isEqualTo(200);
    }

    @Test
    void a_token_counts_only_as_the_one_bearer_token_that_is_shown() throws Exception {
        String[] ann = server.as("ann");
        for (String shown : new String[] {ann[1].replace("Bearer", "bearer"), ann[1].substring(7), ann[1] + "x"}) {
            assertRefused(server.get(BACKUPS, "Authorization", shown), 401, "UNAUTHORIZED", "Authentication required");
        }
        assertRefused(
                server.get(BACKUPS, ann[0], ann[1], ann[0], ann[1]), 401, "UNAUTHORIZED", "Authentication required");
        assertRefused(server.get(BACKUPS, "Cookie", "token=" + ann[1]), 401, "UNAUTHORIZED", "Authentication required");
        assertThat(server.get(BACKUPS, ann).status()).isEqualTo(200);
    }

    @Test
    void holdfasts_own_tokens_are_good_here_and_those_of_a_sign_in_here_are_not_good_there() throws Exception {
        assertThat(server.get(BACKUPS, serviceToken("script", Role.ADMIN)).status())
                .isEqualTo(200);
        String[] reader = serviceToken("reader", Role.VIEWER);
        assertRefused(server.get(BACKUPS, reader), 403, "FORBIDDEN", ADMIN_ONLY);
        assertThat(server.get("/api/settings", reader).status()).isEqualTo(200);
        server.administer.revokeToken("reader");
        assertRefused(server.get("/api/settings", reader), 401, "UNAUTHORIZED", "Authentication required");

        assertThat(server.send("GET", "/api/v1/nothing", "", serviceToken("other", Role.ADMIN))
                        .status())
                .isEqualTo(404);
        assertThat(server.send("GET", "/api/v1/nothing", "", server.as("ann")).status())
                .isEqualTo(401);
    }

    private String[] serviceToken(String name, Role role) {
        return server.administer.createToken(name, role, Optional.empty())
                        instanceof Change.Made<NewToken>(NewToken made)
                ? new String[] {"Authorization", "Bearer " + made.text()}
                : new String[0];
    }

    @Test
    void too_many_failures_are_held_up() throws Exception {
        Answer answer = server.json("POST", "/api/auth/login", "{\"username\":\"ann\",\"password\":\"0\"}");
        for (int i = 0; i < 5; i++) {
            answer = server.json("POST", "/api/auth/login", "{\"username\":\"ann\",\"password\":\"0\"}");
        }

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.value("error.code")).isEqualTo("SERVICE_UNAVAILABLE");
        assertThat(answer.header("Retry-After")).matches("[1-9]\\d*");
    }

    @Test
    void signing_out_ends_the_token_for_good_and_always_succeeds() throws Exception {
        String[] ann = server.as("ann");
        String[] again = server.as("ann");
        assertThat(server.get(BACKUPS, ann).status()).isEqualTo(200);

        Answer out = server.call("POST", "/api/auth/logout", "", ann);

        assertThat(out.status()).isEqualTo(200);
        assertThat(out.value("data.message")).isEqualTo("Logged out");
        assertRefused(server.get(BACKUPS, ann), 401, "UNAUTHORIZED", "Authentication required");
        assertThat(server.get(BACKUPS, again).status()).isEqualTo(200);
        assertThat(server.database.documents.contents())
                .singleElement()
                .asString()
                .contains("2026-02-16T10:20:3");
        for (String shown : new String[] {"Bearer nonsense", ann[1]}) {
            assertThat(server.call("POST", "/api/auth/logout", "", "Authorization", shown)
                            .value("data.message"))
                    .isEqualTo("Logged out");
        }
        assertThat(server.call("POST", "/api/auth/logout", "").status()).isEqualTo(200);
    }

    @Test
    void me_says_who_i_am() throws Exception {
        Answer admin = server.get("/api/auth/me", server.as("ann"));

        assertThat(admin.value("data.user.username")).isEqualTo("ann");
        assertThat(admin.value("data.user.isSystemAdmin")).isEqualTo(true);
        assertThat(admin.value("data.user.isDisabled")).isEqualTo(false);
        assertThat(admin.value("data.user.createdAt")).isEqualTo("2026-02-15T10:20:30.123Z");
        assertThat(admin.text())
                .matches(
                        ".*\"data\":\\{\"user\":\\{\"id\":\"[0-9a-f-]{36}\",\"username\":\"ann\",\"displayName\":\"ann\","
                                + "\"isSystemAdmin\":true,\"isDisabled\":false,\"workspaceId\":\"default\","
                                + "\"workspaceName\":\"Holdfast\",\"createdAt\":\"2026-02-15T10:20:30\\.123Z\","
                                + "\"updatedAt\":\"2026-02-15T10:20:30\\.123Z\"},\"analyticsDistinctId\":\"[0-9a-f-]{36}\"}.*");
        assertThat(server.get("/api/auth/me", server.as("ann")).value("data.user.id"))
                .isEqualTo(admin.value("data.user.id"));
        assertThat(admin.value("data.analyticsDistinctId")).isEqualTo(admin.value("data.user.id"));
        assertThat(server.get("/api/auth/me", server.as("vic")).value("data.user.isSystemAdmin"))
                .isEqualTo(false);
    }
}
