package dev.holdfast.bootstrap.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.bootstrap.endtoend.Client.Answer;
import dev.holdfast.bootstrap.endtoend.ServerProcess.Options;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The response to a source that the server cannot use, over REST and over gRPC, from a server that runs as an ordinary
 * user: root may read and write everything. One server for all rows; each row has a database of its own.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class UnusableSourcesTest {
    private static final int USER = 12_345;

    /** A path that SQLite opens has at most 504 bytes. With two bytes for a letter the limit is seen to be in bytes. */
    private static final String LONG_FOLDERS = "ä".repeat(120) + "/" + "ö".repeat(120) + "/";

    private Path directory;
    private ServerProcess server;
    private Client client;
    private GrpcApi grpc;
    private final List<Path> mounted = new ArrayList<>();
    private final List<Connection> applications = new ArrayList<>();

    /** How an application left its database. */
    private enum State {
        ROLLBACK,
        /** In WAL mode, closed properly: the main file is alone. */
        WAL_CLOSED,
        /** In WAL mode, with the sidecars of a killed application. */
        WAL_LEFT,
        /** In WAL mode, an application has it open. */
        WAL_OPEN
    }

    private enum Call {
        BACKUP,
        RESTORE
    }

    /** Spoils a source that was in order when the server started. */
    private interface Spoiling {
        void in(Spoiled source) throws Exception;
    }

    /** A source that is about to be spoiled, by root. */
    private final class Spoiled {
        private final Path file;

        Spoiled(Path file) {
            this.file = file;
        }

        Path sibling(String end) {
            return file.resolveSibling(file.getFileName() + end);
        }

        Path folder() {
            return Objects.requireNonNull(file.getParent());
        }

        /** Gives a file, which is made if it is missing, or a folder to root. */
        void roots(Path path, String mode) throws Exception {
            if (!Files.exists(path)) {
                Files.createFile(path);
            }
            run("chown", "0:0", path.toString());
            run("chmod", mode, path.toString());
        }

        void mountReadOnly() throws Exception {
            run("mount", "--bind", folder().toString(), folder().toString());
            mounted.add(folder());
            run("mount", "-o", "remount,bind,ro", folder().toString());
        }
    }

    /** @param file below the row's own folder */
    private record Row(
            Call call,
            State state,
            String input,
            int status,
            String code,
            String says,
            Spoiling spoiling,
            String file) {
        Row at(String file) {
            return new Row(call, state, input, status, code, says, spoiling, file);
        }

        @Override
        public String toString() {
            return call + ", " + state + ": " + input + " gets " + status + " " + code;
        }
    }

    private static Row backup(State state, String input, String response, String says, Spoiling spoiling) {
        return row(Call.BACKUP, state, input, response, says, spoiling);
    }

    private static Row restore(State state, String input, String response, String says, Spoiling spoiling) {
        return row(Call.RESTORE, state, input, response, says, spoiling);
    }

    private static Row row(Call call, State state, String input, String response, String says, Spoiling spoiling) {
        String[] parts = response.split(" ", 2);
        return new Row(
                call,
                state,
                input,
                Integer.parseInt(parts[0]),
                parts.length > 1 ? parts[1] : "",
                says,
                spoiling,
                "app.db");
    }

    /** The table. A text in the fourth column is a part of the response's detail. */
    private static Stream<Row> rows() {
        String missing = "404 source-not-found";
        String closed = "422 source-not-accessible";
        String made = "200";
        String read = "let the server's user read";
        String write = "let the server's user write";
        Spoiling none = _ -> {};
        return Stream.of(
                backup(State.ROLLBACK, "a missing file", missing, "There is no file", it -> Files.delete(it.file)),
                backup(
                        State.ROLLBACK,
                        "a missing folder",
                        missing,
                        "There is no file",
                        it -> run("rm", "-r", it.folder().toString())),
                backup(State.ROLLBACK, "a link without target", missing, "leads nowhere", it -> {
                    Files.delete(it.file);
                    Files.createSymbolicLink(it.file, Path.of("gone.db"));
                }),
                backup(State.ROLLBACK, "a file of root", closed, read, it -> it.roots(it.file, "600")),
                backup(State.WAL_LEFT, "a file of root", closed, read, it -> it.roots(it.file, "600")),
                backup(State.WAL_OPEN, "a file of root", closed, read, it -> it.roots(it.file, "600")),
                backup(State.ROLLBACK, "a closed folder", closed, "folder", it -> it.roots(it.folder(), "700")),
                backup(State.WAL_OPEN, "a closed folder", closed, "folder", it -> it.roots(it.folder(), "700")),
                backup(
                        State.ROLLBACK,
                        "a journal of root",
                        closed,
                        "-journal",
                        it -> it.roots(it.sibling("-journal"), "600")),
                backup(State.WAL_LEFT, "a WAL of root", closed, "-wal", it -> it.roots(it.sibling("-wal"), "600")),
                backup(State.WAL_OPEN, "a WAL of root", closed, "-wal", it -> it.roots(it.sibling("-wal"), "600")),
                backup(
                        State.WAL_LEFT,
                        "a wal-index of root",
                        closed,
                        "-shm",
                        it -> it.roots(it.sibling("-shm"), "600")),
                backup(
                        State.WAL_OPEN,
                        "a wal-index of root",
                        closed,
                        "-shm",
                        it -> it.roots(it.sibling("-shm"), "600")),
                backup(State.WAL_OPEN, "all files of root, readable by all", made, "", it -> {
                    it.roots(it.folder(), "755");
                    it.roots(it.file, "644");
                    it.roots(it.sibling("-wal"), "644");
                    it.roots(it.sibling("-shm"), "644");
                }),
                backup(State.WAL_LEFT, "all files of root, readable by all", made, "", it -> {
                    it.roots(it.folder(), "755");
                    it.roots(it.file, "644");
                    it.roots(it.sibling("-wal"), "644");
                    it.roots(it.sibling("-shm"), "644");
                }),
                backup(State.WAL_CLOSED, "a folder of root", made, "", it -> it.roots(it.folder(), "755")),
                backup(State.ROLLBACK, "a read-only mount", made, "", Spoiled::mountReadOnly),
                backup(State.WAL_CLOSED, "a read-only mount", made, "", Spoiled::mountReadOnly),
                backup(State.WAL_LEFT, "a read-only mount", made, "", Spoiled::mountReadOnly),
                backup(State.WAL_OPEN, "a read-only mount", made, "", Spoiled::mountReadOnly),
                backup(State.ROLLBACK, "a path of more than 504 bytes", made, "", none)
                        .at(LONG_FOLDERS + "app.db"),
                backup(State.WAL_LEFT, "a path of more than 504 bytes", made, "", none)
                        .at(LONG_FOLDERS + "app.db"),
                restore(State.ROLLBACK, "a path of more than 504 bytes", closed, "504 bytes", none)
                        .at(LONG_FOLDERS + "app.db"),
                restore(State.WAL_CLOSED, "a path of more than 504 bytes", closed, "504 bytes", none)
                        .at(LONG_FOLDERS + "app.db"),
                restore(
                                State.ROLLBACK,
                                "a missing file, a path of more than 504 bytes",
                                closed,
                                "504 bytes",
                                it -> Files.delete(it.file))
                        .at(LONG_FOLDERS + "app.db"),
                restore(
                        State.ROLLBACK,
                        "a file of root, readable by all",
                        closed,
                        write,
                        it -> it.roots(it.file, "644")),
                restore(
                        State.WAL_CLOSED,
                        "a file of root, readable by all",
                        closed,
                        write,
                        it -> it.roots(it.file, "644")),
                restore(
                        State.WAL_LEFT,
                        "a file of root, readable by all",
                        closed,
                        write,
                        it -> it.roots(it.file, "644")),
                restore(
                        State.WAL_OPEN,
                        "a file of root, readable by all",
                        closed,
                        write,
                        it -> it.roots(it.file, "644")),
                restore(State.ROLLBACK, "an unreadable file", closed, "cannot", it -> it.roots(it.file, "600")),
                restore(State.ROLLBACK, "a folder of root", closed, write, it -> it.roots(it.folder(), "755")),
                restore(State.WAL_CLOSED, "a folder of root", closed, write, it -> it.roots(it.folder(), "755")),
                restore(State.WAL_LEFT, "a WAL of root", closed, "-wal", it -> it.roots(it.sibling("-wal"), "644")),
                restore(State.WAL_OPEN, "a WAL of root", closed, "-wal", it -> it.roots(it.sibling("-wal"), "644")),
                restore(
                        State.WAL_LEFT,
                        "a wal-index of root",
                        closed,
                        "-shm",
                        it -> it.roots(it.sibling("-shm"), "644")),
                restore(
                        State.WAL_OPEN,
                        "a wal-index of root",
                        closed,
                        "-shm",
                        it -> it.roots(it.sibling("-shm"), "644")),
                restore(
                        State.WAL_OPEN,
                        "a wal-index of root that is unreadable",
                        closed,
                        "-shm",
                        it -> it.roots(it.sibling("-shm"), "600")),
                restore(
                        State.ROLLBACK,
                        "a journal of root",
                        closed,
                        "-journal",
                        it -> it.roots(it.sibling("-journal"), "600")),
                restore(State.ROLLBACK, "a read-only mount", closed, "read-only", Spoiled::mountReadOnly),
                restore(State.WAL_CLOSED, "a read-only mount", closed, "read-only", Spoiled::mountReadOnly),
                restore(State.WAL_LEFT, "a read-only mount", closed, "read-only", Spoiled::mountReadOnly),
                restore(State.WAL_OPEN, "a read-only mount", closed, "read-only", Spoiled::mountReadOnly),
                restore(State.ROLLBACK, "a missing file in a folder of root", closed, write, it -> {
                    Files.delete(it.file);
                    it.roots(it.folder(), "755");
                }),
                restore(State.ROLLBACK, "a missing file on a read-only mount", closed, "read-only", it -> {
                    Files.delete(it.file);
                    it.mountReadOnly();
                }),
                restore(
                        State.ROLLBACK,
                        "a missing folder in a folder of root",
                        closed,
                        write,
                        it -> run("rm", "-r", it.folder().toString())));
    }

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary;
        run("chmod", "755", directory.toString());
        Path home = Files.createDirectory(directory.resolve("home"));
        var databases = new StringBuilder();
        for (Row row : rows().toList()) {
            databases.append("    %s: {file: \"%s\"}%n".formatted(name(row), create(row)));
        }
        run("chown", "-R", USER + ":" + USER, home.toString());
        Path config = directory.resolve("holdfast.yml");
        server = ServerProcess.start(Options.in(home.resolve("data"))
                .config(config, "holdfast:\n  busy-timeout: 1s\n  databases:\n" + databases)
                .as(USER));
        client = new Client(server.address());
        grpc = new GrpcApi(server.grpcPort(), "");
    }

    @AfterAll
    void stop() throws Exception {
        for (Path path : mounted) {
            run("umount", path.toString());
        }
        for (Connection application : applications) {
            application.close();
        }
        grpc.close();
        client.close();
        server.close();
    }

    private static String name(Row row) {
        return "row" + rows().map(Row::toString).toList().indexOf(row.toString());
    }

    private Path file(Row row) {
        return directory.resolve(name(row)).resolve(row.file());
    }

    private Path create(Row row) throws Exception {
        Path file = file(row);
        Path elsewhere = Files.createDirectories(directory.resolve("made").resolve(name(row)))
                .resolve("app.db");
        Bank.create(elsewhere, row.state() == State.ROLLBACK ? "DELETE" : "WAL", 0);
        Path folder = Files.createDirectories(Objects.requireNonNull(file.getParent()));
        switch (row.state()) {
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
                Connection application = Bank.open(file);
                applications.add(application);
                Bank.transact(application);
            }
        }
        run("chown", "-R", USER + ":" + USER, folder.toString());
        return file;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void it_gets_its_response_over_rest_and_over_grpc(Row row) throws Exception {
        Path file = file(row);
        String database = name(row);
        String backup = row.call() == Call.RESTORE ? backUp(database) : "";
        row.spoiling().in(new Spoiled(file));
        Map<String, String> before = files(directory.resolve(database));

        Answer rest = row.call() == Call.BACKUP
                ? client.post("/api/v1/backup?database=" + database)
                : client.post("/api/v1/backup/" + backup + "/restore?database=" + database);
        Map<String, Object> overGrpc =
                row.call() == Call.BACKUP ? grpc.create(database, "") : grpc.restore(database, backup, false);

        assertThat(rest.status())
                .as(
                        "%s %s",
                        rest.json(),
                        server.log()
                                .lines()
                                .filter(it -> it.contains(" " + database + " "))
                                .toList())
                .isEqualTo(row.status());
        assertThat(rest.text("code")).isEqualTo(row.code());
        assertThat(overGrpc.getOrDefault("code", "")).as("%s", overGrpc).isEqualTo(row.code());
        if (row.status() != 200) {
            assertThat(rest.text("detail")).contains(row.says()).contains(directory.toString());
            assertThat(overGrpc.get("detail")).isEqualTo(rest.text("detail"));
        }
        assertThat(files(directory.resolve(database))).isEqualTo(before);
    }

    /** Of one second a database has one backup only. */
    private String backUp(String database) throws Exception {
        return client.backUp(database);
    }

    /** The content of each file below a folder, by its name; nothing if it is missing. */
    private static Map<String, String> files(Path folder) throws Exception {
        var all = new TreeMap<String, String>();
        if (Files.exists(folder)) {
            try (Stream<Path> walk = Files.walk(folder)) {
                for (Path path : walk.filter(it -> Files.isRegularFile(it, LinkOption.NOFOLLOW_LINKS))
                        .toList()) {
                    all.put(
                            folder.relativize(path).toString(),
                            isShared(path) ? "" : RestApi.sha256(Files.readAllBytes(path)));
                }
            }
        }
        return all;
    }

    /** The marks of readers in it change with each reader. */
    private static boolean isShared(Path path) {
        return path.toString().endsWith("-shm");
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor())
                .as("%s: %s", String.join(" ", command), said)
                .isZero();
    }
}
