package dev.holdfast.http.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.access.Exchange;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class RootDialectTest {
    @ParameterizedTest
    @CsvSource({
        "/api/backups, /pocketbase/api/backups",
        "/api/backups/, /pocketbase/api/backups/",
        "/api/backups?fields=key%2Csize&x=/api/v1, /pocketbase/api/backups?fields=key%2Csize&x=/api/v1",
        "/api/backups/%40test%204.zip, /pocketbase/api/backups/%40test%204.zip",
        "/api, /pocketbase/api",
        "/api/, /pocketbase/api/",
        "/api?a=b, /pocketbase/api?a=b",
        "/api/v12/x, /pocketbase/api/v12/x",
        "/api//x, /pocketbase/api//x",
        "http://localhost:8090/api/health, http://localhost:8090/pocketbase/api/health",
        "HTTPS://ann@[::1]/api?x=/api/v1, HTTPS://ann@[::1]/pocketbase/api?x=/api/v1",
    })
    void an_address_at_the_root_becomes_the_dialects(String target, String expected) {
        assertThat(RootDialect.rewritten(target, Dialect.POCKETBASE)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1",
                "/api/v1/",
                "/api/v1?database=x",
                "/api/v1/backup?x=/api/backups",
                "/apis/x",
                "/health/liveness",
                "/pocketbase/api/backups",
                "/jobops/api/x",
                "/x/api/y",
                "/?/api/x",
                "http://localhost/api/v1/x",
                "http://localhost?x=/api/y",
                "http://localhost",
                "http:///x/api",
                "/x/http://localhost/api/x",
                "*",
                "",
            })
    void every_other_address_stays_as_it_is(String target) {
        assertThat(RootDialect.rewritten(target, Dialect.POCKETBASE)).isEqualTo(target);
    }

    @Test
    void a_whole_address_is_answered_as_its_path() {
        try (var server = DialectServer.start(true)) {
            for (String before : List.of("", "http://localhost:" + server.http.port)) {
                Exchange answer = Exchange.send(
                        server.http.port,
                        List.of("GET " + before + "/api/health HTTP/1.1", "Host: localhost", "Connection: close"),
                        "");
                assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
                assertThat(answer.member("message")).isEqualTo("API is healthy.");
            }
        }
    }
}
