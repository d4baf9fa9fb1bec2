package dev.holdfast.dialects.jobops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.dialects.jobops.JobOpsServerFixture.Setting;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Timeout;

/** A server for each test that is open to every client, and calls of its settings. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
abstract class SettingsCallsFixture {
    static final String SETTINGS = "/api/settings";

    JobOpsServerFixture server = new JobOpsServerFixture(Setting.OPEN);

    @AfterEach
    void stop() {
        server.close();
    }

    Answer patch(String body) throws Exception {
        return server.json("PATCH", SETTINGS, body);
    }

    void change(String body) throws Exception {
        Answer answer = patch(body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }

    @Nullable
    Object next() throws Exception {
        return server.get("/api/backups").value("data.nextScheduled");
    }

    void assertSettings(boolean enabled, int hour, int count) throws Exception {
        Answer answer = server.get(SETTINGS);
        assertThat(List.of(
                        answer.value("data.backupEnabled.value"),
                        answer.value("data.backupHour.value"),
                        answer.value("data.backupMaxCount.value")))
                .containsExactly(enabled, hour, count);
    }
}
