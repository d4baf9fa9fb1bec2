package dev.holdfast.endtoend.upgrade;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.writers.Bank;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
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

/**
 * An upgrade from the version of 2026-11-30, the last one that stored a timetable as the text of its types. Each plan
 * became due after that server had ended, in the middle of a restore.
 */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
class StateBeforeTimetablesTest {
    /** By database and job: one of each kind of schedule, in two time zones. */
    private static final Set<String> DUE = Set.of(
            "hourly backup",
            "jobs backup",
            "monthly backup",
            "monthly drill",
            "pb backup",
            "tv backup",
            "weekly backup",
            "weekly drill");

    /** What a planned run changes, what the audit counts within an hour, and the id of a request. */
    private static final Set<String> MOVING = Set.of(
            "next_run",
            "last_run",
            "next_drill",
            "last_drill",
            "nextScheduled",
            "backup_count",
            "total_size",
            "last_success",
            "newest_backup",
            "last_proven_restorable",
            "until",
            "count",
            "requestId");

    /** As a record's own text or the name of a class has it. */
    private static final Pattern NAME_OF_A_TYPE = Pattern.compile("\\b[A-Z]\\w*\\[(\\w+=|])|dev\\.holdfast\\.");

    private UnpackedState state;
    private Instant started;
    private ServerProcess server;
    private Client client;
    private String admin;

    /** What this version answers once the runs that were due are made, by path. */
    private final Map<String, JsonNode> now = new TreeMap<>();

    @BeforeAll
    void open_the_state_with_this_version(@TempDir Path directory) throws Exception {
        state = UnpackedState.of("2026-11-30", directory);
        started = Instant.now();
        start();
        Eventually.get(this::plannedRuns, it -> it.keySet().containsAll(DUE));
        Eventually.get(this::runsNotNoted, it -> it == 0);
        Map<String, String[]> headers = Map.of(
                "native", new String[] {"Authorization", admin},
                "jobops", new String[] {"Authorization", "Bearer " + signInToJobOps()},
                "pocketbase", new String[] {"Authorization", signInToPocketBase()},
                "dispatcharr", new String[] {"X-API-Key", state.text("api_key")});
        for (Map.Entry<String, JsonNode> api : state.known().path("answers").properties()) {
            for (Map.Entry<String, JsonNode> answer : api.getValue().properties()) {
                now.put(answer.getKey(), get(answer.getKey(), requireNonNull(headers.get(api.getKey()))));
            }
        }
    }

    /** Of what was due: those that the catalogue does not know to be over, with what follows them. */
    private long runsNotNoted() throws Exception {
        String due = state.text("due").replace("Z", ".000000000Z");
        try (Connection catalogue = Bank.open(state.catalogue())) {
            long noted = Bank.number(
                    catalogue,
                    "SELECT count(*) FROM plan_progress WHERE handled >= '" + due
                            + "' AND last_run IS NOT NULL AND NOT expiry_pending");
            return DUE.size() - noted;
        }
    }

    private void start() throws Exception {
        server = ServerProcess.start(state.options());
        client = new Client(server.address());
        admin = "Bearer " + signIn("admin@example.com").text("access_token");
    }

    @AfterAll
    void stop() {
        client.close();
        server.close();
    }

    private JsonNode get(String path, String... headers) throws Exception {
        Answer answer = client.get(path, headers);
        assertThat(answer.status()).as(path + ": " + answer.text()).isEqualTo(200);
        return answer.json();
    }

    private Answer post(String path, String body, String... headers) throws Exception {
        var all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("Content-Type", "application/json"));
        return client.send("POST", path, body, all.toArray(String[]::new));
    }

    private Answer signIn(String name) throws Exception {
        return post(
                "/api/v1/auth/login",
                "{\"username\":\"%s\",\"password\":\"%s\"}".formatted(name, state.text("password")));
    }

    private String signInToJobOps() throws Exception {
        return post(
                        "/jobops/api/auth/login",
                        "{\"username\":\"admin@example.com\",\"password\":\"%s\"}".formatted(state.text("password")))
                .json()
                .at("/data/token")
                .asText();
    }

    private String signInToPocketBase() throws Exception {
        return post(
                        "/pocketbase/api/collections/_superusers/auth-with-password",
                        "{\"identity\":\"admin@example.com\",\"password\":\"%s\"}".formatted(state.text("password")))
                .text("token");
    }

    private List<JsonNode> operations(String filter) throws Exception {
        JsonNode page = get("/api/v1/operations?page_size=1000&" + filter, "Authorization", admin);
        return StreamSupport.stream(page.path("operations").spliterator(), false)
                .toList();
    }

    /** How many of each have succeeded, by database and job. */
    private Map<String, Integer> plannedRuns() throws Exception {
        var runs = new TreeMap<String, Integer>();
        for (JsonNode operation : operations("requested_by=plan&state=succeeded")) {
            String kind = operation.path("kind").asText();
            if (kind.equals("backup") || kind.equals("drill")) {
                runs.merge(operation.path("database").asText() + " " + kind, 1, Integer::sum);
            }
        }
        return runs;
    }

    @Test
    void each_run_that_was_due_before_the_upgrade_is_made_once() throws Exception {
        for (JsonNode row : state.known().path("timetables")) {
            assertThat(row.path(2).asText())
                    .as("as the earlier version stored it")
                    .startsWith("Timetable[");
        }
        assertRunsMadeOnce();
    }

    private void assertRunsMadeOnce() throws Exception {
        Map<String, Integer> runs = plannedRuns();
        assertThat(runs.keySet()).isEqualTo(DUE);
        // The hourly plan may have become due again meanwhile, and once a day the others.
        int most = hasBecomeDueAgain() ? 2 : 1;
        assertThat(runs.values()).allMatch(it -> it <= most);
    }

    private boolean hasBecomeDueAgain() {
        Duration hour = Duration.ofHours(1);
        Instant due = Instant.parse(state.text("due"));
        long before = Duration.between(due, started).dividedBy(hour);
        return Duration.between(due, Instant.now()).dividedBy(hour) > before;
    }

    @Test
    void all_that_was_listed_and_set_is_listed_and_set_as_before() {
        for (JsonNode api : state.known().path("answers")) {
            for (Map.Entry<String, JsonNode> answer : api.properties()) {
                assertHolds(answer.getKey(), answer.getValue(), requireNonNull(now.get(answer.getKey())));
            }
        }
    }

    /** Lists may have become longer. */
    private static void assertHolds(String where, JsonNode before, JsonNode after) {
        if (before.isArray()) {
            for (JsonNode element : before) {
                assertThat(after).as(where).anySatisfy(it -> assertHolds(where, element, it));
            }
        } else if (before.isObject()) {
            for (Map.Entry<String, JsonNode> member : before.properties()) {
                if (!MOVING.contains(member.getKey())) {
                    assertThat(after.has(member.getKey()))
                            .as(where + ": " + member.getKey())
                            .isTrue();
                    assertHolds(where + ": " + member.getKey(), member.getValue(), after.path(member.getKey()));
                }
            }
        } else {
            assertThat(after).as(where).isEqualTo(before);
        }
    }

    @Test
    void users_sign_in_with_their_roles_and_tokens_open_what_they_did() throws Exception {
        String viewer = "Bearer " + signIn("vera").text("access_token");
        String operator = "Bearer " + signIn("otto").text("access_token");
        String token = "Bearer " + state.text("token");
        String backup = "/api/v1/backup?database=never";
        for (String bearer : List.of(admin, viewer, operator, token)) {
            get(backup, "Authorization", bearer);
        }
        assertThat(client.post(backup, "Authorization", viewer).status()).isEqualTo(403);
        assertThat(client.post(backup, "Authorization", operator).status()).isEqualTo(200);
        assertThat(client.post(backup, "Authorization", token).status()).isEqualTo(200);
        assertThat(client.get("/api/v1/audit", "Authorization", operator).status())
                .isEqualTo(403);
        get("/dispatcharr/api/backups/", "X-API-Key", state.text("api_key"));
    }

    @Test
    void each_backup_is_found_to_be_what_it_was() throws Exception {
        int verified = 0;
        for (JsonNode list : state.known().at("/answers/native")) {
            for (JsonNode backup : list.path("backups")) {
                String name = backup.path("filename").asText();
                Answer answer = client.post(
                        "/api/v1/backup/" + name + "/verify?database="
                                + backup.path("database").asText(),
                        "Authorization",
                        admin);
                assertThat(answer.status()).as(answer.text()).isEqualTo(200);
                assertThat(answer.json().at("/verification/state"))
                        .as(name)
                        .isEqualTo(backup.at("/verification/state"));
                verified++;
            }
        }
        assertThat(verified).isGreaterThan(10);
    }

    @Test
    void a_backup_of_each_kind_is_restored() throws Exception {
        restoreOldest("never", ".db", "data/never.db");
        restoreOldest("jobs", ".db", "jobs/jobs.db");
        restoreOldest("pb", ".zip", "pb/data.db", "pb/auxiliary.db");
        assertThat(state.directory().resolve("pb/storage/file")).hasContent("backed up");
        restoreOldest("tv", ".zip", "tv/dispatcharr.db");
        restoreOldest("tv", ".tar.gz", "tv/dispatcharr.db");
        assertThat(state.directory().resolve("tv/logos/file")).hasContent("backed up");
        assertThat(state.directory().resolve("tv/epg/file")).hasContent("backed up");
    }

    private void restoreOldest(String database, String ending, String... files) throws Exception {
        JsonNode backups =
                state.known().at("/answers/native").path("/api/v1/backup?database=" + database + "&page_size=100");
        String name = backups.path("backups").findValuesAsText("filename").stream()
                .filter(it -> it.endsWith(ending))
                .reduce((_, older) -> older)
                .orElseThrow();
        for (String file : files) {
            state.write(file, "written since");
        }
        Answer answer = client.post("/api/v1/backup/" + name + "/restore?database=" + database, "Authorization", admin);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        for (String file : files) {
            assertThat(state.word(file)).as(file).isEqualTo("backed up");
        }
    }

    @Test
    void the_interrupted_restore_was_completed() throws Exception {
        assertThat(state.word("cut/data.db")).isEqualTo("backed up");
        assertThat(state.word("cut/auxiliary.db")).isEqualTo("backed up");
        assertThat(state.directory().resolve("cut/storage/file")).hasContent("backed up");
        JsonNode restore = operations("database=cut&kind=restore").getFirst();
        assertThat(restore.path("state").asText()).as(restore.toString()).isEqualTo("succeeded");
        try (Stream<Path> journals = Files.list(state.dataDir().resolve("scratch/restores"))) {
            assertThat(journals).isEmpty();
        }
        JsonNode backups =
                get("/api/v1/backup?database=cut", "Authorization", admin).path("backups");
        assertThat(backups.findValuesAsText("origin")).containsExactly("safety", "safety", "manual");
        assertThat(backups.path(0).has("inconsistency")).isTrue();
        // Its inode and times are those of the archive's files: only an unchanged one is removed.
        try (Stream<Path> left = Files.list(state.directory().resolve("cut"))) {
            assertThat(left.map(it -> it.getFileName().toString()))
                    .filteredOn(it -> it.startsWith(".holdfast-"))
                    .singleElement()
                    .asString()
                    .startsWith(".holdfast-replaced-");
        }
    }

    @Test
    void what_this_version_has_stored_names_no_type_and_its_next_start_makes_no_run_again() throws Exception {
        Map<String, Integer> before = plannedRuns();
        server.stop();
        client.close();
        assertThat(state.storedTexts())
                .noneMatch(it -> NAME_OF_A_TYPE.matcher(it).find());
        start();
        // Once the second of two changes is noted, each plan has been looked at.
        for (String zone : List.of("+01:00", "+02:00")) {
            String change = "{\"time_zone\":\"" + zone + "\"}";
            assertThat(client.send(
                                    "PATCH",
                                    "/api/v1/backup/plan?database=never",
                                    change,
                                    "Content-Type",
                                    "application/json",
                                    "Authorization",
                                    admin)
                            .status())
                    .isEqualTo(200);
            Eventually.get(() -> state.storedTexts(), it -> it.contains("1 off zone=" + zone));
        }
        assertRunsMadeOnce();
        if (!hasBecomeDueAgain()) {
            assertThat(plannedRuns()).isEqualTo(before);
        }
        for (String path : now.keySet()) {
            if (path.startsWith("/api/v1/operations") || path.startsWith("/api/v1/backup?")) {
                assertThat(names(get(path, "Authorization", admin))).containsAll(names(now.get(path)));
            }
        }
    }

    private static List<String> names(JsonNode list) {
        List<String> names = list.findValuesAsText("filename");
        names.addAll(list.findValuesAsText("id"));
        return names;
    }
}
