package dev.holdfast.endtoend.fulldisk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.plans.FarTime;
import dev.holdfast.endtoend.server.BackupApi;
import dev.holdfast.endtoend.server.GrpcApi;
import dev.holdfast.endtoend.server.RestApi;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.sources.SpoiledSource;
import dev.holdfast.endtoend.writers.Bank;
import io.grpc.Status;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
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
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The response when one disk is full, over REST and over gRPC, from a server that runs as an ordinary user. Sources,
 * backups, catalogue and scratch directory are on small disks of their own; mounting them takes root.
 */
@Tag("process")
@Tag("root")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class FullDisksTest {
    private static final int USER = 12_345;

    private static final List<String> DATABASES = List.of("rollback", "wal", "open", "missing", "other");

    /** How many transactions each database holds: one more than its backup, and not one less after a refusal. */
    private static final Map<String, Long> TRANSACTIONS = Map.of("rollback", 1L, "wal", 1L, "open", 2L);

    /** More than the catalogue's WAL has room for. */
    private static final int MAX_CALLS = 60;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final Map<Disk, Path> disks = new TreeMap<>();
    private final Map<String, String> backups = new TreeMap<>();
    private byte[] content;
    private RestApi rest;
    private GrpcApi grpc;

    private enum Disk {
        SOURCES,
        BACKUPS,
        CATALOGUE,
        SCRATCH
    }

    private interface Call {
        Map<String, Object> make(BackupApi api) throws Exception;
    }

    private record Row(Disk full, String name, Call call) {
        @Override
        public String toString() {
            return name + ", the disk of " + full + " is full";
        }
    }

    Stream<Row> rows() {
        return Stream.of(
                new Row(Disk.SOURCES, "restore in a rollback mode", api -> restore(api, "rollback")),
                new Row(Disk.SOURCES, "restore in WAL mode", api -> restore(api, "wal")),
                new Row(Disk.SOURCES, "restore while a program has the database open", api -> restore(api, "open")),
                new Row(Disk.SOURCES, "restore of a missing file", api -> restore(api, "missing")),
                new Row(Disk.BACKUPS, "backup", api -> api.create("rollback", "")),
                new Row(Disk.BACKUPS, "restore, for its safety backup", api -> restore(api, "wal")),
                new Row(Disk.BACKUPS, "upload", api -> api.upload("rollback", "app_20200101_000000.db", content)),
                new Row(
                        Disk.BACKUPS,
                        "labels",
                        api -> api.update("rollback", backup("rollback"), true, Map.of("a", "b"))),
                new Row(Disk.SCRATCH, "backup of a database in use", api -> api.create("open", "")),
                new Row(Disk.SCRATCH, "restore", api -> restore(api, "wal")),
                new Row(Disk.CATALOGUE, "plan", api -> api.updatePlan("rollback", FarTime.OF_DAY, 5)),
                new Row(Disk.CATALOGUE, "backup", api -> api.create("rollback", "")),
                new Row(Disk.CATALOGUE, "restore", api -> restore(api, "other")),
                new Row(Disk.CATALOGUE, "verify", api -> api.verify("wal", backup("wal"), "quick")));
    }

    private Path at(Disk disk) {
        return Objects.requireNonNull(disks.get(disk));
    }

    private String backup(String database) {
        return Objects.requireNonNull(backups.get(database));
    }

    private Map<String, Object> restore(BackupApi api, String database) throws Exception {
        return api.restore(database, backup(database), false);
    }

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        SpoiledSource.run("chmod", "755", directory.toString());
        Path home = Files.createDirectory(directory.resolve("home"));
        SpoiledSource.run("chown", USER + ":" + USER, home.toString());
        Path sources = mount(Disk.SOURCES, directory.resolve("sources"), 12);
        Path stores = mount(Disk.BACKUPS, directory.resolve("backups"), 16);
        Path data = mount(Disk.CATALOGUE, home.resolve("data"), 16);
        mount(Disk.SCRATCH, data.resolve("scratch"), 16);
        var databases = new StringBuilder();
        for (String name : DATABASES) {
            Path file = Bank.create(
                    Files.createDirectory(sources.resolve(name)).resolve("app.db"),
                    name.equals("rollback") ? "DELETE" : "WAL",
                    1);
            databases.append(
                    "    %s: {file: \"%s\", backup-directory: \"%s\"}%n".formatted(name, file, stores.resolve(name)));
        }
        Connection application = Bank.open(sources.resolve("open/app.db"));
        opened.add(application);
        Bank.transact(application);
        SpoiledSource.run("chown", "-R", USER + ":" + USER, sources.toString());
        ServerProcess server = ServerProcess.start(Options.in(data)
                .config(directory.resolve("holdfast.yml"), "holdfast:\n  databases:\n" + databases)
                .as(USER));
        opened.add(server);
        rest = new RestApi(server.address(), "");
        opened.add(rest);
        grpc = new GrpcApi(server.grpcPort(), "");
        opened.add(grpc);
        for (String name : DATABASES) {
            backups.put(name, String.valueOf(rest.create(name, "").get("filename")));
        }
        content = Files.readAllBytes(stores.resolve("rollback").resolve(backup("rollback")));
        for (String name : TRANSACTIONS.keySet()) {
            try (Connection program = Bank.open(sources.resolve(name).resolve("app.db"))) {
                Bank.transact(program);
            }
        }
        Files.delete(sources.resolve("missing/app.db"));
    }

    private Path mount(Disk disk, Path at, int mebibytes) throws Exception {
        Files.createDirectory(at);
        SpoiledSource.run(
                "mount",
                "-t",
                "tmpfs",
                "-o",
                "size=%dm,uid=%d,gid=%d,mode=755".formatted(mebibytes, USER, USER),
                "tmpfs",
                at.toString());
        opened.add(() -> SpoiledSource.run("umount", at.toString()));
        disks.put(disk, at);
        return at;
    }

    @AfterAll
    void stop() throws Exception {
        for (AutoCloseable it : opened.reversed()) {
            it.close();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void it_is_507_with_the_place_and_the_sizes_over_rest_and_over_grpc(Row row) throws Exception {
        Path disk = at(row.full());
        fillUp(disk);
        try {
            Set<String> before = databases();
            for (BackupApi api : List.of(rest, grpc)) {
                Map<String, Object> response = row.call().make(api);
                // The catalogue takes some more rows until its WAL has to grow.
                for (int i = 0; row.full() == Disk.CATALOGUE && isDone(response) && i < MAX_CALLS; i++) {
                    response = row.call().make(api);
                }
                assertThat(response).as("%s", response).containsEntry("code", "insufficient-storage");
                assertThat(response.get("detail"))
                        .asString()
                        .contains(disk.toString(), "free")
                        .containsPattern("\\d bytes");
            }
            assertThat(rest.lastStatus()).isEqualTo(507);
            assertThat(grpc.lastStatus()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(databases()).isEqualTo(before);
        } finally {
            Files.delete(disk.resolve("ballast"));
        }
        assertNothingIsLost();
    }

    @Test
    void a_drill_without_scratch_space_is_inconclusive_and_names_the_place_and_the_sizes() throws Exception {
        Path disk = at(Disk.SCRATCH);
        fillUp(disk);
        try {
            for (BackupApi api : List.of(rest, grpc)) {
                Map<String, Object> drilled = api.drill("rollback");
                assertThat(drilled).containsEntry("outcome", "inconclusive");
                assertThat(drilled.get("text"))
                        .asString()
                        .contains(disk.toString(), "free")
                        .containsPattern("\\d bytes");
            }
        } finally {
            Files.delete(disk.resolve("ballast"));
        }
        assertNothingIsLost();
    }

    private void assertNothingIsLost() throws Exception {
        for (Map.Entry<String, Long> each : TRANSACTIONS.entrySet()) {
            Path file = at(Disk.SOURCES).resolve(each.getKey()).resolve("app.db");
            assertThat(Bank.check(file)).as(each.getKey()).isEqualTo(each.getValue());
        }
    }

    private static boolean isDone(Map<String, Object> response) {
        return !response.containsKey("code") || "filename-taken".equals(response.get("code"));
    }

    private static void fillUp(Path disk) throws IOException {
        try (OutputStream out = Files.newOutputStream(disk.resolve("ballast"))) {
            byte[] page = new byte[4096];
            while (Files.getFileStore(disk).getUsableSpace() >= page.length) {
                out.write(page);
            }
        }
    }

    /** The main files. Next to one SQLite leaves an empty WAL and a wal-index if it has no space to open the database. */
    private Set<String> databases() throws IOException {
        try (Stream<Path> walk = Files.walk(at(Disk.SOURCES))) {
            return walk.map(Path::toString).filter(it -> it.endsWith(".db")).collect(Collectors.toSet());
        }
    }
}
