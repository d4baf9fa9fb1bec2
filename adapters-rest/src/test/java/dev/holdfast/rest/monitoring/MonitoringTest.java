package dev.holdfast.rest.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.notice.DeliveryTally.End;
import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.http.access.AccessServerFixture;
import dev.holdfast.http.access.Exchange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class MonitoringTest {
    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");
    private static final DatabaseName JOBS = new DatabaseName("jobs");

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ProbedStore store = new ProbedStore();
    private final Database jobs = new Database(JOBS, Source.of(Path.of("/srv/jobs.db")), Profile.NATIVE, "app");
    private final Databases databases = new Databases(List.of(new RegisteredDatabase(jobs, store)));
    private final Metrics metrics = Metrics.of(databases);
    private Path data;

    @BeforeEach
    void prepare() throws IOException {
        data = Files.createDirectory(directory.resolve("data"));
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private final AtomicBoolean halfRestored = new AtomicBoolean();

    @Test
    void everybody_may_ask_whether_the_server_lives_and_is_ready() throws IOException {
        try (var server = server(true, Readiness.PATIENCE)) {
            assertThat(server.get("/health/liveness").body()).isEqualTo("{\"status\":\"UP\"}");
            Exchange ready = server.get("/health/readiness");
            assertThat(ready.status()).isEqualTo(200);
            assertThat(ready.body()).isEqualTo("{\"status\":\"UP\"}");
            try (var left = Files.list(data)) {
                assertThat(left).isEmpty();
            }
        }
    }

    @Test
    void a_store_that_cannot_be_written_makes_the_server_unready_and_only_users_are_told_which() {
        store.probe = () -> {
            throw new ProblemException(new Problem.StoreUnavailable("/secret/path cannot be written"));
        };
        try (var server = server(true, Readiness.PATIENCE)) {
            Exchange stranger = server.get("/health/readiness");
            assertThat(stranger.status()).isEqualTo(503);
            assertThat(stranger.body()).isEqualTo("{\"status\":\"DOWN\"}");
            assertThat(server.get("/health/readiness", server.bearer("vic")).body())
                    .isEqualTo("{\"status\":\"DOWN\",\"failures\":{\"database jobs\":\"store-unavailable\"}}");
            assertThat(server.get("/health/liveness").status()).isEqualTo(200);
        }
    }

    @Test
    void a_database_that_is_half_restored_makes_the_server_unready() {
        halfRestored.set(true);
        try (var server = server(true, Readiness.PATIENCE)) {
            Exchange told = server.get("/health/readiness", server.bearer("vic"));
            assertThat(told.status()).isEqualTo(503);
            assertThat(told.body())
                    .contains("{\"database jobs\":\"a restore was cut off and could not be completed yet\"}");
        }
    }

    @Test
    void with_access_control_off_everybody_is_told() throws IOException {
        Files.delete(data);
        try (var server = server(false, Readiness.PATIENCE)) {
            assertThat(server.get("/health/readiness").body()).contains("\"data directory\":\"cannot be written\"");
        }
    }

    @Test
    void asking_often_does_not_make_it_look_often() {
        try (var server = server(true, Readiness.PATIENCE)) {
            for (int i = 0; i < 20; i++) {
                server.get("/health/readiness");
            }
            assertThat(store.probes).hasValue(1);
            server.clock.advance(Readiness.REMEMBERED);
            server.get("/health/readiness");
            assertThat(store.probes).hasValue(2);
        }
    }

    @Test
    void a_hang_is_reported_within_five_seconds_of_its_begin() {
        // An answer from before the hang is remembered, and the look after it waits.
        assertThat(Readiness.REMEMBERED.plus(Readiness.PATIENCE)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void a_store_that_hangs_is_not_waited_for_and_takes_one_thread_only() {
        var released = new CountDownLatch(1);
        store.probe = () -> {
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        try (var server = server(false, Duration.ofMillis(50))) {
            for (int i = 0; i < 3; i++) {
                assertThat(server.get("/health/readiness").body()).contains("\"database jobs\":\"does not answer\"");
                server.clock.advance(Readiness.REMEMBERED);
            }
            assertThat(store.probes).hasValue(1);
        } finally {
            released.countDown();
        }
    }

    @Test
    void a_source_that_hangs_is_not_waited_for_either() {
        var released = new CountDownLatch(1);
        ListDatabases hanging = () -> {
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return List.of();
        };
        try (var server = server(false, Duration.ofMillis(50), hanging)) {
            Exchange answer = server.get("/health/readiness");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).contains("\"remarks\":{\"databases\":\"does not answer\"}");
            released.countDown();
            String body = answer.body();
            for (int i = 0; i < 100 && body.contains("does not answer"); i++) {
                server.clock.advance(Readiness.REMEMBERED);
                body = server.get("/health/readiness").body();
            }
            assertThat(body).contains("\"status\":\"UP\"", "\"remarks\":{}");
        } finally {
            released.countDown();
        }
    }

    @Test
    void metrics_are_for_viewers() {
        try (var server = server(true, Readiness.PATIENCE)) {
            assertThat(server.get("/metrics").status()).isEqualTo(401);
            assertThat(server.get("/metrics", server.bearer("vic")).status()).isEqualTo(200);
        }
        try (var server = server(false, Readiness.PATIENCE)) {
            Exchange scrape = server.get("/metrics");
            assertThat(scrape.header("Content-Type").orElseThrow()).startsWith("text/plain; version=0.0.4");
            assertThat(scrape.body()).contains("jvm_memory_used_bytes", "process_uptime_seconds");
        }
    }

    @Test
    void a_database_that_was_never_backed_up_shows_as_0() {
        assertThat(metrics.scrape().lines())
                .contains(
                        "holdfast_backup_last_success_timestamp_seconds{database=\"jobs\"} 0.0",
                        "holdfast_operations_total{database=\"jobs\",kind=\"backup\",state=\"failed\"} 0.0");
    }

    @Test
    void what_operations_come_to_is_counted() {
        var backup = BackupFixture.backup(new BackupKey("app_1.db"), new byte[4096]);
        Operation began = operation(OperationKind.BACKUP);
        metrics.ended(began.succeeded(new Result.BackupMade(backup), START.plusSeconds(3)));
        metrics.ended(began.failed(Failure.of(new Problem.SourceBusy("locked")), START.plusSeconds(5)));
        metrics.ended(operation(OperationKind.VERIFY).cancelled(START.plusSeconds(1)));

        assertThat(metrics.scrape().lines())
                .contains(
                        "holdfast_backup_last_success_timestamp_seconds{database=\"jobs\"} 1.772359203E9",
                        "holdfast_backup_last_size_bytes{database=\"jobs\"} 4096.0",
                        "holdfast_operations_total{database=\"jobs\",kind=\"backup\",state=\"succeeded\"} 1.0",
                        "holdfast_operations_total{database=\"jobs\",kind=\"backup\",state=\"failed\"} 1.0",
                        "holdfast_operations_total{database=\"jobs\",kind=\"verify\",state=\"cancelled\"} 1.0",
                        "holdfast_operation_failures_total{code=\"source-busy\",database=\"jobs\",kind=\"backup\"} 1.0",
                        "holdfast_operation_duration_seconds_sum{database=\"jobs\",kind=\"backup\"} 8.0");
    }

    @Test
    void what_became_of_notices_is_counted_from_0_on() {
        metrics.add("ops", End.FAILED, 0);
        metrics.add("ops", End.DELIVERED, 0);
        metrics.add("ops", End.DELIVERED, 2);

        assertThat(metrics.scrape().lines())
                .contains(
                        "holdfast_notices_total{outcome=\"failed\",receiver=\"ops\"} 0.0",
                        "holdfast_notices_total{outcome=\"delivered\",receiver=\"ops\"} 2.0");
    }

    @Test
    void the_last_success_is_known_after_a_restart_and_never_goes_back() {
        var backup = BackupFixture.backup(new BackupKey("app_1.db"), new byte[10]);
        metrics.ended(operation(OperationKind.BACKUP).succeeded(new Result.BackupMade(backup), START));

        metrics.recall(() -> List.of(new ListDatabases.Overview(
                jobs,
                Optional.empty(),
                Optional.of(backup),
                Optional.of(START.minusSeconds(60)),
                1,
                10,
                0,
                ListDatabases.Planned.NOTHING,
                Optional.empty())));
        assertThat(lastSuccess()).isEqualTo(START.getEpochSecond());

        metrics.recall(() -> List.of(new ListDatabases.Overview(
                jobs,
                Optional.empty(),
                Optional.empty(),
                Optional.of(START.plusSeconds(60)),
                0,
                0,
                0,
                ListDatabases.Planned.NOTHING,
                Optional.empty())));
        assertThat(lastSuccess()).isEqualTo(START.getEpochSecond() + 60);
    }

    @Test
    void a_verification_that_finds_a_backup_corrupt_is_a_success_that_is_counted_as_a_failure() {
        assertThat(metrics.scrape().lines()).contains("holdfast_verification_failures_total{database=\"jobs\"} 0.0");
        var key = new BackupKey("app_1.db");
        metrics.ended(operation(OperationKind.VERIFY)
                .succeeded(new Result.Verified(key, new Verification.Passed(Depth.FULL, START)), START));
        metrics.ended(operation(OperationKind.VERIFY)
                .succeeded(new Result.Verified(key, new Verification.Corrupt(Depth.FULL, START, "spoiled")), START));

        assertThat(metrics.scrape().lines()).contains("holdfast_verification_failures_total{database=\"jobs\"} 1.0");
    }

    @Test
    void a_missing_source_and_corrupt_backups_show_at_most_a_minute_later_or_when_an_operation_has_ended() {
        var clock = new SettableClock(START);
        var looks = new AtomicInteger();
        var now = new AtomicReference<>(overview(Optional.of(4096L), 0, Optional.empty()));
        metrics.watch(
                () -> {
                    looks.incrementAndGet();
                    return List.of(now.get());
                },
                clock);
        assertThat(metrics.scrape().lines())
                .contains(
                        "holdfast_source_present{database=\"jobs\"} 1.0",
                        "holdfast_store_available{database=\"jobs\"} 1.0",
                        "holdfast_backups_corrupt{database=\"jobs\"} 0.0");

        now.set(overview(Optional.empty(), 2, Optional.empty()));
        metrics.scrape();
        assertThat(looks).as("asked twice within a minute").hasValue(1);
        clock.advance(Inventory.REMEMBERED);
        assertThat(metrics.scrape().lines())
                .contains(
                        "holdfast_source_present{database=\"jobs\"} 0.0",
                        "holdfast_backups_corrupt{database=\"jobs\"} 2.0");

        now.set(overview(Optional.of(4096L), 1, Optional.empty()));
        metrics.ended(operation(OperationKind.VERIFY).cancelled(START));
        assertThat(metrics.scrape().lines()).contains("holdfast_backups_corrupt{database=\"jobs\"} 1.0");

        now.set(overview(Optional.of(4096L), 0, Optional.of(new Problem.StoreUnavailable("unplugged"))));
        clock.advance(Inventory.REMEMBERED);
        assertThat(metrics.scrape().lines())
                .as("a store that cannot be read has not become sound")
                .contains(
                        "holdfast_backups_corrupt{database=\"jobs\"} 1.0",
                        "holdfast_store_available{database=\"jobs\"} 0.0");
    }

    private ListDatabases.Overview overview(Optional<Long> sourceSize, int corrupt, Optional<Problem> problem) {
        return new ListDatabases.Overview(
                jobs,
                sourceSize,
                Optional.empty(),
                Optional.empty(),
                3,
                10,
                corrupt,
                ListDatabases.Planned.NOTHING,
                problem);
    }

    private long lastSuccess() {
        String prefix = "holdfast_backup_last_success_timestamp_seconds{database=\"jobs\"} ";
        return metrics.scrape()
                .lines()
                .filter(it -> it.startsWith(prefix))
                .mapToLong(it -> (long) Double.parseDouble(it.substring(prefix.length())))
                .findFirst()
                .orElseThrow();
    }

    private static Operation operation(OperationKind kind) {
        return Operation.started(new OperationId("1"), kind, JOBS, Optional.empty(), "ann", START);
    }

    private AccessServerFixture server(boolean enabled, Duration patience) {
        return server(enabled, patience, List::of);
    }

    private AccessServerFixture server(boolean enabled, Duration patience, ListDatabases listDatabases) {
        return AccessServerFixture.start(enabled, (context, clock) -> {
            context.registerSingleton(Metrics.class, metrics);
            context.registerSingleton(
                    Readiness.class,
                    Readiness.of(
                            databases,
                            listDatabases,
                            _ -> halfRestored.get()
                                    ? Optional.of("a restore was cut off and could not be completed yet")
                                    : Optional.empty(),
                            data,
                            clock,
                            threads,
                            patience));
        });
    }
}
