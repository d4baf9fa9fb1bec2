package dev.holdfast.endtoend.sources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.BackupApi;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.server.GrpcApi;
import dev.holdfast.endtoend.server.RestApi;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.sources.UnusableSourceRows.Call;
import dev.holdfast.endtoend.sources.UnusableSourceRows.Row;
import dev.holdfast.endtoend.sources.UnusableSourceRows.State;
import dev.holdfast.endtoend.writers.Bank;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The response to a source that the server cannot use, over REST and over gRPC, from a server that runs as an ordinary
 * user: root may read and write everything. One server for all rows; each row has a database of its own.
 */
@Tag("process")
@Tag("root")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class UnusableSourcesTest {
    private static final int USER = 12_345;
    private static final List<Row> ROWS = UnusableSourceRows.all();

    /** How the databases of the tests without a row are left. */
    private static final Map<String, State> OTHERS = Map.of(
            "writer-backup", State.ROLLBACK,
            "writer-restore", State.ROLLBACK,
            "emptied-rest", State.WAL_LEFT,
            "emptied-grpc", State.WAL_LEFT);

    private Path directory;
    private ServerProcess server;
    private RestApi rest;
    private GrpcApi grpc;
    private final List<AutoCloseable> opened = new ArrayList<>();

    static Stream<Row> rows() {
        return ROWS.stream();
    }

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary;
        SpoiledSource.run("chmod", "755", directory.toString());
        Path home = Files.createDirectory(directory.resolve("home"));
        var databases = new StringBuilder();
        for (Row row : ROWS) {
            append(databases, name(row), create(name(row), row.state(), row.file()));
        }
        for (Map.Entry<String, State> other : OTHERS.entrySet()) {
            append(databases, other.getKey(), create(other.getKey(), other.getValue(), "app.db"));
        }
        SpoiledSource.run("chown", "-R", USER + ":" + USER, home.toString());
        Path config = directory.resolve("holdfast.yml");
        server = ServerProcess.start(Options.in(home.resolve("data"))
                .config(config, "holdfast:\n  busy-timeout: 500ms\n  auth: {enabled: true}\n  databases:\n" + databases)
                .as(USER));
        String admin = token("admin");
        rest = new RestApi(server.address(), admin);
        grpc = new GrpcApi(server.grpcPort(), admin);
    }

    private String token(String role) throws Exception {
        return Command.run(directory.resolve("home/data"), "", "token", "create", "--name", "a-" + role, "--role", role)
                .strip();
    }

    private static void append(StringBuilder databases, String name, Path file) {
        databases.append("    %s: {file: \"%s\"}%n".formatted(name, file));
    }

    @AfterAll
    void stop() throws Exception {
        for (AutoCloseable it : opened.reversed()) {
            it.close();
        }
        grpc.close();
        rest.close();
        server.close();
    }

    private static String name(Row row) {
        return "row" + ROWS.stream().map(Row::toString).toList().indexOf(row.toString());
    }

    private Path twin(String database) {
        return directory.resolve("made").resolve(database).resolve("app.db");
    }

    private Path create(String database, State state, String name) throws Exception {
        Path file = directory.resolve(database).resolve(name);
        Path elsewhere = twin(database);
        Files.createDirectories(Objects.requireNonNull(elsewhere.getParent()));
        Bank.create(elsewhere, state == State.ROLLBACK ? "DELETE" : "WAL", 0);
        Path folder = Files.createDirectories(Objects.requireNonNull(file.getParent()));
        switch (state) {
            case ROLLBACK, WAL_CLOSED -> Files.copy(elsewhere, file);
            case WAL_LEFT -> {
                try (Connection application = Bank.open(elsewhere)) {
                    Bank.transact(application);
                    for (String end : List.of("", "-wal", "-shm")) {
                        Files.copy(Path.of(elsewhere + end), Path.of(file + end));
                    }
                }
            }
            case WAL_OPEN -> {
                Files.copy(elsewhere, file);
                // Another process: this one reads the file, and would drop the locks of its own connections to it.
                opened.add(SpoiledSource.startApplication(file));
            }
        }
        SpoiledSource.run("chown", "-R", USER + ":" + USER, folder.toString());
        return file;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void it_gets_its_response_over_rest_and_over_grpc(Row row) throws Exception {
        String database = name(row);
        String backup = row.call() == Call.RESTORE ? backUp(rest, database) : "";
        var source = new SpoiledSource(directory.resolve(database).resolve(row.file()), twin(database));
        opened.add(source::undo);
        row.spoiling().in(source);
        Map<String, String> before = files(database, row.state());

        Map<String, Object> overRest = call(row.call(), rest, database, backup);
        Map<String, Object> overGrpc = call(row.call(), grpc, database, backup);

        assertThat(rest.lastStatus())
                .as("%s %s", overRest, logOf(database))
                .isEqualTo(row.response().http());
        assertThat(overRest.getOrDefault("code", "")).isEqualTo(row.response().code());
        assertThat(overGrpc.getOrDefault("code", ""))
                .as("%s", overGrpc)
                .isEqualTo(row.response().code());
        assertThat(grpc.lastStatus()).isEqualTo(row.response().grpc());
        if (row.response().http() != 200) {
            assertThat(overRest.get("detail")).asString().contains(row.says()).contains(directory.toString());
            assertThat(overGrpc.get("detail")).isEqualTo(overRest.get("detail"));
        } else if (!row.says().isEmpty()) {
            for (BackupApi api : List.of(rest, grpc)) {
                assertThat(api.find(database, String.valueOf(overRest.get("filename")))
                                .get("verification"))
                        .asString()
                        .contains(row.says());
            }
        }
        assertThat(files(database, row.state())).isEqualTo(before);
    }

    private List<String> logOf(String database) {
        return server.log()
                .lines()
                .filter(it -> it.contains(" " + database + " "))
                .toList();
    }

    private static Map<String, Object> call(Call call, BackupApi api, String database, String backup) throws Exception {
        return switch (call) {
            case BACKUP -> api.create(database, "");
            case RESTORE -> api.restore(database, backup, false);
        };
    }

    private static String backUp(BackupApi api, String database) throws Exception {
        Map<String, Object> made = api.create(database, "");
        assertThat(made).containsKey("filename");
        return String.valueOf(made.get("filename"));
    }

    /** What is below a database's folder, by its name, as root sees it; nothing if it is missing. */
    private Map<String, String> files(String database, State state) throws Exception {
        var all = new TreeMap<String, String>();
        Path folder = directory.resolve(database);
        if (Files.exists(folder)) {
            try (Stream<Path> walk = Files.walk(folder)) {
                for (Path path : walk.toList()) {
                    // The marks of readers in a wal-index that is in use change with each reader.
                    boolean shared = state == State.WAL_OPEN && path.toString().endsWith("-shm");
                    String content = Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && !shared
                            ? RestApi.sha256(Files.readAllBytes(path))
                            : "";
                    all.put(
                            folder.relativize(path).toString(),
                            Files.readAttributes(path, "unix:ino,mode,uid,gid", LinkOption.NOFOLLOW_LINKS) + content);
                }
            }
        }
        return all;
    }

    /** Rewrites a file with its own bytes until it is closed, as a program that keeps no locks of SQLite's. */
    private static final class UnlockedWriter implements AutoCloseable {
        private final AtomicBoolean closed = new AtomicBoolean();
        private final CompletableFuture<Void> ended;

        UnlockedWriter(Path file) throws IOException {
            byte[] content = Files.readAllBytes(file);
            ended = CompletableFuture.runAsync(
                    () -> {
                        while (!closed.get()) {
                            write(file, content);
                        }
                    },
                    it -> Thread.ofPlatform().start(it));
        }

        private static void write(Path file, byte[] content) {
            try {
                Files.write(file, content, StandardOpenOption.WRITE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            closed.set(true);
            ended.join();
        }
    }

    /** It needs time for a write while a copy is made; without one the copy is a state of the program. */
    @ParameterizedTest
    @EnumSource(Call.class)
    void a_writer_without_locks_gets_503_and_the_cause(Call call) throws Exception {
        String database = "writer-" + (call == Call.BACKUP ? "backup" : "restore");
        String backup = backUp(rest, database);
        try (var _ = new UnlockedWriter(directory.resolve(database).resolve("app.db"))) {
            for (BackupApi api : List.of(rest, grpc)) {
                Map<String, Object> response = Eventually.get(
                        () -> call(call, api, database, backup), it -> "source-busy".equals(it.get("code")));
                assertThat(response.get("detail"))
                        .asString()
                        .contains(database + "/app.db changed while SQLite's lock on it was held")
                        .contains("writes to it without SQLite's locks");
            }
        }
        assertThat(rest.lastStatus()).isEqualTo(503);
        assertThat(grpc.lastStatus()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(Bank.check(directory.resolve(database).resolve("app.db"))).isZero();
    }

    /** The WAL may be all the data there is. */
    @ParameterizedTest
    @ValueSource(strings = {"rest", "grpc"})
    void a_restore_over_an_empty_main_file_keeps_its_wal_and_names_the_place(String name) throws Exception {
        BackupApi api = name.equals("rest") ? rest : grpc;
        String database = "emptied-" + name;
        String backup = backUp(api, database);
        Path file = directory.resolve(database).resolve("app.db");
        Path wal = file.resolveSibling("app.db-wal");
        byte[] content = Files.readAllBytes(wal);
        Files.write(file, new byte[0]);

        Map<String, Object> restored = api.restore(database, backup, false);

        assertThat(restored).containsKey("remarks");
        Path kept;
        try (Stream<Path> all = Files.list(Objects.requireNonNull(file.getParent()))) {
            kept = all.filter(it -> it.getFileName().toString().startsWith("app.db-wal.set-aside"))
                    .findAny()
                    .orElseThrow();
        }
        assertThat(String.valueOf(restored.get("remarks"))).contains(kept.toString());
        assertThat(kept).hasBinaryContent(content);
        assertThat(Bank.check(file)).isOne();
    }

    @Test
    void to_resume_retention_that_does_not_pause_changes_nothing_and_takes_an_admin() throws Exception {
        String database = name(ROWS.getLast());
        Map<String, Object> before = rest.plan(database);
        String operator = token("operator"); // the role below admin
        try (RestApi overRest = new RestApi(server.address(), operator);
                GrpcApi overGrpc = new GrpcApi(server.grpcPort(), operator)) {
            assertThat(overRest.resumeRetention(database)).containsEntry("code", "permission-denied");
            assertThat(overRest.lastStatus()).isEqualTo(403);
            assertThat(overGrpc.resumeRetention(database)).containsEntry("code", "permission-denied");
            assertThat(overGrpc.lastStatus()).isEqualTo(Status.Code.PERMISSION_DENIED);
        }
        assertThat(rest.resumeRetention(database)).isEqualTo(before);
        assertThat(rest.lastStatus()).isEqualTo(200);
        assertThat(grpc.resumeRetention(database)).isEqualTo(grpc.plan(database));
        assertThat(grpc.lastStatus()).isEqualTo(Status.Code.OK);
        assertThat(rest.plan(database)).isEqualTo(before);
        assertThat(rest.audit()).doesNotContain("retention.resume");
    }
}
