package dev.holdfast.endtoend.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.problem.Code;
import dev.holdfast.endtoend.plans.FarTime;
import dev.holdfast.endtoend.server.BackupApi;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.server.GrpcApi;
import dev.holdfast.endtoend.server.RestApi;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import dev.holdfast.grpc.v1.BackupServiceGrpc;
import dev.holdfast.grpc.v1.DatabaseServiceGrpc;
import dev.holdfast.grpc.v1.OperationServiceGrpc;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayOutputStream;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
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

/** One server, two APIs, one table: each case has the same result over both, or is refused with the same code and words. */
@Tag("process")
@Tag("root")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class RestAndGrpcTest {
    private static final List<String> DATABASES =
            List.of("good", "missing", "corrupt", "locked", "spoiled", "full", "gone", "large");

    /**
     * Of these there is no telling that depends on an API: a fault in the program; what only HTTP has; what takes a server
     * that is not root, which has a table of its own.
     */
    private static final Set<String> NOT_IN_THE_TABLE =
            Set.of("internal", "unsupported-media-type", "too-many-attempts", "source-not-accessible");

    /** Of what an API itself finds wrong it speaks in its own words: of headers, ranges, bodies, fields. */
    private static final Set<String> IN_OWN_WORDS = Set.of(
            "unauthenticated",
            "permission-denied",
            "range-not-satisfiable",
            "precondition-failed",
            "idempotency-conflict");

    private static final String NOWHERE = "app_20200101_000000.db";

    /** A backup of another database, which is there all the time. */
    private static final String FOREIGN = "app_20200102_000000.db";

    private final Map<BackupApi, Integer> numbers = new HashMap<>();
    private Path directory;
    private ServerProcess server;
    private RestApi rest;
    private GrpcApi grpc;
    private RestApi viewerOverRest;
    private GrpcApi viewerOverGrpc;
    private RestApi nobodyOverRest;
    private GrpcApi nobodyOverGrpc;

    /** Backups that are there all the time. */
    private String backup;

    private String operation;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary;
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
        nobodyOverRest = new RestApi(server.address(), "");
        nobodyOverGrpc = new GrpcApi(server.grpcPort(), "");
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

    @AfterAll
    void stop() throws Exception {
        Stream.of(rest, grpc, viewerOverRest, viewerOverGrpc, nobodyOverRest, nobodyOverGrpc)
                .forEach(RestAndGrpcTest::close);
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

    /** How one API is asked; both are asked by the same lines. */
    private interface Asking {
        Map<String, Object> of(BackupApi api) throws Exception;
    }

    /**
     * @param code empty where it succeeds
     * @param exact whether both ask for the same thing; where each changes something of its own, names, times and ids
     *     are others
     */
    private record Case(String name, String code, boolean exact, Asking asking) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case same(String name, Asking asking) {
        return new Case(name, "", true, asking);
    }

    private static Case alike(String name, Asking asking) {
        return new Case(name, "", false, asking);
    }

    private static Case refused(String code, String name, Asking asking) {
        return new Case(code + ": " + name, code, false, asking);
    }

    Stream<Case> cases() {
        return Stream.of(succeeding(), refusedAsWrong(), refusedAsThingsAre(), refusedByWhatIsBroken())
                .flatMap(it -> it);
    }

    private Stream<Case> succeeding() {
        return Stream.of(
                alike("create", api -> api.create("good", "")),
                alike("create again by the same request id", api -> {
                    Map<String, Object> first = api.create("good", "again" + number(api));
                    assertThat(api.create("good", "again" + numbers.get(api))).isEqualTo(first);
                    return first;
                }),
                alike("create and do not wait", api -> {
                    Map<String, Object> running = api.createAtOnce("good");
                    Map<String, Object> end = api.watch(text(running, "id"));
                    assertThat(end).containsEntry("state", "succeeded");
                    end.keySet().removeAll(Set.of("progress")); // has the speed
                    return end;
                }),
                same("show", api -> api.find("good", backup)),
                same("show a foreign one", api -> api.find("good", FOREIGN)),
                same("list", api -> api.list("good", 0, "")),
                same("list a page", api -> api.list("good", 1, "")),
                same(
                        "list the next page",
                        api -> api.list("good", 1, text(api.list("good", 1, ""), "next_page_token"))),
                same("pin and label", api -> api.update("good", backup, true, Map.of("why", "release"))),
                same("unpin", api -> api.update("good", backup, false, Map.of())),
                alike("verify", api -> api.verify("good", backup, "quick")),
                alike("verify what is corrupt", api -> api.verify("spoiled", newest("spoiled"), "checksum")),
                alike("restore", api -> api.restore("good", backup, false)),
                alike("restore a foreign one", api -> {
                    Map<String, Object> restored = api.restore("good", FOREIGN, false, true);
                    assertThat(restored).containsEntry("foreign", "shop");
                    return restored;
                }),
                alike("delete", api -> api.delete("good", text(api.create("good", ""), "filename"))),
                alike("drill", api -> api.drill("good")),
                same("download", api -> api.download("good", backup, 0, "")),
                same("download the rest", api -> api.download("good", backup, 5000, etag())),
                alike("upload", api -> api.upload("good", "app_2021010%d_000000.db".formatted(number(api)), content())),
                alike("upload again by the same request id", api -> {
                    int number = number(api);
                    String name = "app_2021030%d_000000.db".formatted(number);
                    Map<String, Object> first = api.upload("good", name, content(), "again-up" + number);
                    assertThat(api.upload("good", name, content(), "again-up" + number))
                            .isEqualTo(first);
                    return first;
                }),
                same("list operations", api -> api.operations("", "", "", "", 0)),
                same(
                        "list operations by all filters",
                        api -> api.operations("good", "succeeded", "backup", "a-admin", 2)),
                same("show an operation", api -> api.operation(operation)),
                same("show a restore", api -> first(api.operations("good", "", "restore", "", 1), "operations")),
                same("show a verification", api -> first(api.operations("good", "", "verify", "", 1), "operations")),
                same("show an upload", api -> first(api.operations("good", "", "upload", "", 1), "operations")),
                same("cancel what has ended", api -> api.cancel(operation)),
                same("watch what has ended", api -> api.watch(operation)),
                same("list databases", BackupApi::databases),
                same("show a plan", api -> api.plan("good")),
                alike("change a plan", api -> api.updatePlan("good", FarTime.OF_DAY, 7)),
                same("show a plan that was changed", api -> api.plan("good")),
                same("preview what would go", api -> api.previewPlan("good", 1)),
                same("resume retention that does not pause", api -> api.resumeRetention("good")),
                alike("take a change back", api -> api.resetPlan("good")));
    }

    private Stream<Case> refusedAsWrong() {
        return Stream.of(
                refused("unauthenticated", "list", api -> nobody(api).list("good", 0, "")),
                refused("unauthenticated", "create", api -> nobody(api).create("good", "")),
                refused("permission-denied", "create", api -> viewer(api).create("good", "")),
                refused("permission-denied", "restore", api -> viewer(api).restore("good", backup, false)),
                refused("backup-incompatible", "restore", api -> api.restore("good", FOREIGN, false)),
                refused("permission-denied", "upload", api -> viewer(api).upload("good", NOWHERE, content())),
                refused("permission-denied", "plan", api -> viewer(api).updatePlan("good", "03:15", 7)),
                refused("permission-denied", "resume", api -> viewer(api).resumeRetention("good")),
                refused("invalid-filename", "show", api -> api.find("good", "notes.txt")),
                refused("invalid-filename", "restore", api -> api.restore("good", "../app.db", false)),
                refused("invalid-filename", "delete", api -> api.delete("good", "..")),
                refused("invalid-filename", "download", api -> api.download("good", "a b", 0, "")),
                refused("invalid-argument", "page size", api -> api.list("good", -1, "")),
                refused("invalid-argument", "page token", api -> api.list("good", 1, "%%")),
                refused("invalid-argument", "operations' page size", api -> api.operations("", "", "", "", -1)),
                refused("invalid-argument", "plan", api -> api.updatePlan("good", "25:00", 7)),
                refused("invalid-argument", "retention", api -> api.updatePlan("good", "03:15", -7)),
                refused("database-not-found", "create", api -> api.create("nobody", "")),
                refused("database-not-found", "list", api -> api.list("a/b", 0, "")),
                refused("database-not-found", "upload", api -> api.upload("nobody", NOWHERE, content())),
                refused("database-not-found", "drill", api -> api.drill("nobody")),
                refused("database-not-found", "preview", api -> api.previewPlan("nobody", 1)),
                refused("invalid-argument", "preview", api -> api.previewPlan("good", -1)),
                refused("database-not-found", "resume", api -> api.resumeRetention("nobody")),
                refused("database-not-found", "plan", api -> api.plan("nobody")),
                refused("database-not-found", "operations", api -> api.operations("a/b", "", "", "", 0)),
                refused("backup-not-found", "show", api -> api.find("good", NOWHERE)),
                refused("backup-not-found", "update", api -> api.update("good", NOWHERE, true, Map.of())),
                refused("backup-not-found", "delete", api -> api.delete("good", NOWHERE)),
                refused("backup-not-found", "restore", api -> api.restore("good", NOWHERE, false)),
                refused("backup-not-found", "verify", api -> api.verify("good", NOWHERE, "full")),
                refused("backup-not-found", "download", api -> api.download("good", NOWHERE, 0, "")),
                refused("operation-not-found", "show", api -> api.operation("none")),
                refused("operation-not-found", "cancel", api -> api.cancel("none")),
                refused("operation-not-found", "watch", api -> api.watch("none")),
                refused("range-not-satisfiable", "download", api -> api.download("good", backup, 1L << 40, "")),
                refused("precondition-failed", "download", api -> api.download("good", backup, 0, "\"another\"")),
                refused("upload-too-large", "upload", api -> api.upload("good", NOWHERE, new byte[2 << 20])),
                refused(
                        "not-a-database",
                        "upload",
                        api -> api.upload("good", NOWHERE, "text".repeat(900).getBytes(UTF_8))),
                refused("backup-incompatible", "upload", api -> api.upload("good", NOWHERE, emptyZip())));
    }

    private Stream<Case> refusedAsThingsAre() {
        return Stream.of(
                refused("filename-taken", "upload", api -> api.upload("good", backup, content())),
                refused("idempotency-conflict", "create", api -> {
                    String id = "twice" + number(api);
                    assertThat(api.create("good", id)).containsKey("filename");
                    return api.create("spoiled", id);
                }),
                refused("idempotency-conflict", "upload other bytes of the same size", api -> {
                    int number = number(api);
                    String name = "app_2021020%d_000000.db".formatted(number);
                    assertThat(api.upload("good", name, content(), "upload" + number))
                            .containsKey("filename");
                    byte[] others = content();
                    others[others.length - 1]++;
                    return api.upload("good", name, others, "upload" + number);
                }),
                refused("backup-pinned", "delete", api -> {
                    String pinned = text(api.create("good", ""), "filename");
                    api.update("good", pinned, true, Map.of());
                    return api.delete("good", pinned);
                }),
                refused("backup-in-use", "delete what is downloaded over the other API", api -> {
                    String held = text(api.create("large", ""), "filename");
                    try (var _ = other(api).holdOpen("large", held)) {
                        return api.delete("large", held);
                    }
                }),
                refused(
                        "operation-in-progress",
                        "create",
                        api -> whileLocked(() -> {
                            Map<String, Object> running = api.createAtOnce("locked");
                            Map<String, Object> refusal = api.create("locked", "");
                            assertThat(refusal).containsEntry("operation", running.get("id"));
                            api.cancel(text(running, "id"));
                            assertThat(api.watch(text(running, "id"))).containsEntry("state", "cancelled");
                            return refusal;
                        })),
                refused("source-busy", "create", api -> whileLocked(() -> api.create("locked", ""))),
                refused(
                        "operation-cancelled",
                        "create",
                        api -> whileLocked(() -> {
                            CompletableFuture<Map<String, Object>> waiting =
                                    inTheBackground(() -> api.create("locked", ""));
                            api.cancel(running());
                            return waiting.get(30, TimeUnit.SECONDS);
                        })));
    }

    private Stream<Case> refusedByWhatIsBroken() {
        return Stream.of(
                refused("source-not-found", "create", api -> api.create("missing", "")),
                refused("source-corrupt", "create", api -> api.create("corrupt", "")),
                refused("backup-corrupt", "restore", api -> api.restore("spoiled", newest("spoiled"), false)),
                refused("backup-corrupt", "download", api -> api.download("spoiled", newest("spoiled"), 0, "")),
                refused("insufficient-storage", "create", api -> api.create("full", "")),
                refused("store-unavailable", "list", api -> {
                    Path place = directory.resolve("gone");
                    if (Files.isDirectory(place)) {
                        run("rm", "-r", place.toString());
                    }
                    Files.writeString(place, "no directory");
                    return api.list("gone", 0, "");
                }),
                same("databases of which one cannot be read", BackupApi::databases));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void it_is_the_same_over_rest_and_over_grpc(Case given) throws Exception {
        Map<String, Object> overRest = given.asking().of(rest);
        Map<String, Object> overGrpc = given.asking().of(grpc);
        assertThat(overRest.getOrDefault("code", "")).as(overRest.toString()).isEqualTo(given.code());
        if (IN_OWN_WORDS.contains(given.code())) {
            assertThat(overGrpc).containsEntry("code", given.code());
        } else if (given.exact()) {
            assertThat(overGrpc).isEqualTo(overRest);
        } else {
            assertThat(withoutNames(overGrpc)).isEqualTo(withoutNames(overRest));
        }
    }

    /** Names, digests, times and ids by what they are. */
    private static String withoutNames(Map<String, Object> answer) {
        return answer.toString()
                .replaceAll("app_\\d{8}_\\d{6}(_\\d+)?\\.db", "NAME")
                .replaceAll("[0-9a-f]{64}", "SHA256")
                .replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "TIME")
                .replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}", "ID")
                .replaceAll("field=(backup|plan)\\.", "field=");
    }

    @Test
    void every_code_and_every_call_is_in_the_table() throws Exception {
        Set<String> codes = cases().map(Case::code).collect(Collectors.toCollection(TreeSet::new));
        assertThat(Stream.of(Code.values()).map(Code::id).filter(it -> !NOT_IN_THE_TABLE.contains(it)))
                .isSubsetOf(codes);
        Set<String> calls = Stream.of(
                        BackupServiceGrpc.getServiceDescriptor(),
                        OperationServiceGrpc.getServiceDescriptor(),
                        DatabaseServiceGrpc.getServiceDescriptor())
                .flatMap(it -> it.getMethods().stream())
                .map(MethodDescriptor::getFullMethodName)
                .collect(Collectors.toCollection(TreeSet::new));
        for (Case succeeding : succeeding().toList()) {
            succeeding.asking().of(grpc);
        }
        assertThat(grpc.called()).isEqualTo(calls);
    }

    private BackupApi nobody(BackupApi api) {
        return api == rest ? nobodyOverRest : nobodyOverGrpc;
    }

    private BackupApi viewer(BackupApi api) {
        return api == rest ? viewerOverRest : viewerOverGrpc;
    }

    private BackupApi other(BackupApi api) {
        return api == rest ? grpc : rest;
    }

    /** Another one each time; no two APIs get the same. */
    private int number(BackupApi api) {
        return numbers.merge(api, api == rest ? 1 : 2, (before, _) -> before + 2);
    }

    private byte[] content() throws Exception {
        return Files.readAllBytes(directory.resolve("good").resolve(backup));
    }

    private String etag() throws Exception {
        return "\"" + text(rest.find("good", backup), "sha256") + "\"";
    }

    private static byte[] emptyZip() throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("data.db"));
        }
        return bytes.toByteArray();
    }

    private String newest(String database) throws Exception {
        return text(first(rest.list(database, 1, ""), "backups"), "filename");
    }

    private static String text(Map<String, Object> answer, String member) {
        return String.valueOf(Objects.requireNonNull(answer.get(member), answer::toString));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> first(Map<String, Object> answer, String list) {
        return ((List<Map<String, Object>>) Objects.requireNonNull(answer.get(list), answer::toString)).getFirst();
    }

    private interface Step {
        Map<String, Object> run() throws Exception;
    }

    private Map<String, Object> whileLocked(Step step) throws Exception {
        try (Connection application = Bank.open(directory.resolve("locked.db"));
                Statement sql = application.createStatement()) {
            sql.execute("BEGIN EXCLUSIVE");
            Map<String, Object> answer = step.run();
            sql.execute("ROLLBACK");
            return answer;
        }
    }

    private static CompletableFuture<Map<String, Object>> inTheBackground(Step step) {
        var answer = new CompletableFuture<Map<String, Object>>();
        Thread.startVirtualThread(() -> {
            try {
                answer.complete(step.run());
            } catch (Exception e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    /** The operation that runs on the locked database, as soon as there is one. */
    private String running() throws Exception {
        Map<String, Object> answer = Eventually.get(
                () -> rest.operations("locked", "running", "", "", 1),
                it -> it.get("operations") instanceof List<?> all && !all.isEmpty());
        return text(first(answer, "operations"), "id");
    }

    private static void noise(Path file, int at, int length) throws Exception {
        byte[] noise = new byte[length];
        new Random(2).nextBytes(noise);
        try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.seek(at);
            raw.write(noise);
        }
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }
}
