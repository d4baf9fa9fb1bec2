package dev.holdfast.dialects.dispatcharr;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.dialect.HttpCalls.Answer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Timeout;

/** A server of its own for each test, with a settable clock. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
abstract class DispatcharrRowsFixture {
    static final String BACKUPS = "/api/backups/";
    static final String CREATE = "/api/backups/create/";
    static final String FIRST = "dispatcharr-backup-2026.02.15.10.20.30.zip";

    DispatcharrServerFixture server;

    @BeforeEach
    void start() {
        server = new DispatcharrServerFixture(true);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    static void assertDetail(Answer answer, int status, String detail) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.text()).isEqualTo("{\"detail\":\"" + detail.replace("\"", "\\\"") + "\"}");
    }
}
