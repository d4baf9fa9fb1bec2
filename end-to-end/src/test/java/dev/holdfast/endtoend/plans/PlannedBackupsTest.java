package dev.holdfast.endtoend.plans;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Ended;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a server does by itself, above all after it was down when something was due. Each test begins with a copy of a
 * data directory that holds three planned backups.
 */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
class PlannedBackupsTest {
    private static final String BACKUP = "BACKUP";

    private Path prepared;
    private List<String> threeOldestFirst;

    private Path directory;
    private Path bank;
    private PlanProgressProbe progress;

    @BeforeAll
    void prepare(@TempDir Path temporary) throws Exception {
        prepared = temporary.resolve("data");
        Bank.create(temporary.resolve("app.db"), "WAL", 1);
        try (ServerProcess server = ServerProcess.start(options(temporary, "", ""));
                Client client = new Client(server.address())) {
            var soFar = new PlanProgressProbe(prepared);
            threeOldestFirst = List.of(planned(client, soFar), planned(client, soFar), planned(client, soFar));
            // Another time, or the last one that was made would do for it.
            dailyFromNow(client, soFar);
            server.stop();
        }
    }

    /** Has the plan make a backup for a second that has gone by just now, and waits for it. */
    private static String planned(Client client, PlanProgressProbe progress) throws Exception {
        List<String> before = client.filenames("default");
        dailyFromNow(client, progress);
        progress.wasDownFor(BACKUP, Duration.ofDays(2));
        progress.awaitDone(BACKUP);
        List<String> made = new ArrayList<>(client.filenames("default"));
        made.removeAll(before);
        assertThat(made).hasSize(1);
        return made.getFirst();
    }

    /** Daily, at a second that has gone by just now and so is not due. */
    private static void dailyFromNow(Client client, PlanProgressProbe progress) throws Exception {
        Planned daily = Planned.justGoneBy();
        change(client, daily.json());
        progress.awaitBegun(BACKUP, daily.timetable());
    }

    private static void change(Client client, String plan) throws Exception {
        assertThat(client.send("PATCH", "/api/v1/backup/plan", plan, "Content-Type", "application/json")
                        .status())
                .isEqualTo(200);
    }

    @BeforeEach
    void copy(@TempDir Path temporary) throws IOException {
        directory = temporary;
        bank = Files.copy(prepared.resolveSibling("app.db"), directory.resolve("app.db"));
        progress = new PlanProgressProbe(directory.resolve("data"));
        try (Stream<Path> files = Files.walk(prepared)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        directory
                                .resolve("data")
                                .resolve(prepared.relativize(file).toString()),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    /** @param plan of the default database, beside its schedule */
    private static Options options(Path directory, String plan, String webhooks) throws IOException {
        return Options.in(directory.resolve("data"))
                .config(directory.resolve("holdfast.yml"), """
                        holdfast:
                          databases: {default: {file: "%s", plan: {%s}}}
                          %s
                        """.formatted(directory.resolve("app.db"), plan, webhooks));
    }

    @Test
    void what_was_due_several_times_while_it_was_down_is_made_up_for_once() throws Exception {
        progress.wasDownFor(BACKUP, Duration.ofDays(4));
        try (ServerProcess server = ServerProcess.start(options(directory, "", ""));
                Client client = new Client(server.address())) {
            progress.awaitDone(BACKUP);

            assertThat(client.filenames("default"))
                    .hasSize(4)
                    .endsWith(threeOldestFirst.reversed().toArray(String[]::new));
            assertThat(operations(client, "backup"))
                    .hasSize(4)
                    .allSatisfy(
                            it -> assertThat(it.path("requested_by").asText()).isEqualTo("plan"));
            assertThat(client.get("/api/v1/backup/plan").json().path("last_run"))
                    .isEqualTo(operations(client, "backup").getFirst());
        }
    }

    @ParameterizedTest(name = "killed at {0}")
    @ValueSource(strings = {"backup.copied", "backup.published", "expire.removed"})
    void a_server_killed_while_it_catches_up_has_one_backup_for_that_time_in_the_end(String step) throws Exception {
        Options options = options(directory, "retention: {last: 2}", "");
        progress.wasDownFor(BACKUP, Duration.ofDays(4));
        Ended killed = ServerProcess.run(options.env("HOLDFAST_FAIL_AT", step));
        assertThat(killed.code()).as(killed.err()).isEqualTo(137);

        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address())) {
            progress.awaitDone(BACKUP);

            List<String> names = client.filenames("default");
            assertThat(names).hasSize(2).endsWith(threeOldestFirst.getLast());
            assertThat(names.getFirst()).isNotIn(threeOldestFirst);
            for (String name : names) {
                assertThat(client.post("/api/v1/backup/" + name + "/verify")
                                .json()
                                .path("verification")
                                .path("state")
                                .asText())
                        .isEqualTo("passed");
            }
            assertThat(files()).containsExactlyInAnyOrderElementsOf(names);
        }
    }

    /** What lies where backups do, but for what is noted about them and about who makes them. */
    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(directory.resolve("data/backups"))) {
            return files.filter(Files::isRegularFile)
                    .filter(it -> !it.toString().contains("/.holdfast/meta/"))
                    .filter(it -> !it.toString().contains("/.holdfast/claims/"))
                    .filter(it -> !it.toString().contains("/.holdfast/marks/"))
                    .filter(it -> !it.toString().endsWith("/.holdfast/store.json"))
                    .filter(it -> !it.toString().endsWith("/.holdfast/changes.lock"))
                    .map(it -> it.getFileName().toString())
                    .toList();
        }
    }

    @Test
    void where_nothing_is_made_up_for_what_was_missed_is_told_once(@TempDir Path another) throws Exception {
        String plan = "schedule: {kind: daily, at: \"%s\"}, catch-up: false"
                .formatted(LocalTime.now(ZoneOffset.UTC).minusHours(12).truncatedTo(ChronoUnit.MINUTES));
        Bank.create(another.resolve("app.db"), "WAL", 0);
        var missing = new PlanProgressProbe(another.resolve("data"));
        try (ServerProcess server = ServerProcess.start(options(another, plan, ""))) {
            missing.awaitBegun(BACKUP, " daily ");
            server.stop();
        }
        missing.wasDownFor(BACKUP, Duration.ofDays(4));
        try (var receiver = new SignedWebhook();
                ServerProcess server = ServerProcess.start(options(another, plan, receiver.settings()));
                Client client = new Client(server.address())) {
            JsonNode missed = receiver.next();
            missing.awaitDone(BACKUP);

            assertThat(missed.path("event").asText()).isEqualTo("missed");
            assertThat(missed.path("database").asText()).isEqualTo("default");
            assertThat(missed.path("operation").isNull()).isTrue();
            assertThat(missed.path("text").asText()).startsWith("The backup of database default that was due at ");
            assertThat(client.filenames("default")).isEmpty();
            assertThat(receiver.isEmpty()).isTrue();
        }
    }

    @Test
    void what_a_preview_says_is_what_goes() throws Exception {
        List<String> toGo = new ArrayList<>();
        List<String> toStay = new ArrayList<>();
        try (ServerProcess server = ServerProcess.start(options(directory, "", ""));
                Client client = new Client(server.address())) {
            toStay.add(client.backUp("default"));
            JsonNode preview = client.send(
                            "POST",
                            "/api/v1/backup/plan/preview",
                            "{\"retention\":{\"last\":2}}",
                            "Content-Type",
                            "application/json")
                    .json();
            for (JsonNode verdict : preview.path("backups")) {
                boolean stays = verdict.path("fate").asText().equals("keep");
                assertThat(verdict.path("reasons").isEmpty()).isEqualTo(!stays);
                String name = verdict.path("filename").asText();
                if (!toStay.contains(name)) {
                    (stays ? toStay : toGo).add(name);
                }
            }
            assertThat(toGo).containsExactly(threeOldestFirst.getFirst());
            assertThat(client.filenames("default")).hasSize(4);
            server.stop();
        }
        progress.diedBeforeExpiry();
        try (ServerProcess server = ServerProcess.start(options(directory, "retention: {last: 2}", ""));
                Client client = new Client(server.address())) {
            progress.awaitDone(BACKUP);

            assertThat(client.filenames("default")).containsExactlyElementsOf(toStay);
            assertThat(operations(client, "expire"))
                    .singleElement()
                    .satisfies(
                            it -> assertThat(it.path("result").path("removed").toString())
                                    .isEqualTo("[\"" + toGo.getFirst() + "\"]"));
        }
    }

    @Test
    void a_week_of_backups_that_fail_removes_nothing_and_is_told_every_day() throws Exception {
        Files.writeString(bank, "no database ".repeat(1000));
        try (var receiver = new SignedWebhook()) {
            Options options = options(directory, "retention: {last: 1}", receiver.settings());
            failFrom(1, 4, options, receiver);
            failFrom(5, 7, options, receiver);
        }
    }

    /** The plan's progress is read at each look, so that one server lives through several days. */
    private void failFrom(int first, int last, Options options, SignedWebhook receiver) throws Exception {
        progress.wasDownFor(BACKUP, Duration.ofHours(25));
        try (ServerProcess server = ServerProcess.start(options);
                Client client = new Client(server.address())) {
            for (int day = first; day <= last; day++) {
                JsonNode failure = receiver.next();
                progress.awaitDone(BACKUP);

                assertThat(failure.path("event").asText()).isEqualTo("failure");
                assertThat(operations(client, "backup"))
                        .filteredOn(it -> it.path("state").asText().equals("failed"))
                        .hasSize(day);
                assertThat(operations(client, "expire")).isEmpty();
                assertThat(client.filenames("default")).containsExactlyElementsOf(threeOldestFirst.reversed());
                if (day < last) {
                    progress.wasDownFor(BACKUP, Duration.ofHours(25));
                }
            }
        }
    }

    private static List<JsonNode> operations(Client client, String kind) throws Exception {
        JsonNode operations = client.get("/api/v1/operations").json().path("operations");
        return StreamSupport.stream(operations.spliterator(), false)
                .filter(it -> it.path("kind").asText().equals(kind))
                .toList();
    }
}
