package dev.holdfast.endtoend.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.server.ServerProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The requests of two guides to PocketBase's API, sent by the real {@code curl}, apart from host, token and key. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PocketBaseGuideTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private String base = "";
    private String bearer = "";

    @Test
    void each_request_has_the_outcome_of_the_page_or_the_difference_that_is_documented() throws Exception {
        var options = PocketBaseInstallation.withAccounts(
                PocketBaseInstallation.options(directory, PocketBaseInstallation.data(directory)));
        try (ServerProcess server = ServerProcess.start(options)) {
            base = server.address().toString().replaceAll("/$", "");
            JsonNode granted = body(curl(
                    "-X",
                    "POST",
                    "-H",
                    "Content-Type: application/json",
                    "-d",
                    "{\"identity\":\"" + PocketBaseInstallation.EMAIL + "\",\"password\":\""
                            + PocketBaseInstallation.PASSWORD + "\"}",
                    base + "/api/collections/_superusers/auth-with-password"));
            bearer = "Authorization: Bearer " + granted.path("token").asText();

            createAndList();
            download();
            restoreAndDelete();
            upload();
            settings();
            failures();
            // After all else, since it restores a backup from before.
            node(base);
        }
    }

    private void createAndList() throws Exception {
        String[] create = {
            "-X", "POST", "-H", bearer, "-H", "Content-Type: application/json", "-d", "{\"name\": \"manual_backup\"}"
        };
        assertThat(status(curl(with(create, base + "/api/backups")))).isEqualTo(400);
        String made = curl(with(create, "-H", "Prefer: return=representation", base + "/api/backups"));
        assertThat(body(made).toString()).isEqualTo("{\"key\":\"manual_backup.zip\"}");
        assertThat(status(curl("-X", "POST", "-H", bearer, base + "/api/backups")))
                .isEqualTo(204);

        JsonNode listed = body(curl("-H", bearer, base + "/api/backups"));
        assertThat(listed).hasSize(2);
        assertThat(listed.get(0).path("key").asText()).isEqualTo("manual_backup.zip");
        assertThat(listed.get(0).path("modified").asText())
                .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
    }

    private void download() throws Exception {
        Path file = directory.resolve("external_backup.zip");
        String backup = base + "/api/backups/manual_backup.zip";
        assertThat(status(curl("-o", file.toString(), "-H", bearer, backup))).isEqualTo(200);
        JsonNode token = body(curl("-X", "POST", "-H", bearer, backup + "/download-token"));
        Path linked = directory.resolve("linked.zip");
        assertThat(status(curl(
                        "-o",
                        linked.toString(),
                        backup + "?token=" + token.path("token").asText())))
                .isEqualTo(200);
        assertThat(linked).hasSameBinaryContentAs(file);
        Path unpacked = Files.createDirectory(directory.resolve("unpacked"));
        run("unzip", "-q", file.toString(), "-d", unpacked.toString());
        assertThat(unpacked.resolve("data.db")).isRegularFile();
        assertThat(unpacked.resolve("auxiliary.db")).isRegularFile();
        assertThat(unpacked.resolve("storage")).isDirectory();
        assertThat(run("unzip", "-l", file.toString())).contains("manifest");
    }

    private void restoreAndDelete() throws Exception {
        String backup = base + "/api/backups/manual_backup.zip";
        String[] restore = {"-X", "POST", "-H", bearer, backup + "/restore"};
        String answered = curl(with(restore, "-H", "Prefer: return=representation"));
        assertThat(body(answered).toString()).isEqualTo("{\"message\":\"Backup restored successfully.\"}");
        assertThat(status(curl(restore))).isEqualTo(204);
        awaitIdle();
        assertThat(status(curl("-X", "DELETE", "-H", bearer, backup))).isEqualTo(204);
        assertThat(status(curl("-X", "DELETE", "-H", bearer, backup))).isEqualTo(400);
        assertThat(status(curl("-X", "DELETE", "-H", bearer, "-H", "Prefer: return=representation", backup)))
                .isEqualTo(404);
    }

    private void awaitIdle() throws Exception {
        Eventually.get(
                () -> body(curl("-H", bearer, base + "/api/health"))
                        .at("/data/canBackup")
                        .asBoolean(),
                it -> it);
    }

    private void upload() throws Exception {
        String form = "file=@" + directory.resolve("external_backup.zip") + ";type=application/zip";
        assertThat(status(curl("-H", bearer, "-F", form, base + "/api/backups/upload")))
                .isEqualTo(204);
    }

    private void settings() throws Exception {
        String patched = curl(
                "-X", "PATCH", "-H", bearer, "-H", "Content-Type: application/json", "-d", """
                {
                  "backups": {
                    "cron": "0 0 * * *",
                    "cronMaxKeep": 7,
                    "s3": {
                      "enabled": true,
                      "bucket": "my-backups",
                      "region": "us-east-1",
                      "endpoint": "https://s3.amazonaws.com",
                      "accessKey": "...",
                      "secret": "...",
                      "forcePathStyle": false
                    }
                  }
                }
                """, base + "/api/settings");
        assertThat(status(patched)).isEqualTo(200);
        JsonNode backups = body(patched).path("backups");
        assertThat(backups.path("cron").asText()).isEqualTo("0 0 * * *");
        assertThat(backups.path("cronMaxKeep").asInt()).isEqualTo(7);
        assertThat(backups.at("/s3/bucket").asText()).isEqualTo("my-backups");
        assertThat(backups.path("s3").has("secret")).isFalse();
        for (String cron : List.of("0 */6 * * *", "0 0 * * 0", "0 0 1 * *", "")) {
            String answer = curl(
                    "-X",
                    "PATCH",
                    "-H",
                    bearer,
                    "-H",
                    "Content-Type: application/json",
                    "-d",
                    "{\"backups\":{\"cron\":\"" + cron + "\"}}",
                    base + "/api/settings");
            assertThat(body(answer).at("/backups/cron").asText()).isEqualTo(cron);
        }
        awaitIdle(); // midnight may have come meanwhile
    }

    private void failures() throws Exception {
        assertThat(status(curl("-X", "POST", base + "/api/backups"))).isEqualTo(401);
        assertThat(status(curl(base + "/api/backups/external_backup.zip"))).isEqualTo(403);
        assertThat(status(curl("-H", bearer, base + "/api/backups/missing.zip")))
                .isEqualTo(404);
        assertThat(status(curl("-X", "POST", "-H", bearer, base + "/api/backups/missing.zip/restore")))
                .isEqualTo(400);
    }

    private static void node(String base) throws Exception {
        Path script = Path.of("src/test/js/pocketbase-guide.mjs").toAbsolutePath();
        assertThat(run("node", script.toString(), base, PocketBaseInstallation.EMAIL, PocketBaseInstallation.PASSWORD))
                .contains("done");
    }

    private static String[] with(String[] arguments, String... more) {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /** The body, a line break and the status. */
    private static String curl(String... arguments) throws Exception {
        return run(with(new String[] {"curl", "-sS", "-w", "\n%{http_code}"}, arguments));
    }

    private static int status(String answer) {
        return Integer.parseInt(answer.substring(answer.lastIndexOf('\n') + 1));
    }

    private static JsonNode body(String answer) throws Exception {
        assertThat(status(answer)).as(answer).isEqualTo(200);
        return JSON.readTree(answer.substring(0, answer.lastIndexOf('\n')));
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(String.join(" ", command) + said).isZero();
        return said;
    }
}
