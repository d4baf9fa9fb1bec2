package dev.holdfast.dialects.pocketbase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of the contract about settings, schedules and jobs. */
@Tag("adapter")
class SettingsAnswersTest extends ContractAnswersFixture {
    private static final String NOT_SAVED = "An error occurred while saving the new settings.";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "every day",
                "0 0 * *",
                "0 0 * * * *",
                "0  0 * * *",
                " 0 0 * * *",
                "0 0 * * * ",
                "0\\t0 * * *",
                "@every 5m",
                "@reboot",
                "@Daily",
                "daily",
            })
    void what_has_not_the_form_of_a_schedule_is_refused(String cron) throws Exception {
        assertCronRefused(
                cron, "Invalid cron expression - must be a valid macro or to have exactly 5 space separated segments.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "60 * * * *|1|0 to 59",
                "-1 * * * *|1|0 to 59",
                "5/10 * * * *|1|0 to 59",
                "*/0 * * * *|1|0 to 59",
                "*/60 * * * *|1|0 to 59",
                "30-10 * * * *|1|0 to 59",
                "1,,2 * * * *|1|0 to 59",
                "? * * * *|1|0 to 59",
                "a * * * *|1|0 to 59",
                "0 24 * * *|2|0 to 23",
                "0 0 0 * *|3|1 to 31",
                "0 0 32 * *|3|1 to 31",
                "0 0 L * *|3|1 to 31",
                "0 0 * 0 *|4|1 to 12",
                "0 0 * 13 *|4|1 to 12",
                "0 0 * JAN *|4|1 to 12",
                "0 0 * * 7|5|0 to 6",
                "0 0 * * 5-7|5|0 to 6",
                "0 0 * * MON|5|0 to 6",
                "0 0 * * mon-fri|5|0 to 6",
                "0 0 * * 1#2|5|0 to 6",
            })
    void what_a_schedules_segment_cannot_be_is_refused(String row) throws Exception {
        String[] parts = row.split("\\|", -1);
        assertCronRefused(
                parts[0],
                "Invalid cron expression - segment " + parts[1] + " must consist of *, numbers from " + parts[2]
                        + ", ranges and steps.");
    }

    private void assertCronRefused(String cron, String message) throws Exception {
        String before = call("GET", SETTINGS, "").text();
        assertRefused(
                call("PATCH", SETTINGS, "{\"meta\":{\"appName\":\"Other\"},\"backups\":{\"cron\":\"" + cron + "\"}}"),
                400,
                NOT_SAVED,
                "{\"backups\":" + error("cron", "validation_invalid_cron", message) + "}");
        assertThat(call("GET", SETTINGS, "").text()).as("all or nothing").isEqualTo(before);
    }

    @Test
    void settings_are_all_judged_before_one_is_kept() throws Exception {
        String before = call("GET", SETTINGS, "").text();
        String all = "{\"accessKey\":" + BLANK + ",\"bucket\":" + BLANK + ",\"endpoint\":" + BLANK + ",\"region\":"
                + BLANK + ",\"secret\":" + BLANK + "}";
        assertRefused(
                call(
                        "PATCH",
                        SETTINGS,
                        "{\"backups\":{\"s3\":{\"enabled\":true},\"cronMaxKeep\":-2},\"s3\":{\"enabled\":true}}"),
                400,
                NOT_SAVED,
                "{\"backups\":{\"cronMaxKeep\":{\"code\":\"validation_min_greater_equal_than_required\",\"message\":\"Must be no "
                        + "less than 1.\",\"params\":{\"threshold\":1}},\"s3\":" + all + "},\"s3\":" + all + "}");
        for (String name : List.of("endpoint", "bucket", "region", "accessKey", "secret")) {
            String full =
                    "{\"enabled\":true,\"endpoint\":\"s3.example\",\"bucket\":\"b\",\"region\":\"r\",\"accessKey\":\"k\","
                            + "\"secret\":\"s\"}";
            assertRefused(
                    call(
                            "PATCH",
                            SETTINGS,
                            "{\"backups\":{\"s3\":" + full.replaceAll("(\"" + name + "\":)\"[^\"]*\"", "$1\"\"")
                                    + "}}"),
                    400,
                    NOT_SAVED,
                    "{\"backups\":{\"s3\":{\"" + name + "\":" + BLANK + "}}}");
        }
        assertRefused(
                call("PATCH", SETTINGS, "{\"superuserIPs\":[\"10.0.0.0/8\"]}"),
                400,
                NOT_SAVED,
                error(
                        "superuserIPs",
                        "validation_not_supported",
                        "Holdfast does not limit superusers by address; leave it empty."));
        String tooLong = "*" + ",*".repeat(61) + " * * * *";
        assertThat(tooLong.length()).isGreaterThan(128);
        assertThat(call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"" + tooLong + "\"}}")
                        .at("data.backups.cron.code"))
                .isEqualTo("validation_invalid_cron");
        assertThat(call("GET", SETTINGS, "").text()).isEqualTo(before);
    }

    @Test
    void a_bucket_that_is_set_hides_nothing_and_can_not_be_tested() throws Exception {
        String disabled = "Failed to test the S3 filesystem. Raw error: \nS3 storage filesystem is not enabled.";
        String unused =
                "Failed to test the S3 filesystem. Raw error: \nfailed to initialize the S3 filesystem: this version of "
                        + "Holdfast keeps backups in directories.";
        String full = "{\"enabled\":true,\"endpoint\":\"https://s3.example:9000\",\"bucket\":\"b\",\"region\":\"r\","
                + "\"accessKey\":\"shown\",\"secret\":\"hidden\",\"forcePathStyle\":true}";
        for (String[] row : new String[][] {{"backups", "{\"backups\":{\"s3\":%s}}"}, {"storage", "{\"s3\":%s}"}}) {
            String tested = "{\"filesystem\":\"" + row[0] + "\"}";
            assertRefused(call("POST", TEST_S3, tested), 400, disabled);
            Answer saved = call("PATCH", SETTINGS, row[1].formatted(full));
            assertThat(saved.status()).isEqualTo(200);
            assertThat(saved.text())
                    .contains("\"accessKey\":\"shown\"", "\"forcePathStyle\":true")
                    .doesNotContain("hidden", "secret");
            assertRefused(call("POST", TEST_S3, tested), 400, unused);
            assertThat(keys()).containsExactly("kept.zip");
            assertThat(call("GET", KEPT, "").status()).isEqualTo(200);
            assertThat(call("DELETE", BACKUPS + "/missing.zip", "").status()).isEqualTo(400);
            String off = "{\"enabled\":false,\"endpoint\":\"\",\"bucket\":\"\",\"region\":\"\",\"accessKey\":\"\","
                    + "\"secret\":\"\",\"forcePathStyle\":false}";
            assertThat(call("PATCH", SETTINGS, row[1].formatted(off)).status()).isEqualTo(200);
        }
        for (String filesystem : List.of("{}", "{\"filesystem\":\"\"}", "{\"filesystem\":null}")) {
            assertRefused(
                    call("POST", TEST_S3, filesystem),
                    400,
                    "Failed to test the S3 filesystem.",
                    "{\"filesystem\":" + BLANK + "}");
        }
        assertRefused(
                call("POST", TEST_S3, "{\"filesystem\":\"elsewhere\"}"),
                400,
                "Failed to test the S3 filesystem.",
                error("filesystem", "validation_in_invalid", "Must be a valid value."));
    }

    @Test
    void jobs_are_those_there_are() throws Exception {
        assertThat(call("GET", "/api/crons", "").text()).isEqualTo("[]\n");
        assertRefused(call("POST", "/api/crons/__pbAutoBackup__", ""), 404, "Missing or invalid cron job.");
        assertThat(call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"0 3 * * 1\"}}")
                        .status())
                .isEqualTo(200);
        assertThat(call("GET", "/api/crons", "").text())
                .isEqualTo("[{\"id\":\"__pbAutoBackup__\",\"expression\":\"0 3 * * 1\"}]\n");
        for (String id : List.of("other", "__pbautobackup__", "%zz".replace("%zz", "x%2Fy"))) {
            assertRefused(call("POST", "/api/crons/" + id, ""), 404, "Missing or invalid cron job.");
        }
        assertThat(call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"\"}}").status())
                .isEqualTo(200);
        assertThat(call("GET", "/api/crons", "").text()).isEqualTo("[]\n");
    }
}
