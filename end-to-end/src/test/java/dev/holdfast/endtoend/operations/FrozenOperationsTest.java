package dev.holdfast.endtoend.operations;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.soak.FaultKit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file system that stops answering in the middle of each operation, at the middle one of its calls, and goes on later. */
@Tag("process")
@Tag("root")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(240)
class FrozenOperationsTest {
    private static final String STORE = "/store/";
    private static final String SOURCE = "/source/";
    private static final int RETAINED = 2;

    private Path directory;
    private FaultKit kit;
    private FrozenMount store;
    private FrozenMount source;
    private ServerProcess server;
    private Client client;
    private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary.toRealPath();
        kit = FaultKit.create(directory.resolve("control"), directory);
        store = FrozenMount.of(directory.resolve("real-store"), directory.resolve("store"));
        source = FrozenMount.of(directory.resolve("real-source"), directory.resolve("source"));
        fill(directory.resolve("real-source/shop.db"));
        fill(directory.resolve("well.db"));
        Options options = Options.in(directory.resolve("data"))
                .config(directory.resolve("holdfast.yml"), """
                holdfast:
                  databases:
                    well: {file: "%1$s/well.db"}
                    shop:
                      file: "%1$s/source/shop.db"
                      backup-directory: "%1$s/store/backups"
                      shared-locks: true
                      plan: {schedule: {kind: hourly}, retention: {last: %2$d}}
                """.formatted(directory, RETAINED));
        for (Map.Entry<String, String> entry : kit.environment().entrySet()) {
            options = options.env(entry.getKey(), entry.getValue());
        }
        server = ServerProcess.start(options);
        client = new Client(server.address());
        client.backUp("shop");
    }

    @AfterAll
    void stop() throws Exception {
        requests.shutdownNow();
        client.close();
        server.close();
        store.close();
        source.close();
    }

    private static void fill(Path file) throws Exception {
        Files.createDirectories(file.getParent());
        execute(
                file,
                "CREATE TABLE entry (id INTEGER PRIMARY KEY, text BLOB)",
                "WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 100)"
                        + " INSERT INTO entry SELECT n, randomblob(10000) FROM i");
    }

    private static void execute(Path file, String... lines) throws Exception {
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + file);
                var statement = database.createStatement()) {
            for (String line : lines) {
                statement.execute(line);
            }
        }
    }

    private static String content(Path file) throws Exception {
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + file);
                var statement = database.createStatement();
                var rows = statement.executeQuery(
                        "SELECT (SELECT group_concat(integrity_check) FROM pragma_integrity_check)"
                                + " || ' ' || count(*) || ' ' || sum(length(text)) || ' ' || max(id) FROM entry")) {
            return rows.getString(1);
        }
    }

    private static String path(String rest) {
        return "/api/v1/backup" + rest + (rest.contains("?") ? "&" : "?") + "database=shop";
    }

    private Path stored(String filename) {
        return directory.resolve("real-store/backups").resolve(filename);
    }

    private Path live() {
        return directory.resolve("source/shop.db");
    }

    /** How many calls the work makes in the file system when that answers. */
    private int count(FrozenMount mount, String part, Callable<?> work) throws Exception {
        kit.stopAt(mount.pid(), part, 0);
        work.call();
        int count = kit.countedAtEnd();
        assertThat(count).as("calls to " + part).isPositive();
        return count;
    }

    /** Has the work's call of this number hang, looks at the others, and lets it go on. @return what the work returns */
    private <T> T whileFrozen(FrozenMount mount, String part, int number, Callable<T> work) throws Exception {
        kit.stopAt(mount.pid(), part, number);
        Future<T> result = requests.submit(work);
        try {
            Eventually.get(kit::hasFired, it -> it);
            Eventually.get(() -> client.get("/health/readiness").status(), it -> it == 503);
            assertThat(client.backUp("well")).isNotEmpty();
            Eventually.get(
                    () -> client.get("/api/v1/operations?database=shop&state=running"),
                    it -> StreamSupport.stream(it.json().path("operations").spliterator(), false)
                            .allMatch(operation ->
                                    operation.path("waiting_for").asText().contains("not answered since")));
        } finally {
            kit.countedAtEnd();
            mount.thaw();
        }
        T returned = result.get(60, TimeUnit.SECONDS);
        Eventually.get(() -> client.get("/health/readiness").status(), it -> it == 200);
        return returned;
    }

    /** The operation waits for the file system and succeeds once that answers. */
    private JsonNode succeedsInSpiteOf(FrozenMount mount, String part, String post) throws Exception {
        Callable<JsonNode> whole = () -> awaitEnd(begin(post));
        int middle = Math.ceilDiv(count(mount, part, whole), 2);
        JsonNode operation = whileFrozen(mount, part, middle, whole);
        assertThat(operation.path("state").asText()).as(operation.toString()).isEqualTo("succeeded");
        return operation;
    }

    private String begin(String path) throws Exception {
        Answer begun = client.post(path, "Prefer", "respond-async");
        assertThat(begun.status()).as(begun.text()).isEqualTo(202);
        return begun.text("id");
    }

    private JsonNode operation(String id) throws Exception {
        return client.get("/api/v1/operations/" + id).json();
    }

    private static boolean isEnded(JsonNode operation) {
        return List.of("succeeded", "failed", "cancelled", "interrupted")
                .contains(operation.path("state").asText());
    }

    private JsonNode awaitEnd(String id) throws Exception {
        return Eventually.get(() -> operation(id), FrozenOperationsTest::isEnded);
    }

    @Test
    void a_backup_whose_store_freezes_is_whole_in_the_end() throws Exception {
        JsonNode operation = succeedsInSpiteOf(store, STORE, path(""));
        assertThat(content(stored(operation.at("/result/filename").asText()))).isEqualTo(content(live()));
    }

    @Test
    void a_backup_whose_source_freezes_is_whole_in_the_end() throws Exception {
        JsonNode operation = succeedsInSpiteOf(source, SOURCE, path(""));
        assertThat(content(stored(operation.at("/result/filename").asText()))).isEqualTo(content(live()));
    }

    @Test
    void a_verification_whose_store_freezes_judges_the_whole_backup() throws Exception {
        String filename = client.backUp("shop");
        succeedsInSpiteOf(store, STORE, path("/" + filename + "/verify"));
        assertThat(client.get(path("/" + filename))
                        .json()
                        .at("/verification/state")
                        .asText())
                .isEqualTo("passed");
    }

    @Test
    void a_drill_whose_store_freezes_succeeds_in_the_end() throws Exception {
        succeedsInSpiteOf(store, STORE, path("/drill"));
    }

    @Test
    void a_restore_whose_store_freezes_ends_with_the_backup_in_place() throws Exception {
        requireRestored(store, STORE);
    }

    @Test
    void a_restore_whose_source_freezes_ends_with_the_backup_in_place() throws Exception {
        requireRestored(source, SOURCE);
    }

    private void requireRestored(FrozenMount mount, String part) throws Exception {
        String filename = client.backUp("shop");
        client.send("PATCH", path("/" + filename), "{\"pinned\": true}", "Content-Type", "application/json");
        execute(live(), "INSERT INTO entry(text) VALUES (randomblob(20000))");
        succeedsInSpiteOf(mount, part, path("/" + filename + "/restore"));
        assertThat(content(live())).isEqualTo(content(stored(filename)));
    }

    @Test
    void an_upload_whose_store_freezes_is_there_as_a_whole_or_not_at_all() throws Exception {
        byte[] content = Files.readAllBytes(stored(client.backUp("shop")));
        var number = new AtomicInteger();
        Callable<Answer> upload =
                () -> client.upload(path("/upload"), "app_20200101_00000" + number.incrementAndGet() + ".db", content);
        int middle = Math.ceilDiv(count(store, STORE, upload), 2);
        Answer answer = whileFrozen(store, STORE, middle, upload);
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        assertThat(stored(answer.text("filename"))).hasBinaryContent(content);
    }

    @Test
    void a_download_whose_store_freezes_ends_or_breaks_off_and_is_never_other_bytes() throws Exception {
        String filename = client.backUp("shop");
        Path target = directory.resolve("downloaded.db");
        Callable<Path> download = () -> client.download("shop", filename, target);
        int middle = Math.ceilDiv(count(store, STORE, download), 2);
        byte[] whole = Files.readAllBytes(stored(filename));
        boolean isWhole = whileFrozen(store, STORE, middle, () -> {
            try {
                download.call();
                return true;
            } catch (IOException | IllegalStateException e) {
                return false; // refused or cut, which the client notices
            }
        });
        if (isWhole) {
            assertThat(target).hasBinaryContent(whole);
        }
        assertThat(client.download("shop", filename, target)).hasBinaryContent(whole);
    }

    @Test
    void a_deletion_whose_store_freezes_says_whether_it_happened() throws Exception {
        String one = client.backUp("shop");
        String other = client.backUp("shop");
        int middle = Math.ceilDiv(count(store, STORE, () -> client.delete(path("/" + one))), 2);
        Answer answer = whileFrozen(store, STORE, middle, () -> client.delete(path("/" + other)));
        if (answer.status() == 200) {
            assertThat(stored(other)).doesNotExist();
        } else {
            assertThat(answer.status()).as(answer.text()).isEqualTo(503);
            assertThat(answer.text("detail")).contains("may still happen");
        }
        Eventually.get(() -> client.filenames("shop").contains(other), it -> it == Files.exists(stored(other)));
        assertThat(client.filenames("shop")).doesNotContain(one);
    }

    @Test
    void an_expiry_whose_store_freezes_removes_what_the_plan_names_and_no_more() throws Exception {
        for (int i = 0; i <= RETAINED; i++) {
            advanceHour();
        }
        String newest = planned().getLast();
        String oldest = planned().getFirst();
        // The first call about the file of the backup that goes is one of the expiry.
        whileFrozen(store, "/" + oldest, 1, () -> {
            kit.advanceClock(Duration.ofHours(1));
            return Eventually.get(() -> !Files.exists(stored(oldest)), it -> it);
        });
        assertThat(stored(newest)).exists();
        assertThat(planned()).hasSize(RETAINED).contains(newest);
    }

    private void advanceHour() throws Exception {
        List<String> before = planned();
        kit.advanceClock(Duration.ofHours(1));
        Eventually.get(this::planned, it -> !it.equals(before) && it.size() <= RETAINED);
    }

    /** The planned backups, the oldest first. */
    private List<String> planned() throws Exception {
        JsonNode list = client.get(path("?page_size=200")).json().path("backups");
        return Stream.iterate(list.size() - 1, it -> it >= 0, it -> it - 1)
                .map(list::get)
                .filter(it -> it.path("origin").asText().equals("automatic"))
                .map(it -> it.path("filename").asText())
                .toList();
    }
}
