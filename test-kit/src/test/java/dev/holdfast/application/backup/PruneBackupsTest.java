package dev.holdfast.application.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.InMemoryOperationLog;
import dev.holdfast.application.operation.OperationEvents;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.application.plan.PlanParser;
import dev.holdfast.application.plan.PlanProperties;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.retention.SourceHistories;
import dev.holdfast.application.store.InMemoryBackupStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.domain.retention.RetentionDecision;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class PruneBackupsTest {
    private static final Instant NOON = Instant.parse("2026-04-13T12:00:00Z");
    private static final DatabaseName SHOP = new DatabaseName("shop");
    private static final Requester ANN = new Requester("ann", Optional.empty());

    private final AtomicInteger ids = new AtomicInteger();
    private final SettableClock clock = new SettableClock(NOON);
    private final OperationRunner runner = new OperationRunner(
            new InMemoryOperationLog(),
            clock,
            () -> new OperationId("op-" + ids.incrementAndGet()),
            Thread.ofVirtual().factory(),
            OperationEvents.NONE,
            Duration.ofSeconds(5));
    private final Leases leases = new Leases();
    private InMemoryBackupStore store = new InMemoryBackupStore();

    @AfterEach
    void stop() {
        runner.close();
    }

    private PruneBackups expiring(Map<String, String> terms, FailPoints failPoints) {
        var databases = new Databases(List.of(new RegisteredDatabase(
                new Database(SHOP, Source.of(Path.of("/data/shop.db")), Profile.NATIVE, "shop"), store)));
        var plans = new Plans(
                databases, Map.of(SHOP, PlanProperties.of(terms)), new InMemoryPlanStore(), new PlanParser(), clock);
        return new PruneBackupsService(
                databases,
                plans,
                runner,
                leases,
                new SourceHistories(new InMemoryOperationLog()),
                new BackupUpdates(databases, leases),
                clock,
                failPoints);
    }

    private PruneBackups keepingLast(int count, FailPoints failPoints) {
        return expiring(Map.of("retention.last", "" + count), failPoints);
    }

    private BackupKey add(String name, Instant at, Origin origin, Verification verification, boolean pinned) {
        var key = new BackupKey(name);
        store.add(new Backup(
                key, SHOP, 1, at, Optional.empty(), origin, Layout.SQLITE, verification, pinned, Backup.Labels.NONE));
        return key;
    }

    /** Good ones, the newest first. */
    private List<BackupKey> addDays(int count) {
        return IntStream.range(0, count)
                .mapToObj(day -> NOON.minus(Duration.ofDays(day)))
                .map(at -> add(
                        "shop_" + LocalDate.ofInstant(at, ZoneOffset.UTC).format(DateTimeFormatter.BASIC_ISO_DATE)
                                + "_120000.db",
                        at,
                        Origin.AUTOMATIC,
                        new Verification.Passed(Depth.QUICK, NOON),
                        false))
                .toList();
    }

    private Operation run(PruneBackups expiring) throws InterruptedException {
        var started = (Outcome.Done<Operation>) expiring.start("shop", ANN);
        return runner.awaitEnd(started.value().id());
    }

    private Result.Expired expired(PruneBackups expiring) throws InterruptedException {
        return (Result.Expired) run(expiring).result().orElseThrow();
    }

    private static List<RetentionDecision> preview(PruneBackups expiring) {
        return ((Outcome.Done<List<RetentionDecision>>) expiring.preview("shop", Map.of())).value();
    }

    private List<BackupKey> listed() {
        return store.list().stream().map(Backup::key).toList();
    }

    @Test
    void what_the_preview_says_is_what_the_run_does() throws Exception {
        var random = new Random(20260413);
        int removals = 0;
        for (int round = 0; round < 400; round++) {
            store = new InMemoryBackupStore();
            for (int i = random.nextInt(25); i >= 0; i--) {
                add(
                        "backup-" + i + ".db",
                        NOON.minusSeconds(random.nextInt(90 * 86_400) - 86_400),
                        random.nextInt(4) > 0 ? Origin.AUTOMATIC : any(random, Origin.values()),
                        any(
                                random,
                                new Verification.Passed(Depth.QUICK, NOON),
                                new Verification.Passed(Depth.FULL, NOON),
                                new Verification.Passed(Depth.CHECKSUM, NOON),
                                new Verification.Corrupt(Depth.QUICK, NOON, "x"),
                                new Verification.Unchecked()),
                        random.nextInt(8) == 0);
            }
            var terms = new HashMap<String, String>();
            List.of("last", "hourly", "daily", "weekly", "monthly", "yearly")
                    .forEach(it -> terms.put("retention." + it, "" + Math.max(0, random.nextInt(8) - 4)));
            PruneBackups expiring = expiring(terms, FailPoints.NONE);
            List<Leases.Lease> readers = store.list().stream()
                    .filter(it -> random.nextInt(6) == 0)
                    .map(it -> leases.read(SHOP, it.key()).orElseThrow())
                    .toList();

            List<RetentionDecision> verdicts = preview(expiring);
            List<BackupKey> before = listed();
            Result.Expired expired = expired(expiring);

            assertThat(verdicts).extracting(it -> it.backup().key()).isEqualTo(before);
            assertThat(expired.removed())
                    .as("round %s", round)
                    .isEqualTo(keys(verdicts, RetentionDecision.Remove.class));
            assertThat(expired.failed()).isEmpty();
            assertThat(listed()).isEqualTo(keys(verdicts, RetentionDecision.Keep.class));
            assertThat(expired(expiring).removed()).isEmpty();
            readers.forEach(Leases.Lease::close);
            removals += expired.removed().size();
        }
        assertThat(removals).isGreaterThan(400);
    }

    @SafeVarargs
    private static <T> T any(Random random, T... values) {
        return values[random.nextInt(values.length)];
    }

    private static List<BackupKey> keys(List<RetentionDecision> verdicts, Class<? extends RetentionDecision> kind) {
        return verdicts.stream()
                .filter(kind::isInstance)
                .map(it -> it.backup().key())
                .toList();
    }

    @Test
    void a_preview_of_a_change_is_what_the_run_would_do_after_it_and_removes_nothing() {
        List<BackupKey> days = addDays(5);
        PruneBackups expiring = expiring(Map.of(), FailPoints.NONE);

        var previewed = ((Outcome.Done<List<RetentionDecision>>)
                        expiring.preview("shop", Map.of("retention.last", Optional.of("2"))))
                .value();

        assertThat(keys(previewed, RetentionDecision.Remove.class)).isEqualTo(days.subList(2, 5));
        assertThat(keys(preview(expiring), RetentionDecision.Remove.class)).isEmpty();
        assertThat(listed()).isEqualTo(days);
    }

    @Test
    void without_a_rule_nothing_is_removed() throws Exception {
        List<BackupKey> days = addDays(50);

        assertThat(expired(expiring(Map.of(), FailPoints.NONE))).isEqualTo(new Result.Expired(List.of(), List.of()));

        assertThat(listed()).isEqualTo(days);
    }

    @Test
    void the_oldest_goes_first_and_the_newest_is_told_first() throws Exception {
        List<BackupKey> days = addDays(4);
        var removedSoFar = new ArrayList<List<BackupKey>>();

        Result.Expired expired = expired(keepingLast(1, step -> removedSoFar.add(listed())));

        assertThat(removedSoFar).containsExactly(days.subList(0, 3), days.subList(0, 2), days.subList(0, 1));
        assertThat(expired.removed()).isEqualTo(days.subList(1, 4));
    }

    @Test
    void backups_of_another_database_stay_and_take_no_place_of_an_own_one() throws Exception {
        List<BackupKey> days = addDays(6);
        days.subList(0, 3).forEach(this::makeForeign);

        assertThat(expired(keepingLast(1, FailPoints.NONE)).removed()).isEqualTo(days.subList(4, 6));
        assertThat(listed()).isEqualTo(days.subList(0, 4));
    }

    @Test
    void one_whose_place_another_file_takes_between_judging_and_deleting_stays() throws Exception {
        List<BackupKey> days = addDays(4);

        Result.Expired expired = expired(keepingLast(1, step -> makeForeign(days.get(1))));

        assertThat(listed()).containsExactly(days.get(0), days.get(1));
        assertThat(expired).isEqualTo(new Result.Expired(days.subList(2, 4), List.of()));
    }

    /** The file of another database with the same name is there now, with its metadata. */
    private void makeForeign(BackupKey key) {
        store.add(store.find(key).orElseThrow().inStoreOf(SHOP, Optional.of(new DatabaseName("blog"))));
    }

    @Test
    void one_that_is_pinned_between_judging_and_deleting_stays() throws Exception {
        List<BackupKey> days = addDays(4);

        Result.Expired expired = expired(keepingLast(1, step -> store.update(days.get(1), it -> it.withPinned(true))));

        assertThat(listed()).containsExactly(days.get(0), days.get(1));
        assertThat(expired).isEqualTo(new Result.Expired(days.subList(2, 4), List.of()));
    }

    @Test
    void one_that_somebody_begins_to_read_between_judging_and_deleting_stays() throws Exception {
        List<BackupKey> days = addDays(4);
        PruneBackups expiring = keepingLast(
                1, step -> assertThat(leases.read(SHOP, days.get(1))).isPresent());

        Result.Expired expired = expired(expiring);

        assertThat(listed()).containsExactly(days.get(0), days.get(1));
        assertThat(expired.failed()).isEmpty();
    }

    @Test
    void nothing_more_goes_once_the_newest_has_proved_corrupt_meanwhile() throws Exception {
        List<BackupKey> days = addDays(5);
        var corrupt = new Verification.Corrupt(Depth.FULL, clock.instant(), "page 7");

        Result.Expired expired = expired(keepingLast(1, step -> store.update(days.get(0), it -> it.with(corrupt))));

        assertThat(expired.removed()).containsExactlyElementsOf(days.subList(2, 5));
        assertThat(listed()).as("the newest good one stays").containsExactly(days.get(0), days.get(1));
    }

    @Test
    void one_that_cannot_be_deleted_is_told_and_the_others_go() throws Exception {
        List<BackupKey> days = addDays(5);
        store.stick(days.get(2));
        store.stick(days.get(4));

        Result.Expired expired = expired(keepingLast(1, FailPoints.NONE));

        assertThat(expired)
                .isEqualTo(new Result.Expired(List.of(days.get(1), days.get(3)), List.of(days.get(2), days.get(4))));
        assertThat(listed()).containsExactly(days.get(0), days.get(2), days.get(4));
    }

    @Test
    void one_that_somebody_else_deletes_in_between_is_neither_removed_nor_failed() throws Exception {
        List<BackupKey> days = addDays(3);

        Result.Expired expired = expired(keepingLast(1, step -> store.delete(days.get(1))));

        assertThat(expired).isEqualTo(new Result.Expired(List.of(days.get(2)), List.of()));
    }

    @Test
    void a_store_that_does_not_answer_makes_it_fail_and_removes_nothing() throws Exception {
        List<BackupKey> days = addDays(3);
        store.breakDown(true);

        assertThat(run(keepingLast(1, FailPoints.NONE)).state()).isEqualTo(OperationState.FAILED);

        store.breakDown(false);
        assertThat(listed()).isEqualTo(days);
    }

    @Test
    void one_that_is_cancelled_stops_with_the_newer_ones_still_there() throws Exception {
        List<BackupKey> days = addDays(4);

        Operation ended = run(keepingLast(1, step -> runner.cancel("op-" + ids.get())));

        assertThat(ended.state()).isEqualTo(OperationState.CANCELLED);
        assertThat(listed()).isEqualTo(days.subList(0, 3));
    }
}
