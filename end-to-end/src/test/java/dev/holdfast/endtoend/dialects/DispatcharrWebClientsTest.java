package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.plans.FarTime;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.writers.Bank;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The calls of Dispatcharr's web clients, one after the other. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class DispatcharrWebClientsTest extends DispatcharrCalls {
    @Test
    void the_calls_of_the_released_web_client_one_after_the_other() throws Exception {
        // Sign-in; the token is refreshed when its time is over.
        Answer signedIn = post(
                "/api/accounts/token/",
                "{\"username\":\"" + DispatcharrInstallation.ADMIN + "\",\"password\":\""
                        + DispatcharrInstallation.PASSWORD + "\"}");
        String bearer = "Bearer " + signedIn.json().path("access").asText();
        assertThat(get("/api/accounts/users/me/", "Content-Type", "application/json", "Authorization", bearer)
                        .json()
                        .path("user_level")
                        .asInt())
                .isEqualTo(10);
        Answer refreshed = post(
                "/api/accounts/token/refresh/",
                "{\"refresh\":\"" + signedIn.json().path("refresh").asText() + "\"}");
        var browser = new Browser(refreshed.json().path("access").asText());
        // The page opens.
        assertThat(browser.call("GET", BACKUPS, "").json().isArray()).isTrue();
        assertThat(browser.call("GET", SCHEDULE, "").json().path("enabled").isBoolean())
                .isTrue();
        // Save.
        String form = "{\"enabled\":true,\"frequency\":\"weekly\",\"time\":\"04:30\",\"day_of_week\":"
                + FarTime.DAY_OF_WEEK + ",\"retention_count\":0,\"cron_expression\":\"\"}";
        assertThat(browser.call("PUT", UPDATE, form).text()).isEqualTo(form);
        String cron = form.replace(
                "\"cron_expression\":\"\"", "\"cron_expression\":\"*/15 2-4 1,15 * " + FarTime.DAY_OF_WEEK + "\"");
        assertThat(browser.call("PUT", UPDATE, cron).json().path("cron_expression"))
                .isEqualTo(JSON.readTree(cron).path("cron_expression"));
        assertThat(browser.call("PUT", UPDATE, OFF).text()).isEqualTo(OFF);
        // Create Backup.
        JsonNode made = server.await(browser.call("POST", BACKUPS + "create/", ""));
        assertThat(made.path("state").asText()).as(made.toString()).isEqualTo("completed");
        String name = made.at("/result/filename").asText();
        JsonNode list = browser.call("GET", BACKUPS, "").json();
        List<String> names = list.findValuesAsText("name");
        // By name, the last first: of those of one second the one without a number, which is the oldest.
        assertThat(withoutNumber(names.getFirst())).isEqualTo(withoutNumber(name));
        assertThat(names).containsOnlyOnce(name);
        JsonNode shown = list.path(names.indexOf(name));
        assertThat(shown.path("size")).isEqualTo(made.at("/result/size"));
        // Download: a call, then a link that has no headers but a browser's.
        String token = browser.call("GET", BACKUPS + name + "/download-token/", "")
                .json()
                .path("token")
                .asText();
        Answer file = get(
                BACKUPS + name + "/download/?token=" + token,
                "Accept",
                "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8",
                "Sec-Fetch-Site",
                "same-origin");
        assertThat(file.bytes()).hasSize(shown.path("size").asInt());
        // Upload.
        Answer uploaded = server.upload(BACKUPS + "upload/", "dispatcharr-backup-mine.zip", file.bytes());
        assertThat(uploaded.status()).as(uploaded.text()).isEqualTo(201);
        assertThat(listed()).first().isEqualTo("dispatcharr-backup-mine.zip");
        // Restore.
        long before = Bank.entries(server.database());
        try (var connection = Bank.open(server.database())) {
            Bank.transact(connection);
        }
        JsonNode restored = server.await(browser.call("POST", BACKUPS + "dispatcharr-backup-mine.zip/restore/", ""));
        assertThat(restored.path("state").asText()).as(restored.toString()).isEqualTo("completed");
        assertThat(Bank.entries(server.database())).isEqualTo(before);
        assertThat(listed()).as("the safety backup is there").hasSizeGreaterThan(2);
        // Delete.
        for (String gone : List.of(name, "dispatcharr-backup-mine.zip")) {
            assertThat(browser.call("DELETE", BACKUPS + gone + "/delete/", "").status())
                    .isEqualTo(204);
            assertThat(browser.call("GET", BACKUPS, "").text()).doesNotContain("\"" + gone + "\"");
        }
    }

    private static String withoutNumber(String zip) {
        return zip.replaceFirst("(-\\d+)?\\.zip$", "");
    }

    /** Sends what the web client's calls have, also where there is no body. */
    private final class Browser {
        private final String access;

        Browser(String access) {
            this.access = access;
        }

        Answer call(String method, String path, String body) throws Exception {
            return server.send(
                    method,
                    path,
                    body.getBytes(UTF_8),
                    "Content-Type",
                    "application/json",
                    "Authorization",
                    "Bearer " + access);
        }
    }

    @Test
    void the_calls_of_the_draft_web_client_one_after_the_other() throws Exception {
        // The page opens.
        JsonNode settings = server.call("GET", SETTINGS).json();
        assertThat(server.call("GET", JOBS).json().isArray()).isTrue();
        assertThat(server.call("PUT", SETTINGS, settings.toString()).json()).isEqualTo(settings);
        // Run; the jobs are asked for until none is pending or running.
        Answer started = server.call("POST", JOBS);
        assertThat(started.status()).isEqualTo(202);
        assertThat(started.json().path("status").asText()).isEqualTo("pending");
        assertThat(started.json().path("celery_task_id").asText()).isNotEmpty();
        JsonNode jobs = Eventually.get(
                () -> server.call("GET", JOBS).json(),
                all -> all.findValuesAsText("status").stream()
                        .noneMatch(it -> it.equals("pending") || it.equals("running")));
        assertThat(jobs.path(0).path("id")).isEqualTo(started.json().path("id"));
        assertThat(jobs.findValuesAsText("created_at")).isSortedAccordingTo((one, other) -> other.compareTo(one));
        // Download: the name is found as the client finds it.
        JsonNode job = jobs.path(0);
        String path = JOBS + job.path("id").asLong() + "/";
        Answer download = get(path + "download/", "Authorization", "Bearer " + server.access);
        Matcher name = Pattern.compile("filename=\"?([^\";]+)\"?").matcher(download.header("Content-Disposition"));
        assertThat(name.find()).isTrue();
        assertThat(name.group(1)).isEqualTo(job.path("file_name").asText());
        assertDetail(get(path + "download/"), 401, "Authentication credentials were not provided.");
        // Restore by the job's number, restore of an upload, delete.
        JsonNode restored = succeeded(server.call("POST", path + "restore/"));
        assertThat(restored.path("file_path")).isEqualTo(job.path("file_path"));
        assertThat(server.call("GET", JOBS).json().path(0).path("id")).isEqualTo(restored.path("id"));
        JsonNode uploaded = succeeded(server.upload(JOBS + "restore-upload/", "mine.tar.gz", download.bytes()));
        assertThat(uploaded.path("original_filename").asText()).isEqualTo("mine.tar.gz");
        int before = server.call("GET", JOBS).json().size();
        JsonNode again = succeeded(server.upload(JOBS + "restore-upload/", "mine.tar.gz", download.bytes()));
        assertThat(again.path("file_name").asText()).isEqualTo("mine-1.tar.gz");
        assertThat(server.call("GET", JOBS).json()).hasSize(before + 1);
        assertThat(server.call("DELETE", path).status()).isEqualTo(204);
        assertThat(server.call("GET", path).status()).isEqualTo(404);
    }

    @Test
    void the_call_sequences_of_the_released_web_client() throws Exception {
        // Page opens.
        assertThat(server.call("GET", "/api/backups/").json().isArray()).isTrue();
        assertThat(server.call("GET", "/api/backups/schedule/").json().size()).isEqualTo(6);
        // Create Backup, polled without an Authorization header.
        String name = server.create();
        assertThat(server.call("GET", "/api/backups/").text()).contains(name);
        // Download: the link carries the token and no headers.
        String token = server.call("GET", "/api/backups/" + name + "/download-token/")
                .json()
                .path("token")
                .asText();
        Answer file = server.send("GET", "/api/backups/" + name + "/download/?token=" + token, new byte[0]);
        assertThat(file.status()).isEqualTo(200);
        // Upload, restore, delete. Another test's backups of the same second may have the numbers before.
        List<String> taken = listedByAll();
        String free = IntStream.rangeClosed(1, taken.size() + 1)
                .mapToObj(it -> name.replace(".zip", "-" + it + ".zip"))
                .filter(it -> !taken.contains(it))
                .findFirst()
                .orElseThrow();
        assertThat(server.upload("/api/backups/upload/", name, file.bytes())
                        .json()
                        .path("filename")
                        .asText())
                .isEqualTo(free);
        Files.writeString(server.data.resolve("logos/since.txt"), "no directory is touched");
        JsonNode end = server.await(server.call("POST", "/api/backups/" + name + "/restore/"));
        assertThat(end.path("state").asText()).isEqualTo("completed");
        assertThat(server.data.resolve("logos/since.txt")).exists();
        assertThat(server.call("DELETE", "/api/backups/" + name + "/delete/").status())
                .isEqualTo(204);
        assertThat(server.call("GET", "/api/backups/").text()).doesNotContain("\"" + name + "\"");
    }
}
