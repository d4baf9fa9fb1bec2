package dev.holdfast.endtoend.api;

import static dev.holdfast.endtoend.api.BothApis.first;
import static dev.holdfast.endtoend.api.BothApis.inTheBackground;
import static dev.holdfast.endtoend.api.BothApis.run;
import static dev.holdfast.endtoend.api.BothApis.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.plans.FarTime;
import dev.holdfast.endtoend.server.BackupApi;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** The table of calls: how both APIs are asked for the same thing, and what comes of it. */
final class RestAndGrpcCases {
    private static final String NOWHERE = "app_20200101_000000.db";

    private final BothApis apis;

    RestAndGrpcCases(BothApis apis) {
        this.apis = apis;
    }

    /** How one API is asked; both are asked by the same lines. */
    interface Asking {
        Map<String, Object> of(BackupApi api) throws Exception;
    }

    /**
     * @param code empty where it succeeds
     * @param exact whether both ask for the same thing; where each changes something of its own, names, times and ids
     *     are others
     */
    record Case(String name, String code, boolean exact, Asking asking) {
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

    Stream<Case> all() {
        return Stream.of(succeeding(), refusedAsWrong(), refusedAsThingsAre(), refusedByWhatIsBroken())
                .flatMap(it -> it);
    }

    Stream<Case> succeeding() {
        return Stream.of(
                alike("create", api -> api.create("good", "")),
                alike("create again by the same request id", api -> {
                    Map<String, Object> first = api.create("good", "again" + apis.number(api));
                    assertThat(api.create("good", "again" + apis.numberOf(api))).isEqualTo(first);
                    return first;
                }),
                alike("create and do not wait", api -> {
                    Map<String, Object> running = api.createAtOnce("good");
                    Map<String, Object> end = api.watch(text(running, "id"));
                    assertThat(end).containsEntry("state", "succeeded");
                    end.keySet().removeAll(Set.of("progress")); // has the speed
                    return end;
                }),
                same("show", api -> api.find("good", apis.backup)),
                same("show a foreign one", api -> api.find("good", BothApis.FOREIGN)),
                same("list", api -> api.list("good", 0, "")),
                same("list a page", api -> api.list("good", 1, "")),
                same(
                        "list the next page",
                        api -> api.list("good", 1, text(api.list("good", 1, ""), "next_page_token"))),
                same("pin and label", api -> api.update("good", apis.backup, true, Map.of("why", "release"))),
                same("unpin", api -> api.update("good", apis.backup, false, Map.of())),
                alike("verify", api -> api.verify("good", apis.backup, "quick")),
                alike("verify what is corrupt", api -> api.verify("spoiled", apis.newest("spoiled"), "checksum")),
                alike("restore", api -> api.restore("good", apis.backup, false)),
                alike("restore a foreign one", api -> {
                    Map<String, Object> restored = api.restore("good", BothApis.FOREIGN, false, true);
                    assertThat(restored).containsEntry("foreign", "shop");
                    return restored;
                }),
                alike("delete", api -> api.delete("good", text(api.create("good", ""), "filename"))),
                alike("drill", api -> api.drill("good")),
                same("download", api -> api.download("good", apis.backup, 0, "")),
                same("download the rest", api -> api.download("good", apis.backup, 5000, apis.etag())),
                alike(
                        "upload",
                        api -> api.upload(
                                "good", "app_2021010%d_000000.db".formatted(apis.number(api)), apis.content())),
                alike("upload again by the same request id", api -> {
                    int number = apis.number(api);
                    String name = "app_2021030%d_000000.db".formatted(number);
                    Map<String, Object> first = api.upload("good", name, apis.content(), "again-up" + number);
                    assertThat(api.upload("good", name, apis.content(), "again-up" + number))
                            .isEqualTo(first);
                    return first;
                }),
                same("list operations", api -> api.operations("", "", "", "", 0)),
                same(
                        "list operations by all filters",
                        api -> api.operations("good", "succeeded", "backup", "a-admin", 2)),
                same("show an operation", api -> api.operation(apis.operation)),
                same("show a restore", api -> first(api.operations("good", "", "restore", "", 1), "operations")),
                same("show a verification", api -> first(api.operations("good", "", "verify", "", 1), "operations")),
                same("show an upload", api -> first(api.operations("good", "", "upload", "", 1), "operations")),
                same("cancel what has ended", api -> api.cancel(apis.operation)),
                same("watch what has ended", api -> api.watch(apis.operation)),
                same("list databases", BackupApi::databases),
                same("show a plan", api -> api.plan("good")),
                alike("change a plan", api -> api.updatePlan("good", FarTime.OF_DAY, 7)),
                same("show a plan that was changed", api -> api.plan("good")),
                same("preview what would go", api -> api.previewPlan("good", 1)),
                same("resume retention that does not pause", api -> api.resumeRetention("good")),
                same("confirm a store", api -> api.confirmStore("good", "local")),
                same("confirm a place that has not changed", api -> api.confirmLocation("good", "")),
                alike("take a change back", api -> api.resetPlan("good")));
    }

    private Stream<Case> refusedAsWrong() {
        return Stream.of(
                refused("unauthenticated", "list", api -> apis.stranger(api).list("good", 0, "")),
                refused("unauthenticated", "create", api -> apis.stranger(api).create("good", "")),
                refused("permission-denied", "create", api -> apis.viewer(api).create("good", "")),
                refused("permission-denied", "restore", api -> apis.viewer(api).restore("good", apis.backup, false)),
                refused("backup-incompatible", "restore", api -> api.restore("good", BothApis.FOREIGN, false)),
                refused("permission-denied", "upload", api -> apis.viewer(api).upload("good", NOWHERE, apis.content())),
                refused("permission-denied", "plan", api -> apis.viewer(api).updatePlan("good", "03:15", 7)),
                refused("permission-denied", "resume", api -> apis.viewer(api).resumeRetention("good")),
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
                refused("database-not-found", "upload", api -> api.upload("nobody", NOWHERE, apis.content())),
                refused("database-not-found", "drill", api -> api.drill("nobody")),
                refused("database-not-found", "preview", api -> api.previewPlan("nobody", 1)),
                refused("invalid-argument", "preview", api -> api.previewPlan("good", -1)),
                refused("database-not-found", "resume", api -> api.resumeRetention("nobody")),
                refused("permission-denied", "confirm", api -> apis.viewer(api).confirmStore("good", "local")),
                refused("database-not-found", "confirm", api -> api.confirmStore("elsewhere", "local")),
                refused("permission-denied", "location", api -> apis.viewer(api).confirmLocation("good", "")),
                refused("database-not-found", "location", api -> api.confirmLocation("elsewhere", "")),
                refused("store-not-found", "confirm", api -> api.confirmStore("good", "offsite")),
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
                refused("range-not-satisfiable", "download", api -> api.download("good", apis.backup, 1L << 40, "")),
                refused("precondition-failed", "download", api -> api.download("good", apis.backup, 0, "\"another\"")),
                refused("upload-too-large", "upload", api -> api.upload("good", NOWHERE, new byte[2 << 20])),
                refused(
                        "not-a-database",
                        "upload",
                        api -> api.upload("good", NOWHERE, "text".repeat(900).getBytes(UTF_8))),
                refused("backup-incompatible", "upload", api -> api.upload("good", NOWHERE, emptyZip())));
    }

    private Stream<Case> refusedAsThingsAre() {
        return Stream.of(
                refused("filename-taken", "upload", api -> api.upload("good", apis.backup, apis.content())),
                refused("idempotency-conflict", "create", api -> {
                    String id = "twice" + apis.number(api);
                    assertThat(api.create("good", id)).containsKey("filename");
                    return api.create("spoiled", id);
                }),
                refused("idempotency-conflict", "upload other bytes of the same size", api -> {
                    int number = apis.number(api);
                    String name = "app_2021020%d_000000.db".formatted(number);
                    assertThat(api.upload("good", name, apis.content(), "upload" + number))
                            .containsKey("filename");
                    byte[] others = apis.content();
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
                    try (var _ = apis.other(api).holdOpen("large", held)) {
                        return api.delete("large", held);
                    }
                }),
                refused(
                        "operation-in-progress",
                        "create",
                        api -> apis.whileLocked(() -> {
                            Map<String, Object> running = api.createAtOnce("locked");
                            Map<String, Object> refusal = api.create("locked", "");
                            assertThat(refusal).containsEntry("operation", running.get("id"));
                            api.cancel(text(running, "id"));
                            assertThat(api.watch(text(running, "id"))).containsEntry("state", "cancelled");
                            return refusal;
                        })),
                refused("source-busy", "create", api -> apis.whileLocked(() -> api.create("locked", ""))),
                refused(
                        "operation-cancelled",
                        "create",
                        api -> apis.whileLocked(() -> {
                            CompletableFuture<Map<String, Object>> waiting =
                                    inTheBackground(() -> api.create("locked", ""));
                            api.cancel(apis.running());
                            return waiting.get(30, TimeUnit.SECONDS);
                        })));
    }

    private Stream<Case> refusedByWhatIsBroken() {
        return Stream.of(
                refused("source-not-found", "create", api -> api.create("missing", "")),
                refused("location-changed", "create", api -> whileMissingLeadsTo("elsewhere.db", api)),
                refused("source-not-accessible", "create", api -> whileMissingLeadsTo("good.db", api)),
                refused("source-corrupt", "create", api -> api.create("corrupt", "")),
                refused("backup-corrupt", "restore", api -> api.restore("spoiled", apis.newest("spoiled"), false)),
                refused("backup-corrupt", "download", api -> api.download("spoiled", apis.newest("spoiled"), 0, "")),
                refused("insufficient-storage", "create", api -> api.create("full", "")),
                refused("store-unavailable", "list", api -> {
                    Path place = apis.directory.resolve("gone");
                    if (Files.isDirectory(place)) {
                        run("rm", "-r", place.toString());
                    }
                    Files.writeString(place, "no directory");
                    return api.list("gone", 0, "");
                }),
                same("databases of which one cannot be read", BackupApi::databases));
    }

    /** A file, and not a link that leads nowhere, has to be there. */
    private Map<String, Object> whileMissingLeadsTo(String name, BackupApi api) throws Exception {
        Path target = apis.directory.resolve(name);
        if (Files.notExists(target)) {
            Files.copy(apis.directory.resolve("good.db"), target);
        }
        Path link = Files.createSymbolicLink(apis.directory.resolve("missing.db"), target);
        try {
            return api.create("missing", "");
        } finally {
            Files.delete(link);
        }
    }

    private static byte[] emptyZip() throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("data.db"));
        }
        return bytes.toByteArray();
    }
}
