package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.writers.Bank;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The settings of Dispatcharr's job API, and what is in the archives that its jobs make. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class DispatcharrJobArchivesTest extends DispatcharrCalls {
    @ParameterizedTest
    @CsvSource({
        "GET, 99999/",
        "DELETE, 99999/",
        "POST, 99999/cancel/",
        "GET, 99999/download/",
        "POST, 99999/restore/",
        "GET, 99999999999999999999/",
    })
    void a_job_that_there_is_not_is_404(String method, String path) throws Exception {
        assertDetail(server.call(method, JOBS + path), 404, "Not found.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "enabled|/enabled/0|This field is required.",
                "retention|/retention/0|This field is required.",
                "path|/path/0|This field is required.",
                "schedule|/schedule/0|This field is required.",
            })
    void a_setting_that_is_required_is_missed(String key, String at, String text) throws Exception {
        var settings = (ObjectNode) server.call("GET", SETTINGS).json();
        settings.remove(key);
        Answer refused = server.call("PUT", SETTINGS, settings.toString());
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().at(at).asText()).isEqualTo(text);
    }

    @Test
    void the_parts_of_a_schedule_are_required_and_paths_have_an_end() throws Exception {
        var settings = (ObjectNode) server.call("GET", SETTINGS).json();
        settings.put("path", "x".repeat(1025));
        settings.putObject("schedule").put("timezone", "UTC");
        JsonNode wrong = server.call("PUT", SETTINGS, settings.toString()).json();
        for (String part : List.of("preset", "minute", "hour", "day_of_month", "month", "day_of_week")) {
            assertThat(wrong.at("/schedule/" + part + "/0").asText()).isEqualTo("This field is required.");
        }
        assertThat(wrong.at("/path/0").asText()).contains("1024");
        settings.put("path", " ");
        assertThat(server.call("PUT", SETTINGS, settings.toString())
                        .json()
                        .at("/path/0")
                        .asText())
                .isEqualTo("This field may not be blank.");
    }

    @Test
    void extra_paths_left_out_are_emptied_and_recordings_left_out_stay() throws Exception {
        Path extra = Files.createDirectories(server.data.resolve("epg"));
        var settings = (ObjectNode) server.call("GET", SETTINGS).json();
        settings.putArray("extra_paths").add(extra.toString());
        settings.put("include_recordings", false);
        assertThat(server.call("PUT", SETTINGS, settings.toString()).json()).isEqualTo(settings);

        settings.remove(List.of("extra_paths", "include_recordings"));
        JsonNode saved = server.call("PUT", SETTINGS, settings.toString()).json();

        assertThat(saved.path("extra_paths")).isEmpty();
        assertThat(saved.path("include_recordings").asBoolean()).isFalse();
        settings.put("include_recordings", true);
        server.call("PUT", SETTINGS, settings.toString());
    }

    @Test
    void an_archive_with_recordings_restores_them_whatever_new_archives_hold() throws Exception {
        JsonNode job = succeeded(server.call("POST", JOBS));
        var settings = (ObjectNode) server.call("GET", SETTINGS).json();
        settings.put("include_recordings", false);
        assertThat(server.call("PUT", SETTINGS, settings.toString()).status()).isEqualTo(200);
        try {
            Files.writeString(server.data.resolve("recordings/recordings.txt"), "second of recordings");
            succeeded(server.call("POST", JOBS + job.path("id").asLong() + "/restore/"));
            assertThat(server.data.resolve("recordings/recordings.txt")).hasContent("first of recordings");
        } finally {
            settings.put("include_recordings", true);
            server.call("PUT", SETTINGS, settings.toString());
        }
    }

    @Test
    void the_manifest_says_what_is_in_the_archive_and_what_is_not() throws Exception {
        Path aside = Files.move(server.data.resolve("plugins"), server.data.resolve("plugins-aside"));
        JsonNode job;
        try {
            job = succeeded(server.call("POST", JOBS));
        } finally {
            Files.move(aside, server.data.resolve("plugins"));
        }
        Path archive = server.backups().resolve(job.path("file_name").asText());
        JsonNode manifest = JSON.readTree(command("tar", "-xzOf", archive.toString(), "manifest.json"));

        assertThat(manifest.path("format").asText()).isEqualTo("dispatcharr-backup");
        assertThat(manifest.path("version").asInt()).isEqualTo(1);
        assertThat(manifest.path("created_at").asText()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\+00:00");
        assertThat(manifest.path("database_dump").asText()).isEqualTo("database.json");
        assertThat(manifest.path("include_recordings").asBoolean()).isTrue();
        assertThat(texts(manifest.path("data_directories")))
                .containsExactly(
                        server.data.resolve("logos").toString(),
                        server.data.resolve("recordings").toString(),
                        server.data.resolve("uploads").toString());
        assertThat(texts(manifest.path("missing_directories")))
                .containsExactly(server.data.resolve("plugins").toString());
        assertThat(manifest.fieldNames())
                .toIterable()
                .containsExactly(
                        "format",
                        "version",
                        "created_at",
                        "dispatcharr_version",
                        "data_directories",
                        "missing_directories",
                        "database_dump",
                        "include_recordings",
                        "schedule");
        assertThat(manifest.path("dispatcharr_version").isNull()).isTrue();
        assertThat(manifest.path("schedule").toString()).isEqualTo("{}");
        List<String> members =
                command("tar", "-tzf", archive.toString()).lines().toList();
        assertThat(members).startsWith("database.json", "manifest.json").endsWith("holdfast-manifest.json");
        assertThat(members.subList(2, members.size() - 1)).isNotEmpty().allMatch(it -> it.startsWith("data/"));
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(it -> texts.add(it.asText()));
        return texts;
    }

    @Test
    void a_restore_of_a_draft_archive_that_cannot_be_says_why() throws Exception {
        JsonNode job = succeeded(server.call("POST", JOBS));
        Path archive = server.backups().resolve(job.path("file_name").asText());
        Path unpacked = Files.createDirectories(server.directory.resolve("unpacked"));
        command("tar", "-xzf", archive.toString(), "-C", unpacked.toString());
        Path outside = server.directory.resolve("outside.tar.gz");
        String[] pack = {"tar", "-czPf", outside.toString(), "-C", unpacked.toString()};
        command(with(pack, "--transform=s,^data/logos,../logos,", "database.json", "manifest.json", "data/logos"));
        assertFailed(outside, "Archive contains invalid paths");
        command(with(pack, "manifest.json", "data"));
        assertFailed(outside, "Backup archive missing database dump");
        Path noGzip = server.directory.resolve("outside.tar");
        command("tar", "-cf", noGzip.toString(), "-C", unpacked.toString(), "database.json", "manifest.json");
        assertFailed(
                noGzip,
                "The file is neither a SQLite database nor an archive with one that is known here, or its end is"
                        + " missing.");
        Path put = Files.copy(outside, server.backups().resolve("dispatcharr-backup-20250102T030405Z.tar.gz"));
        assertThat(server.await(server.call("POST", BACKUPS + put.getFileName() + "/restore/"))
                        .path("error")
                        .asText())
                .isEqualTo("Backup archive missing database dump");
        Files.delete(put);
        Files.writeString(
                unpacked.resolve("database.json"),
                "[\n{\"model\": \"channels.channel\", \"fields\": {\"name\": \"One\"}}\n]");
        command(with(pack, "database.json", "manifest.json"));
        assertFailed(
                outside,
                "database.json cannot be loaded: It does not begin as a dump that Holdfast made. One that Django's dumpdata made"
                        + " has no schema, so that no database can be made of it.");

        Files.move(archive, server.directory.resolve("gone"));
        Answer gone = server.call("POST", JOBS + job.path("id").asLong() + "/restore/");
        assertDetail(gone, 404, "Backup file not found");
    }

    @Test
    void recordings_are_left_out_however_they_are_written_and_a_directory_of_others_is_passed_over() throws Exception {
        Path extra = Files.createDirectories(server.data.resolve("dvr/Recordings"));
        Files.writeString(extra.resolve("a.ts"), "recorded");
        var settings = (ObjectNode) server.call("GET", SETTINGS).json();
        settings.putArray("extra_paths").add(extra.toString());
        settings.put("include_recordings", false);
        assertThat(server.call("PUT", SETTINGS, settings.toString()).status()).isEqualTo(200);
        JsonNode job = succeeded(server.call("POST", JOBS));
        settings.putArray("extra_paths");
        settings.put("include_recordings", true);
        assertThat(server.call("PUT", SETTINGS, settings.toString()).status()).isEqualTo(200);
        Path archive = server.backups().resolve(job.path("file_name").asText());
        assertThat(command("tar", "-tzf", archive.toString()))
                .contains("data/logos/logos.txt")
                .doesNotContainIgnoringCase("recordings");

        Path unpacked = Files.createDirectories(server.directory.resolve("stranger"));
        command("tar", "-xzf", archive.toString(), "-C", unpacked.toString());
        Files.createDirectories(unpacked.resolve("data/unknown"));
        Files.writeString(unpacked.resolve("data/unknown/x"), "x");
        Files.writeString(unpacked.resolve("data/logos/logos.txt"), "a stranger's logo");
        Path packed = server.directory.resolve("stranger.tar.gz");
        command("tar", "-czf", packed.toString(), "-C", unpacked.toString(), "database.json", "manifest.json", "data");
        succeeded(server.upload(JOBS + "restore-upload/", "stranger.tar.gz", Files.readAllBytes(packed)));
        assertThat(server.data.resolve("logos/logos.txt")).hasContent("a stranger's logo");
        assertThat(server.data.resolve("unknown")).doesNotExist();
        assertThat(server.data.resolve("recordings/recordings.txt")).hasContent("first of recordings");
    }

    private static String[] with(String[] begin, String... end) {
        var all = new ArrayList<>(List.of(begin));
        all.addAll(List.of(end));
        return all.toArray(String[]::new);
    }

    private void assertFailed(Path upload, String error) throws Exception {
        long before = Bank.entries(server.database());
        JsonNode job = finished(
                server.upload(JOBS + "restore-upload/", upload.getFileName().toString(), Files.readAllBytes(upload)));
        assertThat(job.path("status").asText()).isEqualTo("failed");
        assertThat(job.path("error_message").asText()).isEqualTo(error);
        assertThat(Bank.entries(server.database())).isEqualTo(before);
    }

    private static String command(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(Arrays.toString(command) + said).isZero();
        return said;
    }
}
