package dev.holdfast.dialects.jobops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.dialects.jobops.JobOpsServerFixture.Setting;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Timeout;

/** A server that a test can start again with other settings. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
abstract class AccessCallsFixture {
    static final String BACKUPS = "/api/backups";
    static final String NAME = "/api/backups/jobs_2026_02_14.db";
    static final String ON = "{\"backupEnabled\":true}";
    static final String ADMIN_ONLY = "System admin access is required";

    JobOpsServerFixture server = new JobOpsServerFixture(Setting.CLOSED);

    @AfterEach
    void stop() {
        server.close();
    }

    void restart(Setting setting) {
        server.close();
        server = new JobOpsServerFixture(setting);
    }

    static void assertRefused(Answer answer, int status, String code, String message) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.value("ok")).isEqualTo(false);
        assertThat(answer.value("error.code")).isEqualTo(code);
        assertThat(answer.value("error.message")).isEqualTo(message);
        assertThat(answer.headers().firstValue("WWW-Authenticate")).isEmpty();
        assertThat(answer.value("meta.requestId")).isEqualTo(answer.header("x-request-id"));
    }
}
