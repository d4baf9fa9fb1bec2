package dev.holdfast.dialects.pocketbase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rows of the contract about settings and about the backups that a schedule makes. */
@Tag("adapter")
class SettingsRowsTest extends ContractRowsFixture {
    private static final String NOT_SAVED = "An error occurred while saving the new settings.";

    @Test
    void the_scheduled_backups_alone_are_counted_and_removed() throws Exception {
        assertDone(create("given.zip"));
        assertDone(call("POST", BACKUPS, ""));
        assertDone(upload("sent.zip", PocketBaseServerFixture.ARCHIVE));
        assertThat(call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"0 3 * * *\",\"cronMaxKeep\":2}}")
                        .status())
                .isEqualTo(200);
        List<String> others = List.of("given.zip", "pb_backup_acme_20240115120000.zip", "sent.zip");
        assertThat(keys()).isEqualTo(others);

        server.database.at("2024-01-16T02:59:59Z");
        assertThat(keys()).isEqualTo(others);
        server.database.at("2024-01-16T03:00:00Z");
        assertThat(keys()).contains("@auto_pb_backup_acme_20240116030000.zip").hasSize(4);
        server.database.at("2024-01-17T03:00:00Z");
        server.database.at("2024-01-18T03:00:00Z");
        server.database.at("2024-01-19T03:00:00Z");
        signInAgain();
        var expected = new ArrayList<>(
                List.of("@auto_pb_backup_acme_20240118030000.zip", "@auto_pb_backup_acme_20240119030000.zip"));
        expected.addAll(others);
        assertThat(keys()).isEqualTo(expected);

        // Of a changed schedule from then on; of none, nothing more.
        call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"30 4 * * *\"}}");
        server.database.at("2024-01-19T04:29:59Z");
        assertThat(keys()).isEqualTo(expected);
        server.database.at("2024-01-19T04:30:00Z");
        assertThat(keys()).contains("@auto_pb_backup_acme_20240119043000.zip").hasSize(5);
        call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"\",\"cronMaxKeep\":0}}");
        server.database.at("2024-01-20T04:30:00Z");
        signInAgain();
        assertThat(keys())
                .doesNotContain("@auto_pb_backup_acme_20240120043000.zip")
                .hasSize(5);
    }

    /** Days have passed. */
    private void signInAgain() throws Exception {
        token = server.signIn("ann");
    }

    @Test
    void a_schedule_of_a_day_and_a_weekday_is_of_days_that_are_both() throws Exception {
        call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"0 3 13 * 5\"}}");
        server.database.at("2024-01-19T03:00:00Z");
        server.database.at("2024-02-13T03:00:00Z");
        signInAgain();
        assertThat(keys()).as("a Friday, and a 13th").isEmpty();
        server.database.at("2024-09-13T03:00:00Z");
        signInAgain();
        assertThat(keys()).containsExactly("@auto_pb_backup_acme_20240913030000.zip");
    }

    @Test
    void the_scheduled_backup_of_now_has_the_name_of_its_kind() throws Exception {
        call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"0 3 * * *\"}}");
        assertDone(call("POST", "/api/crons/__pbAutoBackup__", ""));
        server.database.settle();
        assertThat(keys()).containsExactly("@auto_pb_backup_acme_20240115120000.zip");
        assertRefused(call("POST", "/api/crons/other", ""), 404, "Missing or invalid cron job.");
    }

    @Test
    void all_settings_are_shown_with_what_they_are_at_first() throws Exception {
        String s3 = "{\"enabled\":false,\"bucket\":\"\",\"region\":\"\",\"endpoint\":\"\",\"accessKey\":\"\","
                + "\"forcePathStyle\":false}";
        String expected = "{\"superuserIPs\":[],"
                + "\"smtp\":{\"enabled\":false,\"port\":587,\"host\":\"smtp.example.com\",\"username\":\"\","
                + "\"authMethod\":\"\",\"tls\":false,\"localName\":\"\"},"
                + "\"backups\":{\"cron\":\"\",\"cronMaxKeep\":3,\"s3\":" + s3 + "},"
                + "\"s3\":" + s3 + ","
                + "\"meta\":{\"accentColor\":\"#1055c9\",\"appName\":\"Acme\",\"appURL\":\"http://localhost:8090\","
                + "\"senderName\":\"Support\",\"senderAddress\":\"support@example.com\",\"hideControls\":false},"
                + "\"rateLimits\":{\"rules\":[],\"excludedIPs\":[],\"enabled\":false},"
                + "\"trustedProxy\":{\"headers\":[],\"useLeftmostIP\":false},"
                + "\"batch\":{\"enabled\":false,\"maxRequests\":50,\"timeout\":3,\"maxBodySize\":0},"
                + "\"logs\":{\"maxDays\":5,\"minLevel\":0,\"logIP\":true,\"logAuthId\":false}}\n";
        assertThat(call("GET", SETTINGS, "").text()).isEqualTo(expected);
        assertThat(call("PATCH", SETTINGS, "").text()).isEqualTo(expected);
        assertThat(call("PATCH", SETTINGS, "{\"unknown\":{\"a\":1}}").text()).isEqualTo(expected);

        Answer changed = call(
                "PATCH",
                SETTINGS,
                "{\"smtp\":{\"password\":\"hidden\"},\"trustedProxy\":{\"headers\":[\"X-Real-IP\"]},"
                        + "\"s3\":{\"secret\":\"hidden\",\"endpoint\":\"s3.example.com:9000\"}}");
        assertThat(changed.text())
                .isEqualTo(call("GET", SETTINGS, "").text())
                .contains("\"headers\":[\"X-Real-IP\"]", "s3.example.com:9000")
                .doesNotContain("hidden", "\"password\"", "\"secret\"");
        assertThat(call("PATCH", SETTINGS, "{\"trustedProxy\":{\"headers\":[\"A\",\"B\"]}}")
                        .text())
                .contains("\"headers\":[\"A\",\"B\"]");
        String shop = "{\"meta\":{\"appName\":\"Shop\"}}";
        String payload =
                "--b\r\nContent-Disposition: form-data; name=\"@jsonPayload\"\r\n\r\n" + shop + "\r\n--b--\r\n";
        Answer form = server.send(
                "PATCH", SETTINGS, payload, "Authorization", token, "Content-Type", "multipart/form-data; boundary=b");
        assertThat(form.at("meta.appName")).isEqualTo("Shop");
    }

    @Test
    void a_setting_that_is_not_allowed_is_told_with_its_place_code_message_and_limit() throws Exception {
        String blank = "{\"code\":\"validation_required\",\"message\":\"Cannot be blank.\"}";
        assertRefused(
                call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"every day\"}}"),
                400,
                NOT_SAVED,
                "{\"backups\":{\"cron\":{\"code\":\"validation_invalid_cron\",\"message\":\"Invalid cron expression - "
                        + "must be a valid macro or to have exactly 5 space separated segments.\"}}}");
        assertRefused(
                call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"0 3 * * *\",\"cronMaxKeep\":0}}"),
                400,
                NOT_SAVED,
                "{\"backups\":{\"cronMaxKeep\":" + blank + "}}");
        assertRefused(
                call("PATCH", SETTINGS, "{\"backups\":{\"cronMaxKeep\":-1}}"),
                400,
                NOT_SAVED,
                "{\"backups\":{\"cronMaxKeep\":{\"code\":\"validation_min_greater_equal_than_required\",\"message\":"
                        + "\"Must be no less than 1.\",\"params\":{\"threshold\":1}}}}");
        assertRefused(
                call("PATCH", SETTINGS, "{\"backups\":{\"s3\":{\"endpoint\":\"not a url\"}}}"),
                400,
                NOT_SAVED,
                "{\"backups\":{\"s3\":{\"endpoint\":{\"code\":\"validation_is_url\",\"message\":"
                        + "\"Must be a valid URL.\"}}}}");
        assertRefused(
                call(
                        "PATCH",
                        SETTINGS,
                        "{\"backups\":{\"s3\":{\"enabled\":true,\"endpoint\":\"a.example\",\"region\":\"r\","
                                + "\"accessKey\":\"k\",\"secret\":\"s\"}}}"),
                400,
                NOT_SAVED,
                "{\"backups\":{\"s3\":{\"bucket\":" + blank + "}}}");
        assertThat(call("PATCH", SETTINGS, "{\"backups\":{\"cronMaxKeep\":0}}").at("backups.cronMaxKeep"))
                .as("while there is no schedule")
                .isEqualTo("0");
        assertRefused(call("POST", SETTINGS + "/test/s3", "{"), 400, UNREADABLE);
        assertRefused(
                call("POST", SETTINGS + "/test/s3", ""),
                400,
                "Failed to test the S3 filesystem.",
                "{\"filesystem\":" + blank + "}");
    }

    @Test
    void what_somebody_has_uploaded_under_a_scheduled_name_counts_among_them_but_no_pinned_and_no_foreign_file()
            throws Exception {
        assertDone(upload("@auto_pb_backup_of_another_app.zip", PocketBaseServerFixture.ARCHIVE));
        server.put("@auto_pb_backup_by_hand.zip", Origin.EXTERNAL);
        server.put("@auto_pb_backup_pinned.zip", Origin.AUTOMATIC);
        server.store.update(new BackupKey("@auto_pb_backup_pinned.zip"), it -> it.withPinned(true));
        call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"0 3 * * *\",\"cronMaxKeep\":1}}");
        server.database.at("2024-01-16T03:00:00Z");
        signInAgain();
        assertThat(keys())
                .containsExactly(
                        "@auto_pb_backup_acme_20240116030000.zip",
                        "@auto_pb_backup_by_hand.zip",
                        "@auto_pb_backup_pinned.zip");
    }

    @Test
    void a_scheduled_backup_that_fails_removes_none() throws Exception {
        call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"0 3 * * *\",\"cronMaxKeep\":3}}");
        server.database.at("2024-01-16T03:00:00Z");
        server.database.at("2024-01-17T03:00:00Z");
        server.database.text.trouble = Optional.of(new Problem.SourceCorrupt("torn"));
        signInAgain();
        call("PATCH", SETTINGS, "{\"backups\":{\"cronMaxKeep\":1}}");
        server.database.at("2024-01-18T03:00:00Z");
        signInAgain();
        assertThat(keys())
                .containsExactly("@auto_pb_backup_acme_20240116030000.zip", "@auto_pb_backup_acme_20240117030000.zip");
        server.database.text.trouble = Optional.empty();
        server.database.at("2024-01-19T03:00:00Z");
        signInAgain();
        assertThat(keys()).containsExactly("@auto_pb_backup_acme_20240119030000.zip");
    }
}
