package dev.holdfast.endtoend.operations;

import static dev.holdfast.endtoend.sources.SpoiledSource.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.endtoend.server.BackupApi;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.server.GrpcApi;
import dev.holdfast.endtoend.server.RestApi;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The backup directory of a running server fails, as a network file system does whose server is gone. */
@Tag("process")
@Tag("root")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(240)
class VanishedBackupDirectoryTest {
    /** Much more than fits on the way to a client. */
    private static final int MEBIBYTES = 24;

    @TempDir
    private Path directory;

    private Path backups() {
        return directory.resolve("backups");
    }

    private Process mount() throws Exception {
        Object before = Files.getAttribute(directory, "unix:dev");
        Process fuse = new ProcessBuilder(
                        "bindfs",
                        "-f",
                        directory.resolve("real").toString(),
                        backups().toString())
                .inheritIO()
                .start();
        Eventually.get(() -> Files.getAttribute(backups(), "unix:dev"), it -> !it.equals(before));
        return fuse;
    }

    private interface Call {
        Map<String, Object> make(BackupApi api) throws Exception;
    }

    private static Map<String, Call> calls(String backup) {
        var calls = new LinkedHashMap<String, Call>();
        calls.put("list", api -> api.list("default", 0, ""));
        calls.put("find", api -> api.find("default", backup));
        calls.put("backup", api -> api.create("default", ""));
        calls.put("verify", api -> api.verify("default", backup, "quick"));
        calls.put("restore", api -> api.restore("default", backup, false));
        calls.put("pin", api -> api.update("default", backup, true, Map.of()));
        calls.put("download", api -> api.download("default", backup, 0, ""));
        calls.put("upload", api -> api.upload("default", "app_20200101_000000.db", new byte[1]));
        calls.put("delete", api -> api.delete("default", backup));
        return calls;
    }

    @Test
    void every_call_says_store_unavailable_and_a_download_in_the_middle_is_cut_off() throws Exception {
        Files.createDirectory(directory.resolve("real"));
        Files.createDirectory(backups());
        Path database = directory.resolve("app.db");
        try (Connection connection = Bank.open(database);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE large AS SELECT randomblob(%d << 20) AS content".formatted(MEBIBYTES));
        }
        Process fuse = mount();
        try (ServerProcess server = ServerProcess.start(Options.in(directory.resolve("data"))
                        .config(
                                directory.resolve("holdfast.yml"),
                                "holdfast:%n  databases:%n    default: {file: \"%s\", backup-directory: \"%s\"}%n"
                                        .formatted(database, backups())));
                RestApi rest = new RestApi(server.address(), "");
                GrpcApi grpc = new GrpcApi(server.grpcPort(), "");
                Client client = new Client(server.address())) {
            String backup = client.backUp("default");

            assertCutOff(server.address(), backup, fuse);

            for (BackupApi api : List.of(rest, grpc)) {
                for (Map.Entry<String, Call> call : calls(backup).entrySet()) {
                    assertThat(call.getValue().make(api))
                            .as(call.getKey() + " over " + api.getClass().getSimpleName())
                            .containsEntry("code", "store-unavailable");
                }
            }
            assertThat(client.get("/api/v1/backup/" + backup).status()).isEqualTo(503);

            run("umount", "-l", backups().toString());
            fuse = mount();
            assertThat(client.filenames("default")).containsExactly(backup);
            assertThat(rest.verify("default", backup, "full")).doesNotContainKey("code");
            // The lease of the download that was cut off has ended.
            var _ = Eventually.get(() -> rest.delete("default", backup), it -> !it.containsKey("code"));
        } finally {
            fuse.destroyForcibly().waitFor();
            run("umount", "-l", backups().toString());
        }
    }

    private static void assertCutOff(URI server, String backup, Process fuse) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<InputStream> response = http.send(
                    HttpRequest.newBuilder(server.resolve("/api/v1/backup/" + backup + "/download"))
                            .build(),
                    BodyHandlers.ofInputStream());
            assertThat(response.statusCode()).isEqualTo(200);
            try (InputStream body = response.body()) {
                assertThat(body.readNBytes(1 << 20)).hasSize(1 << 20);
                fuse.destroyForcibly().waitFor();
                assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
            }
        }
    }
}
