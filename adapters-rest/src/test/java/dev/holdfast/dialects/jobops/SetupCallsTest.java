package dev.holdfast.dialects.jobops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.dialects.jobops.JobOpsServerFixture.Setting;
import dev.holdfast.domain.access.Role;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The calls of a first setup, which make no user. */
@Tag("adapter")
class SetupCallsTest extends AccessCallsFixture {
    @Test
    void nobody_makes_the_first_user_over_the_api() throws Exception {
        restart(Setting.CLOSED.withoutUsers());
        // With true the web client would show a form that leads nowhere.
        assertThat(server.get("/api/auth/bootstrap-status").value("data.setupRequired"))
                .isEqualTo(false);
        assertRefused(server.get(BACKUPS), 401, "UNAUTHORIZED", "Initial setup is required");
        assertRefused(
                server.json("POST", "/api/auth/login", "{\"username\":\"ann\",\"password\":\"x\"}"),
                400,
                "INVALID_REQUEST",
                "Initial setup is required before sign-in");
        for (String[] headers : new String[][] {{}, {"X-Forwarded-For", "203.0.113.7"}}) {
            assertRefused(
                    setUp("eve", "12345678", headers),
                    403,
                    "FORBIDDEN",
                    "The first user is made on the server itself: holdfast user add NAME --role admin");
        }
        assertThat(setUp("eve", "12345678", "Origin", "http://evil.example").status())
                .isEqualTo(403);
        assertThat(server.accounts.users()).isEmpty();

        for (String[] call : new String[][] {
            {"GET", BACKUPS},
            {"POST", BACKUPS},
            {"DELETE", NAME},
            {"GET", "/api/settings"},
            {"PATCH", "/api/settings"},
            {"GET", "/api/auth/me"},
            {"GET", "/api/nothing"}
        }) {
            assertRefused(
                    server.call(call[0], call[1], "", "Authorization", "Bearer nonsense"),
                    401,
                    "UNAUTHORIZED",
                    "Initial setup is required");
        }

        server.administer.addUser("ann", Role.ADMIN, "12345678");
        assertThat(server.get("/api/auth/bootstrap-status").text()).contains("\"data\":{\"setupRequired\":false}");
        assertRefused(server.get(BACKUPS), 401, "UNAUTHORIZED", "Authentication required");
        assertRefused(setUp("eve", "12345678"), 400, "INVALID_REQUEST", "Initial setup has already been completed");
        assertThat(server.json("POST", "/api/auth/login", "{\"username\":\"ann\",\"password\":\"12345678\"}")
                        .status())
                .isEqualTo(200);
    }

    /** Its limits are those of a first user, which this API does not make. */
    @Test
    void whatever_a_setup_brings_it_is_refused_alike() throws Exception {
        restart(Setting.CLOSED.withoutUsers());
        String[] bodies = {
            "",
            "{",
            "[]",
            "{\"username\":\"\",\"password\":\"12345678\"}",
            "{\"username\":\"eve\",\"password\":\"1234567\"}",
            "{\"username\":\"eve\",\"password\":\"" + "x".repeat(500) + "\",\"displayName\":\"Eve\"}",
            "{\"username\":\"eve\",\"password\":\"" + "x".repeat(501) + "\",\"displayName\":" + "1}",
        };
        for (String body : bodies) {
            assertRefused(
                    server.json("POST", "/api/auth/setup", body),
                    403,
                    "FORBIDDEN",
                    "The first user is made on the server itself: holdfast user add NAME --role admin");
        }
        server.administer.addUser("ann", Role.ADMIN, "12345678");
        for (String body : bodies) {
            assertRefused(
                    server.json("POST", "/api/auth/setup", body),
                    400,
                    "INVALID_REQUEST",
                    "Initial setup has already been completed");
        }
        assertThat(server.accounts.users()).hasSize(1);
    }

    private Answer setUp(String name, String password, String... headers) throws Exception {
        return server.json(
                "POST",
                "/api/auth/setup",
                "{\"username\":\"" + name + "\",\"password\":\"" + password + "\"}",
                headers);
    }

    @Test
    void with_a_token_there_is_a_way_in_already() throws Exception {
        restart(Setting.CLOSED.withoutUsers());
        server.administer.createToken("script", Role.ADMIN, Optional.empty());
        assertRefused(setUp("eve", "12345678"), 400, "INVALID_REQUEST", "Initial setup has already been completed");
    }

    @Test
    void while_access_is_open_nobody_has_to_sign_in_and_no_user_is_made() throws Exception {
        restart(Setting.OPEN.withoutUsers());

        assertThat(server.get("/api/auth/bootstrap-status").value("data.setupRequired"))
                .isEqualTo(false);
        assertRefused(setUp("eve", "12345678"), 400, "INVALID_REQUEST", "Initial setup has already been completed");
        assertThat(server.get(BACKUPS, "Authorization", "Bearer of something else")
                        .status())
                .isEqualTo(200);
        assertThat(server.get("/api/auth/me").value("data.user.isSystemAdmin")).isEqualTo(true);
    }
}
