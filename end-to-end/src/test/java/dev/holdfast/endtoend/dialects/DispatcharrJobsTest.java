package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.endtoend.plans.FarTime;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.writers.Bank;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The job API of Dispatcharr's documentation page, over a socket, with accounts; and the steps of that page. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DispatcharrJobsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JOBS = "/api/backups/jobs/";
    private static final String SETTINGS = "/api/backups/settings/";

    private DispatcharrInstallation server;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        server = DispatcharrInstallation.withAccounts(directory);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private String settings(boolean recordings, int retention, String schedule, String extra) {
        return """
                {"enabled": true, "retention": %d, "path": "%s", "extra_paths": [%s], "include_recordings": %b,
                 "schedule": %s}""".formatted(retention, server.backups(), extra, recordings, schedule);
    }

    private static final String NIGHTLY = """
            {"preset": "daily", "minute": "15", "hour": "%d", "day_of_month": "*", "month": "*", "day_of_week": "*",
             "timezone": "UTC"}""".formatted(FarTime.HOUR);

    private JsonNode run() throws Exception {
        Answer started = server.call("POST", JOBS);
        assertThat(started.status()).as(started.text()).isEqualTo(202);
        assertThat(started.json().path("status").asText()).isEqualTo("pending");
        JsonNode end = server.job(started.json().path("id").asLong());
        assertThat(end.path("status").asText()).as(end + server.process.log()).isEqualTo("succeeded");
        return end;
    }

    private static void write(Path file, String text) throws Exception {
        Files.writeString(file, text);
    }

    @Test
    void the_steps_of_the_documentation_page() throws Exception {
        Files.createDirectories(server.data.resolve("epg"));
        write(server.data.resolve("epg/guide.xml"), "guide");
        // Configure: path, recordings, retention, schedule, save.
        Answer saved =
                server.call("PUT", SETTINGS, settings(false, 5, NIGHTLY, "\"" + server.data.resolve("epg") + "\""));
        assertThat(saved.status()).as(saved.text()).isEqualTo(200);
        assertThat(saved.json().path("include_recordings").asBoolean()).isFalse();
        assertThat(saved.json().path("path").asText())
                .isEqualTo(server.backups().toString());
        assertThat(saved.json().at("/extra_paths/0").asText())
                .isEqualTo(server.data.resolve("epg").toString());
        // The web client: settings and jobs, then the jobs until none is pending or running.
        assertThat(server.call("GET", SETTINGS).json()).isEqualTo(saved.json());

        JsonNode job = run();
        assertThat(job.fieldNames())
                .toIterable()
                .containsExactly(
                        "id",
                        "job_type",
                        "status",
                        "scheduled",
                        "requested_by",
                        "file_path",
                        "file_name",
                        "file_size",
                        "original_filename",
                        "celery_task_id",
                        "error_message",
                        "created_at",
                        "updated_at",
                        "completed_at",
                        "can_download",
                        "can_cancel",
                        "can_delete");
        assertThat(job.path("requested_by").asText()).isEqualTo("admin");
        assertThat(job.path("scheduled").asBoolean()).isFalse();
        assertThat(job.path("file_name").asText()).matches("dispatcharr-backup-\\d{8}T\\d{6}Z(-\\d+)?\\.tar\\.gz");
        assertThat(job.path("created_at").asText()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z");
        assertThat(job.path("can_download").asBoolean()).isTrue();
        assertThat(job.path("can_cancel").asBoolean()).isFalse();
        assertThat(server.call("GET", JOBS).json().path(0).path("id")).isEqualTo(job.path("id"));

        // Download.
        String path = JOBS + job.path("id").asLong() + "/";
        Answer download = server.call("GET", path + "download/");
        assertThat(download.header("Content-Disposition"))
                .isEqualTo("attachment; filename=\"" + job.path("file_name").asText() + "\"");
        assertThat(download.bytes()).hasSize(job.path("file_size").asInt());
        Path archive = server.directory.resolve("downloaded.tar.gz");
        Files.write(archive, download.bytes());
        String members = command("tar", "-tzf", archive.toString());
        assertThat(members.lines().limit(2)).containsExactly("database.json", "manifest.json");
        assertThat(members)
                .contains("data/logos/logos.txt", "data/epg/guide.xml", "data/plugins/plugins.txt")
                .doesNotContain("data/recordings");
        JsonNode manifest = JSON.readTree(command("tar", "-xzOf", archive.toString(), "manifest.json"));
        assertThat(manifest.path("include_recordings").asBoolean()).isFalse();
        assertThat(manifest.path("version").asInt()).isEqualTo(1);

        // Restore: upload and restore in one call; recordings are left alone.
        long counted = Bank.entries(server.database());
        try (var connection = Bank.open(server.database())) {
            Bank.transact(connection);
        }
        assertThat(Bank.entries(server.database())).isGreaterThan(counted);
        write(server.data.resolve("logos/logos.txt"), "changed");
        write(server.data.resolve("epg/guide.xml"), "changed");
        write(server.data.resolve("recordings/recordings.txt"), "second of recordings");
        write(server.data.resolve("recordings/new.ts"), "recorded since");
        Answer restore = server.upload(JOBS + "restore-upload/", "from-page.tar.gz", download.bytes());
        assertThat(restore.status()).as(restore.text()).isEqualTo(202);
        assertThat(restore.json().path("job_type").asText()).isEqualTo("restore");
        assertThat(restore.json().path("original_filename").asText()).isEqualTo("from-page.tar.gz");
        assertThat(restore.json().path("can_cancel").asBoolean()).isFalse();
        JsonNode restored = server.job(restore.json().path("id").asLong());
        assertThat(restored.path("status").asText())
                .as(restored + server.process.log())
                .isEqualTo("succeeded");
        assertThat(Bank.entries(server.database())).isEqualTo(counted);
        assertThat(server.data.resolve("logos/logos.txt")).hasContent("first of logos");
        assertThat(server.data.resolve("epg/guide.xml")).hasContent("guide");
        assertThat(server.data.resolve("recordings/recordings.txt")).hasContent("second of recordings");
        assertThat(server.data.resolve("recordings/new.ts")).hasContent("recorded since");

        // Delete: the file and the record; the record of a restore alone.
        assertThat(server.call("DELETE", path).status()).isEqualTo(204);
        assertThat(server.backups().resolve(job.path("file_name").asText())).doesNotExist();
        assertThat(server.call("GET", path).status()).isEqualTo(404);
        assertThat(server.call("DELETE", JOBS + restored.path("id").asLong() + "/")
                        .status())
                .isEqualTo(204);
        assertThat(server.backups().resolve("from-page.tar.gz")).exists();
    }

    @Test
    void a_job_that_is_cancelled_while_it_runs_leaves_no_file() throws Exception {
        Path large = server.data.resolve("uploads/large");
        Files.write(large, new byte[0]);
        try (var file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(3L << 30); // a hole: costs no space, but time to pack
        }
        try {
            List<String> before = files();
            long id = server.call("POST", JOBS).json().path("id").asLong();
            Answer running = Eventually.get(
                    () -> server.call("GET", JOBS + id + "/"),
                    it -> it.json().path("status").asText().equals("running"));
            assertThat(running.json().path("can_cancel").asBoolean()).isTrue();
            Answer busy = server.call("POST", JOBS);
            assertThat(busy.status()).isEqualTo(409);
            assertThat(busy.text("detail")).startsWith("Failed to start backup: ");
            assertThat(server.call("DELETE", JOBS + id + "/").text("detail"))
                    .isEqualTo("Running jobs cannot be deleted.");

            Answer cancelled = server.call("POST", JOBS + id + "/cancel/");

            assertThat(cancelled.status()).as(cancelled.text()).isEqualTo(200);
            assertThat(cancelled.json().path("status").asText()).isEqualTo("canceled");
            assertThat(server.call("GET", JOBS + id + "/").json().path("status").asText())
                    .isEqualTo("canceled");
            assertThat(files()).isEqualTo(before);
            assertThat(server.call("POST", JOBS + id + "/cancel/").text("detail"))
                    .isEqualTo("This job cannot be canceled.");
            assertThat(server.call("POST", JOBS + id + "/restore/").text("detail"))
                    .isEqualTo("Only successful backups can be restored.");
            assertThat(server.call("GET", JOBS + id + "/download/").status()).isEqualTo(404);
        } finally {
            Files.delete(large);
        }
    }

    private List<String> files() throws Exception {
        if (!Files.exists(server.backups())) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(server.backups())) {
            return files.filter(Files::isRegularFile)
                    .filter(it -> !it.getFileName().toString().startsWith("."))
                    .map(Path::toString)
                    .sorted()
                    .toList();
        }
    }

    @Test
    void a_job_is_restored_by_its_number() throws Exception {
        JsonNode job = run();
        Answer started = server.call("POST", JOBS + job.path("id").asLong() + "/restore/");
        assertThat(started.status()).as(started.text()).isEqualTo(202);
        assertThat(started.json().path("file_path")).isEqualTo(job.path("file_path"));
        long id = started.json().path("id").asLong();
        JsonNode end = server.job(id);
        assertThat(end.path("status").asText()).isEqualTo("succeeded");
        assertThat(server.call("POST", JOBS + id + "/restore/").text("detail"))
                .isEqualTo("Only backup jobs can be restored.");
        assertThat(server.call("GET", JOBS + id + "/download/").text("detail"))
                .isEqualTo("Only backup jobs have downloadable archives.");
        assertThat(server.call("POST", JOBS + id + "/cancel/").text("detail"))
                .isEqualTo("This job cannot be canceled.");
        for (String path : List.of(JOBS + "99999/", JOBS + "99999/download/")) {
            assertThat(server.call("GET", path).status()).as(path).isEqualTo(404);
        }
    }

    @Test
    void a_link_that_is_made_after_the_settings_leads_nowhere() throws Exception {
        Path later = server.data.resolve("later");
        Path elsewhere = server.options.dataDir();
        Answer saved = server.call("PUT", SETTINGS, settings(true, 0, NIGHTLY, "\"" + later + "\""));
        assertThat(saved.status()).as(saved.text()).isEqualTo(200);
        Files.createDirectory(later);
        Answer made = server.call("POST", JOBS);
        long number = made.json().path("id").asLong();
        assertThat(server.job(number).path("status").asText()).isEqualTo("succeeded");
        Files.delete(later);
        Files.createSymbolicLink(later, elsewhere);
        try {
            for (String path : new String[] {JOBS, JOBS + number + "/restore/"}) {
                JsonNode job =
                        server.job(server.call("POST", path).json().path("id").asLong());
                assertThat(job.path("status").asText()).isEqualTo("failed");
                assertThat(job.path("error_message").asText()).contains(later.toString(), "leads to");
            }
        } finally {
            Files.delete(later);
            server.call("PUT", SETTINGS, settings(true, 0, NIGHTLY, ""));
        }
    }

    @Test
    void an_upload_that_is_no_archive_is_a_failed_job() throws Exception {
        Answer nonsense = server.upload(JOBS + "restore-upload/", "x.tar.gz", "nonsense".getBytes(UTF_8));
        assertThat(nonsense.status()).isEqualTo(202);
        assertThat(nonsense.json().path("status").asText()).isEqualTo("failed");
        assertThat(nonsense.json().path("error_message").asText()).isNotEmpty();
        assertThat(nonsense.json().path("original_filename").asText()).isEqualTo("x.tar.gz");
        assertThat(server.call("GET", JOBS + nonsense.json().path("id").asLong() + "/")
                        .json())
                .isEqualTo(nonsense.json());
        Answer nothing = server.send(
                "POST",
                JOBS + "restore-upload/",
                "--x--\r\n".getBytes(UTF_8),
                "Content-Type",
                "multipart/form-data; boundary=x",
                "Authorization",
                "Bearer " + server.access);
        assertThat(nothing.status()).isEqualTo(400);
        assertThat(nothing.text("detail")).isEqualTo("No archive uploaded.");
    }

    @Test
    void retention_follows_every_job_and_leaves_the_way_back_from_the_last_restore() throws Exception {
        assertThat(server.call("PUT", SETTINGS, settings(true, 2, NIGHTLY, "")).status())
                .isEqualTo(200);
        JsonNode first = run();
        List<String> before = archives();
        Answer restore = server.call("POST", JOBS + first.path("id").asLong() + "/restore/");
        assertThat(server.job(restore.json().path("id").asLong()).path("status").asText())
                .isEqualTo("succeeded");
        String safety =
                archives().stream().filter(it -> !before.contains(it)).findAny().orElseThrow();
        List<String> kept = new ArrayList<>(List.of(safety));
        for (int i = 0; i < 3; i++) {
            kept.add(server.backups().resolve(run().path("file_name").asText()).toString());
        }
        kept.remove(1);
        Eventually.get(this::archives, it -> it.size() == kept.size() && it.containsAll(kept));
        assertThat(server.call("PUT", SETTINGS, settings(true, 0, NIGHTLY, "")).status())
                .isEqualTo(200);
    }

    private List<String> archives() throws Exception {
        return files().stream()
                .filter(it -> it.startsWith(server.backups() + "/dispatcharr-backup-"))
                .toList();
    }

    @Test
    void every_preset_of_the_web_client_is_kept_as_it_is() throws Exception {
        for (String parts : List.of(
                "hourly,5,*/2,*,*,*",
                "daily,15,3,*,*,*",
                "weekly,0,4,*,*,mon,fri",
                "monthly,0,4,28,*,*",
                "custom,*/10,1-5,*,jan,*")) {
            String[] part = parts.split(",", 6);
            String schedule = """
                    {"preset": "%s", "minute": "%s", "hour": "%s", "day_of_month": "%s", "month": "%s",
                     "day_of_week": "%s", "timezone": "Europe/Berlin"}""".formatted((Object[]) part);
            Answer saved = server.call("PUT", SETTINGS, settings(true, 0, schedule, ""));
            assertThat(saved.status()).as(saved.text()).isEqualTo(200);
            assertThat(saved.json().path("schedule")).isEqualTo(JSON.readTree(schedule));
        }
        assertThat(server.call("GET", "/api/backups/schedule/")
                        .json()
                        .path("cron_expression")
                        .asText())
                .as("one plan, whichever API shows it")
                .isEqualTo("*/10 1-5 * jan *");
        server.call("PUT", SETTINGS, settings(true, 0, NIGHTLY, ""));
        server.awaitIdle(); // a minute of one of them may have come meanwhile
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "enabled": true     | "enabled": 7                     | /enabled/0
            "retention": 0      | "retention": -1                  | /retention/0
            "retention": 0      | "retention": "x"                 | /retention/0
            "extra_paths": []   | "extra_paths": ["/etc"]          | /extra_paths/0
            "extra_paths": []   | "extra_paths": ["logos"]         | /extra_paths/0
            "minute": "15"      | "minute": "x"                    | /schedule/minute/0
            "month": "*"        | "month": "?"                     | /schedule/month/0
            "preset": "daily"   | "preset": "never"                | /schedule/preset/0
            "timezone": "UTC"   | "timezone": "Mars/Base"          | /schedule/timezone/0
            "hour": "HOUR"      | "hour": "99"                     | /schedule/0
            """)
    void a_setting_that_does_not_fit_changes_nothing(String right, String wrong, String at) throws Exception {
        String before = server.call("GET", SETTINGS).text();
        String hour = Integer.toString(FarTime.HOUR);
        Answer refused = server.call(
                "PUT", SETTINGS, settings(true, 0, NIGHTLY, "").replace(right.replace("HOUR", hour), wrong));
        assertThat(refused.status()).as(refused.text()).isEqualTo(400);
        assertThat(refused.json().at(at).asText()).as(refused.text()).isNotEmpty();
        assertThat(server.call("GET", SETTINGS).text()).isEqualTo(before);
    }

    @Test
    void too_many_extra_paths_are_too_many() throws Exception {
        String long1 = server.data.resolve("x".repeat(200)).toString();
        String long2 = server.data.resolve("y".repeat(200)).toString();
        Answer refused =
                server.call("PUT", SETTINGS, settings(true, 0, NIGHTLY, "\"" + long1 + "\", \"" + long2 + "\""));
        assertThat(refused.text("detail")).isEqualTo("Too many backup paths specified");
    }

    private static String command(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(Arrays.toString(command) + said).isZero();
        return said;
    }
}
