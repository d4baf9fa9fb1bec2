package dev.holdfast.endtoend.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.client.ApiClient;
import dev.holdfast.client.ApiException;
import dev.holdfast.client.ApiResponse;
import dev.holdfast.client.api.BackupsApi;
import dev.holdfast.client.api.OperationsApi;
import dev.holdfast.client.model.Backup;
import dev.holdfast.client.model.BackupResponse;
import dev.holdfast.client.model.Operation;
import dev.holdfast.client.model.Problem;
import dev.holdfast.client.model.RestoreResponse;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.sql.Connection;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The client that a generator makes from the API's description, against the server in a process of its own. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class GeneratedRestClientTest {
    /** One for each test. */
    private static final List<String> DATABASES = List.of("life", "range", "keys", "history");

    @TempDir
    static Path directory;

    private static ServerProcess server;
    private static String token;

    private final ApiClient client = new ApiClient();
    private BackupsApi backups;

    @BeforeAll
    static void start() throws Exception {
        var databases = new StringJoiner(", ");
        for (String name : DATABASES) {
            databases.add("%s: {file: \"%s\"}".formatted(name, Bank.create(file(name), "WAL", 1)));
        }
        Path data = directory.resolve("data");
        server = ServerProcess.start(Options.in(data)
                .env("HOLDFAST_AUTH_ENABLED", "true")
                .config(directory.resolve("holdfast.yml"), "holdfast: {databases: {%s}}".formatted(databases)));
        token = Command.run(data, "", "token", "create", "--name", "work", "--role", "admin")
                .strip();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void signIn() {
        client.updateBaseUri(server.address().toString());
        client.setRequestInterceptor(it -> it.header("Authorization", "Bearer " + token));
        backups = new BackupsApi(client);
    }

    private static Path file(String database) {
        return directory.resolve(database + ".db");
    }

    private BackupResponse backUp(String database) throws ApiException {
        return backups.createBackup(null, null, database, null);
    }

    @Test
    void it_creates_lists_downloads_and_restores() throws Exception {
        BackupResponse made = backUp("life");
        assertThat(made.getFilename()).matches("app_\\d{8}_\\d{6}\\.db");
        assertThat(backups.listBackups("life", 10, null).getBackups())
                .singleElement()
                .satisfies(it -> assertThat(it.getFilename()).isEqualTo(made.getFilename()));
        Backup shown = backups.getBackup(made.getFilename(), "life");
        assertThat(shown.getSize()).isEqualTo(made.getSize());

        File downloaded = backups.downloadBackup(made.getFilename(), null, null, null, "life");
        assertThat(sha256(downloaded)).isEqualTo(shown.getSha256());
        assertThat(Bank.check(downloaded.toPath())).isZero();

        try (Connection application = Bank.open(file("life"))) {
            Bank.transact(application);
        }
        RestoreResponse restored = backups.restoreBackup(made.getFilename(), null, null, "life", false, false);
        assertThat(restored.getRestoredFrom()).isEqualTo(made.getFilename());
        assertThat(restored.getSafetyBackup()).isNotNull();
        assertThat(Bank.check(file("life"))).isZero();
    }

    @Test
    void a_download_goes_on_from_an_offset() throws Exception {
        String filename = backUp("range").getFilename();
        Backup shown = backups.getBackup(filename, "range");
        ApiResponse<File> first = backups.downloadBackupWithHttpInfo(filename, null, "bytes=0-99999", null, "range");
        String etag = first.getHeaders().getOrDefault("etag", List.of()).getFirst();
        ApiResponse<File> rest = backups.downloadBackupWithHttpInfo(filename, null, "bytes=100000-", etag, "range");

        assertThat(first.getStatusCode()).isEqualTo(206);
        assertThat(rest.getStatusCode()).isEqualTo(206);
        Path whole = Files.copy(first.getData().toPath(), directory.resolve("whole.db"));
        Files.write(whole, Files.readAllBytes(rest.getData().toPath()), StandardOpenOption.APPEND);
        assertThat(sha256(whole.toFile())).isEqualTo(shown.getSha256());
    }

    @Test
    void the_same_key_makes_one_backup_and_an_upload_keeps_its_name() throws Exception {
        BackupResponse made = backups.createBackup("nightly-1", null, "keys", null);
        assertThat(backups.createBackup("nightly-1", null, "keys", null)).isEqualTo(made);

        Path copy = Files.copy(
                backups.downloadBackup(made.getFilename(), null, null, null, "keys")
                        .toPath(),
                directory.resolve("app_20200102_030405.db"));
        Backup uploaded = backups.uploadBackup(copy.toFile(), null, "keys");
        assertThat(uploaded.getFilename()).isEqualTo("app_20200102_030405.db");
        assertThat(backups.listBackups("keys", null, null).getBackups()).hasSize(2);
    }

    @Test
    void what_went_on_is_shown_with_its_result() throws Exception {
        BackupResponse made = backUp("history");
        assertThat(new OperationsApi(client)
                        .listOperations("history", null, null, null, null, null)
                        .getOperations())
                .singleElement()
                .satisfies((Operation it) -> {
                    assertThat(it.getState()).isEqualTo("succeeded");
                    assertThat(it.getResult())
                            .asInstanceOf(InstanceOfAssertFactories.MAP)
                            .containsEntry("filename", made.getFilename());
                });
    }

    @Test
    void a_refusal_carries_the_problem() throws Exception {
        ApiException e =
                catchThrowableOfType(ApiException.class, () -> backups.getBackup("app_19990101_000000.db", "life"));
        assertThat(e.getCode()).isEqualTo(404);
        Problem problem = client.getObjectMapper().readValue(e.getResponseBody(), Problem.class);
        assertThat(problem.getCode()).isEqualTo("backup-not-found");
        assertThat(problem.getDetail()).contains("app_19990101_000000.db");
    }

    @Test
    void without_a_token_nothing_is_done() {
        client.setRequestInterceptor(it -> {});
        ApiException e = catchThrowableOfType(
                ApiException.class, () -> new BackupsApi(client).createBackup(null, null, "life", null));
        assertThat(e.getCode()).isEqualTo(401);
    }

    private static String sha256(File file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file.toPath())));
    }
}
