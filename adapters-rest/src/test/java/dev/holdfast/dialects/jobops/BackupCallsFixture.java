package dev.holdfast.dialects.jobops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.dialects.jobops.JobOpsServerFixture.Setting;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Timeout;

/** A server for each test that is open to every client. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
abstract class BackupCallsFixture {
    static final String BACKUPS = "/api/backups";

    JobOpsServerFixture server;

    @BeforeEach
    void start() {
        server = new JobOpsServerFixture(Setting.OPEN);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    List<String> listed() throws Exception {
        Answer answer = server.get(BACKUPS);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return JobOpsServerFixture.filenames(answer);
    }

    static void assertRefused(Answer answer, int status, String code, String message) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.value("ok")).isEqualTo(false);
        assertThat(answer.value("error.code")).isEqualTo(code);
        assertThat(answer.value("error.message")).isEqualTo(message);
        assertThat(answer.value("meta.requestId")).isEqualTo(answer.header("x-request-id"));
        assertThat(answer.value("data")).isEqualTo("absent");
        assertThat(answer.header("Content-Type")).isEqualTo("application/json; charset=utf-8");
    }
}
