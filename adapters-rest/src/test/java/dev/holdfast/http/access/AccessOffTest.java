package dev.holdfast.http.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** In hosts and origins, PORT is the server's own port. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessOffTest {
    private final AccessServerFixture server = AccessServerFixture.off();

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void everybody_is_anonymous_and_may_do_everything() {
        assertThat(server.get("/api/probe/viewer").body()).isEqualTo("anonymous [viewer, operator, admin]");
        assertThat(server.get("/api/probe/admin").status()).isEqualTo(200);
        assertThat(server.get("/api/probe/forgotten").status()).isEqualTo(200);
        assertThat(server.get("/nowhere").status()).isEqualTo(404);
        assertThat(server.get("/api/probe/viewer", "Authorization: Bearer rubbish")
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost:PORT",
                "LocalHost:PORT",
                "localhost",
                "localhost:9",
                "127.0.0.1:PORT",
                "127.0.0.1",
                "127.255.255.254:1",
                "[::1]:PORT",
                "[::1]",
                "[0:0:0:0:0:0:0:1]:PORT"
            })
    void requests_to_this_machine_are_answered(String host) {
        assertThat(withHost(host).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "127.0.0.1.evil.example",
                "localhost.evil.example",
                "localhost:80@evil.example",
                "evil.example:PORT",
                "localhost.",
                "a.localhost",
                "0.0.0.0",
                "0.0.0.0:PORT",
                "2130706433",
                "127.1",
                "0x7f.0.0.1",
                "0177.0.0.1",
                "127.0.0.01",
                "127.0.0.256",
                "128.0.0.1",
                "[::]",
                "[::ffff:127.0.0.1]",
                "[::2]",
                "::1",
                "[::1",
                "[::1%25lo]",
                "[fe80::1]",
                "localhost:",
                "localhost:x",
                "localhost:123456",
                "localhost,evil.example",
                "localhost evil.example",
                "192.168.1.2",
                "ｌocalhost",
                "-",
                "@localhost",
                ""
            })
    void requests_to_another_name_are_refused_whatever_it_resolves_to(String host) {
        Exchange answer = withHost(host);

        assertThat(answer.status()).isIn(400, 403);
        assertThat(answer.body()).doesNotContain("anonymous");
    }

    @Test
    void a_refusal_is_a_problem() {
        Exchange answer = withHost("evil.example");

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.member("code")).isEqualTo("permission-denied");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nowhere",
                "/",
                "/api/v1/auth/login",
                "/health/liveness",
                "/metrics",
                "/openapi.yml",
                "/api/probe/viewer/x"
            })
    void no_address_is_left_out(String path) {
        assertThat(raw("GET " + path + " HTTP/1.1", "Host: evil.example").status())
                .isEqualTo(403);
        assertThat(raw("OPTIONS " + path + " HTTP/1.1", "Host: evil.example").status())
                .isEqualTo(403);
    }

    @Test
    void a_request_has_exactly_one_host() {
        assertThat(raw("GET /api/probe/viewer HTTP/1.1").status()).isEqualTo(400);
        assertThat(raw("GET /api/probe/viewer HTTP/1.1", "Host: localhost", "Host: evil.example")
                        .status())
                .isEqualTo(400);
        assertThat(raw("GET /api/probe/viewer HTTP/1.1", "Host: evil.example", "Host: localhost")
                        .status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:PORT, 200",
        "http://127.0.0.1, 200",
        "HTTP://[::1]:PORT, 200",
        "http://evil.example, 403",
        "http://evil.example:PORT, 403",
        "https://evil.example, 403",
        "http://localhost@evil.example, 403",
        "http://evil.example@localhost, 403",
        "http://localhost.evil.example, 403",
        "http://2130706433:PORT, 403",
    })
    void a_host_in_the_address_itself_counts_as_one_in_a_header_does(String origin, int expected) {
        Exchange answer = raw("GET " + mine(origin) + "/api/probe/viewer HTTP/1.1", "Host: localhost");

        assertThat(answer.status()).as(answer.toString()).isEqualTo(expected);
        assertThat(raw("GET " + mine(origin) + "/api/probe/viewer HTTP/1.1", "Host: evil.example")
                        .status())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:PORT, 200",
        "null, 403",
        "http://localhost, 403",
        "http://localhost:1, 403",
        "http://127.0.0.1:PORT, 403",
        "https://localhost:PORT, 403",
        "http://evil.example, 403",
        "http://evil.example:PORT, 403",
        "http://localhost:PORT.evil.example, 403",
        "http://localhost:PORT@evil.example, 403",
        "http://localhost:PORT/, 403",
        "file://, 403",
        "chrome-extension://abc, 403",
        "localhost:PORT, 403",
        "'', 403",
    })
    void only_pages_of_this_server_may_send(String origin, int expected) {
        Exchange answer = Exchange.post(server.port, "/api/probe/admin", "", "Origin: " + mine(origin));

        assertThat(answer.status()).as(answer.toString()).isEqualTo(expected);
    }

    @Test
    void a_second_origin_does_not_hide_behind_a_good_one() {
        assertThat(Exchange.post(
                                server.port,
                                "/api/probe/admin",
                                "",
                                "Origin: " + mine("http://localhost:PORT"),
                                "Origin: http://evil.example")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void an_origin_without_port_is_port_80s() {
        assertThat(raw("GET /api/probe/viewer HTTP/1.1", "Host: localhost", "Origin: http://localhost")
                        .status())
                .isEqualTo(200);
        assertThat(raw("GET /api/probe/viewer HTTP/1.1", "Host: localhost:80", "Origin: http://localhost")
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"same-origin, 200", "none, 200", "same-site, 403", "cross-site, 403", "anything, 403"})
    void what_a_browser_says_of_the_sender_counts(String site, int expected) {
        assertThat(server.get("/api/probe/viewer", "Sec-Fetch-Site: " + site).status())
                .isEqualTo(expected);
    }

    @Test
    void a_link_on_another_site_may_be_followed_but_not_framed_nor_posted() {
        String[] link = {"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"};

        assertThat(server.get("/api/probe/viewer", link).status()).isEqualTo(200);
        assertThat(Exchange.post(server.port, "/api/probe/admin", "", link).status())
                .isEqualTo(403);
        assertThat(server.get("/api/probe/viewer", link[0], link[1], "Sec-Fetch-Dest: iframe")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void no_other_site_is_allowed_to_read() {
        Exchange preflight = raw(
                "OPTIONS /api/probe/admin HTTP/1.1",
                "Host: localhost",
                "Origin: http://evil.example",
                "Access-Control-Request-Method: POST");

        assertThat(preflight.status()).isEqualTo(403);
        assertThat(preflight.header("Access-Control-Allow-Origin")).isEmpty();
    }

    @Test
    void with_access_control_on_a_server_may_have_any_name() {
        try (var on = AccessServerFixture.on()) {
            Exchange answer = Exchange.send(
                    on.port,
                    List.of(
                            "GET /api/probe/viewer HTTP/1.1",
                            "Host: backups.example",
                            "Origin: http://evil.example",
                            on.bearer("vic"),
                            "Connection: close"),
                    "");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
        }
    }

    private Exchange withHost(String host) {
        return raw("GET /api/probe/viewer HTTP/1.1", "Host: " + mine(host));
    }

    private Exchange raw(String... lines) {
        var request = new ArrayList<>(List.of(lines));
        request.add("Connection: close");
        return Exchange.send(server.port, request, "");
    }

    private String mine(String text) {
        return text.replace("PORT", String.valueOf(server.port));
    }
}
