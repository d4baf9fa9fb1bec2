package dev.holdfast.endtoend.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.BackupApi;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.server.GrpcApi;
import dev.holdfast.endtoend.server.RestApi;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One server, a client of each API for each role, and databases that are each in a state of their own. Needs root. */
final class BothApis {
    private static final List<String> DATABASES =
            List.of("good", "missing", "corrupt", "locked", "spoiled", "full", "gone", "large");

    private final Map<BackupApi, Integer> numbers = new HashMap<>();
    private final ServerProcess server;
    private final RestApi viewerOverRest;
    private final GrpcApi viewerOverGrpc;
    private final RestApi strangerOverRest;
    private final GrpcApi strangerOverGrpc;
    final Path directory;
    final RestApi rest;
    final GrpcApi grpc;

    /** A backup of another database, which is there all the time. */
    static final String FOREIGN = "app_20200102_000000.db";

    /** A backup that is there all the time. */
    final String backup;

    /** The operation that made the backup. */
    final String operation;

    BothApis(Path directory) throws Exception {
        this.directory = directory;
        for (String name : List.of("good", "corrupt", "locked", "spoiled", "gone")) {
            Bank.create(directory.resolve(name + ".db"), "DELETE", name.equals("corrupt") ? 1 : 0);
        }
        Bank.create(directory.resolve("full.db"), "DELETE", 5);
        Bank.create(directory.resolve("large.db"), "DELETE", 20); // more than sockets and clients hold for a reader
        noise(directory.resolve("corrupt.db"), 4096, 5 * 4096);
        run(
                "mount",
                "-t",
                "tmpfs",
                "-o",
                "size=2m",
                "tmpfs",
                Files.createDirectory(directory.resolve("full")).toString());
        String databases = DATABASES.stream()
                .map(it -> "    %s: {file: \"%s\", backup-directory: \"%s\"}%n"
                        .formatted(it, directory.resolve(it + ".db"), directory.resolve(it)))
                .collect(Collectors.joining());
        server = ServerProcess.start(Options.in(directory.resolve("data"))
                .config(
                        directory.resolve("holdfast.yml"),
                        "holdfast:\n  busy-timeout: 3s\n  auth: {enabled: true}\n  uploads: {max-size: 1MiB}\n"
                                + "  databases:\n" + databases));
        String admin = token("admin");
        rest = new RestApi(server.address(), admin);
        grpc = new GrpcApi(server.grpcPort(), admin);
        String viewer = token("viewer");
        viewerOverRest = new RestApi(server.address(), viewer);
        viewerOverGrpc = new GrpcApi(server.grpcPort(), viewer);
        strangerOverRest = new RestApi(server.address(), "");
        strangerOverGrpc = new GrpcApi(server.grpcPort(), "");
        backup = text(rest.create("good", ""), "filename");
        operation = text(first(rest.operations("good", "", "", "", 1), "operations"), "id");
        makeForeign();
        String spoiled = text(rest.create("spoiled", ""), "filename");
        Path file = directory.resolve("spoiled").resolve(spoiled);
        noise(file, (int) Files.size(file) - 100, 100);
    }

    /** A copy of the backup whose metadata names another database. */
    private void makeForeign() throws Exception {
        Path store = directory.resolve("good");
        Files.copy(store.resolve(backup), store.resolve(FOREIGN));
        Path metadata = store.resolve(".holdfast/meta/" + backup + ".json");
        Files.writeString(
                metadata.resolveSibling(FOREIGN + ".json"),
                Files.readString(metadata)
                        .replace(backup, FOREIGN)
                        .replace("\"database\" : \"good\"", "\"database\" : \"shop\""));
    }

    private String token(String role) throws Exception {
        return Command.run(directory.resolve("data"), "", "token", "create", "--name", "a-" + role, "--role", role)
                .strip();
    }

    void stop() throws Exception {
        Stream.of(rest, grpc, viewerOverRest, viewerOverGrpc, strangerOverRest, strangerOverGrpc)
                .forEach(BothApis::close);
        server.close();
        run("umount", directory.resolve("full").toString());
    }

    private static void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    BackupApi stranger(BackupApi api) {
        return api == rest ? strangerOverRest : strangerOverGrpc;
    }

    BackupApi viewer(BackupApi api) {
        return api == rest ? viewerOverRest : viewerOverGrpc;
    }

    BackupApi other(BackupApi api) {
        return api == rest ? grpc : rest;
    }

    /** Another one each time; no two APIs get the same. */
    int number(BackupApi api) {
        return numbers.merge(api, api == rest ? 1 : 2, (before, _) -> before + 2);
    }

    /** The number that this API got last. */
    int numberOf(BackupApi api) {
        return Objects.requireNonNull(numbers.get(api));
    }

    byte[] content() throws Exception {
        return Files.readAllBytes(directory.resolve("good").resolve(backup));
    }

    String etag() throws Exception {
        return "\"" + text(rest.find("good", backup), "sha256") + "\"";
    }

    String newest(String database) throws Exception {
        return text(first(rest.list(database, 1, ""), "backups"), "filename");
    }

    static String text(Map<String, Object> answer, String member) {
        return String.valueOf(Objects.requireNonNull(answer.get(member), answer::toString));
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> first(Map<String, Object> answer, String list) {
        return ((List<Map<String, Object>>) Objects.requireNonNull(answer.get(list), answer::toString)).getFirst();
    }

    interface Step {
        Map<String, Object> run() throws Exception;
    }

    Map<String, Object> whileLocked(Step step) throws Exception {
        try (Connection application = Bank.open(directory.resolve("locked.db"));
                Statement sql = application.createStatement()) {
            sql.execute("BEGIN EXCLUSIVE");
            Map<String, Object> answer = step.run();
            sql.execute("ROLLBACK");
            return answer;
        }
    }

    static CompletableFuture<Map<String, Object>> inTheBackground(Step step) {
        var answer = new CompletableFuture<Map<String, Object>>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                answer.complete(step.run());
            } catch (Exception e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    /** The operation that runs on the locked database, as soon as there is one. */
    String running() throws Exception {
        Map<String, Object> answer = Eventually.get(
                () -> rest.operations("locked", "running", "", "", 1),
                it -> it.get("operations") instanceof List<?> all && !all.isEmpty());
        return text(first(answer, "operations"), "id");
    }

    static void noise(Path file, int at, int length) throws Exception {
        byte[] noise = new byte[length];
        new Random(2).nextBytes(noise);
        try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.seek(at);
            raw.write(noise);
        }
    }

    static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }
}
