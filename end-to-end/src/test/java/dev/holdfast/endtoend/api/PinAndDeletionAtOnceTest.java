package dev.holdfast.endtoend.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.BackupApi;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.GrpcApi;
import dev.holdfast.endtoend.server.RestApi;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients of both APIs that pin and delete one backup at the same moment. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(240)
class PinAndDeletionAtOnceTest {
    private static final int RACES = 200;

    @TempDir
    private Path directory;

    @Test
    void exactly_one_is_granted() throws Exception {
        Path database = Bank.create(directory.resolve("app.db"), "WAL", 1);
        Path backups = directory.resolve("backups");
        try (ServerProcess server = ServerProcess.start(Options.in(directory.resolve("data"))
                        .config(
                                directory.resolve("holdfast.yml"),
                                "holdfast:%n  databases:%n    default: {file: \"%s\", backup-directory: \"%s\"}%n"
                                        .formatted(database, backups)));
                RestApi rest = new RestApi(server.address(), "");
                GrpcApi grpc = new GrpcApi(server.grpcPort(), "");
                Client client = new Client(server.address());
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            client.backUp("default");
            for (int race = 0; race < RACES; race++) {
                String name = "app_20200101_00%02d%02d.db".formatted(race / 60, race % 60);
                Files.writeString(backups.resolve(name), "copied by hand");
                BackupApi pinning = race % 2 == 0 ? rest : grpc;
                BackupApi deleting = race % 4 < 2 ? rest : grpc;
                var start = new CyclicBarrier(2);
                Future<Map<String, Object>> pin = threads.submit(() -> {
                    start.await();
                    return pinning.update("default", name, true, Map.of());
                });
                Future<Map<String, Object>> deletion = threads.submit(() -> {
                    start.await();
                    return deleting.delete("default", name);
                });

                if (pin.get().containsKey("code")) {
                    assertThat(pin.get()).as("race %s", race).containsEntry("code", "backup-not-found");
                    assertThat(deletion.get()).as("race %s", race).doesNotContainKey("code");
                    assertThat(backups.resolve(name)).doesNotExist();
                } else {
                    assertThat(deletion.get()).as("race %s", race).containsEntry("code", "backup-pinned");
                    assertThat(rest.find("default", name)).containsEntry("pinned", true);
                }
            }
        }
    }
}
