package dev.holdfast.rest.jobops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.rest.jobops.JobOpsServerFixture.Answer;
import dev.holdfast.rest.jobops.JobOpsServerFixture.Setting;
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
        return answer.filenames();
    }

    static void assertRefused(Answer answer, int status, String code, String message) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.at("ok")).isEqualTo(false);
        assertThat(answer.at("error.code")).isEqualTo(code);
        assertThat(answer.at("error.message")).isEqualTo(message);
        assertThat(answer.at("meta.requestId")).isEqualTo(answer.header("x-request-id"));
        assertThat(answer.at("data")).isEqualTo("absent");
        assertThat(answer.header("Content-Type")).isEqualTo("application/json; charset=utf-8");
    }
}
