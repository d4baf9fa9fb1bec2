package dev.holdfast.http.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.dialect.DialectServer;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A page of another site that asks a server on the very machine. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ForeignOriginTest {
    private static final String NATIVE = "/api/probe/admin";
    private static final List<String> PATHS = List.of(
            "/pocketbase/api/settings", "/api/settings", "/jobops/api/settings", "/dispatcharr/api/backups/schedule/");

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1", "backups.example"})
    void with_access_control_on_the_token_decides_wherever_the_page_is_from(String host) {
        try (var server = DialectServer.start(true)) {
            PATHS.forEach(path -> assertTokenDecides(server.http, path, host));
        }
        try (var server = AccessServerFixture.on()) {
            assertTokenDecides(server, NATIVE, host);
        }
    }

    private static void assertTokenDecides(AccessServerFixture server, String path, String host) {
        assertThat(asked(server, path, host, server.bearer("ann")).status())
                .as(path)
                .isEqualTo(200);
        Exchange nobody = asked(server, path, host, "X-Nobody: x");
        assertThat(nobody.status()).as(path).isEqualTo(401);
        assertThat(nobody.body()).as(path).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1", "backups.example"})
    void with_access_control_off_other_sites_are_refused_in_words(String host) {
        try (var server = DialectServer.start(false)) {
            PATHS.forEach(path -> assertRefused(server.http, path, host));
        }
        try (var server = AccessServerFixture.off()) {
            assertRefused(server, NATIVE, host);
        }
    }

    private static void assertRefused(AccessServerFixture server, String path, String host) {
        Exchange answer = asked(server, path, host, "X-Nobody: x");
        assertThat(answer.status()).as(path).isEqualTo(403);
        assertThat(answer.body()).as(path).contains("Access control is off");
    }

    private static Exchange asked(AccessServerFixture server, String path, String host, String header) {
        return Exchange.send(
                server.port,
                List.of(
                        "GET " + path + " HTTP/1.1",
                        "Host: " + host,
                        "Origin: https://admin.example",
                        header,
                        "Connection: close"),
                "");
    }
}
