package dev.holdfast.application.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.archive.Limits;
import dev.holdfast.application.archive.PlainArchives;
import dev.holdfast.application.check.ImageChecks.Finding;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.CancelledException;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.InMemoryOperationLog;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.application.plan.PlainCronLines;
import dev.holdfast.application.plan.PlanReader;
import dev.holdfast.application.plan.PlanStore.Drill;
import dev.holdfast.application.plan.PlanTerms;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.application.restore.Recovery;
import dev.holdfast.application.restore.RestoreTrials.Tried;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.application.snapshot.Snapshots.Taken;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.application.store.InMemoryBackupStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.BackupKey;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.DatabaseName;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.naming.Profile;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationId;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.operation.Progress;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.plan.DrillOutcome;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How deeply a plan has backups checked, and what becomes of those that are marked corrupt. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(30)
class MakingAndRestoringTest {
    private static final Instant NOON = Instant.parse("2026-04-13T12:00:00Z");
    private static final DatabaseName NAME = DatabaseName.DEFAULT;
    private static final BackupKey KEY = new BackupKey("app_20260412_120000.db");
    private static final Requester ANN = new Requester("ann", Optional.empty());
    private static final Verification CORRUPT = new Verification.Corrupt(Depth.FULL, NOON, "row 7 is missing");

    private final AtomicInteger ids = new AtomicInteger();
    private final SettableClock clock = new SettableClock(NOON);
    private final InMemoryBackupStore store = new InMemoryBackupStore();
    private final InMemoryPlanStore kept = new InMemoryPlanStore();
    private final InMemoryOperationLog log = new InMemoryOperationLog();
    private final List<Operation> told = new CopyOnWriteArrayList<>();
    private final OperationRunner runner = new OperationRunner(
            log,
            clock,
            () -> new OperationId("op-" + ids.incrementAndGet()),
            Thread.ofVirtual().factory(),
            told::add,
            Duration.ofSeconds(5));

    private final List<Depth> checked = new ArrayList<>();
    private final List<String> live = new ArrayList<>(List.of("live content"));
    private Optional<String> halfDone = Optional.empty();
    private Optional<OperationId> halfDoneBy = Optional.empty();
    private boolean leftovers;
    private boolean busy;
    private Profile profile = Profile.NATIVE;
    private Optional<Finding> finding = Optional.empty();
    private Tried tried = new Tried.Proven(Optional.empty());

    @AfterEach
    void stop() {
        runner.close();
    }

    private BackupUseCases useCases(Map<String, String> terms) {
        var databases = new Databases(List.of(
                new RegisteredDatabase(new Database(NAME, Source.of(Path.of("/data/app.db")), profile, "app"), store)));
        var plans = new Plans(
                databases, Map.of(NAME, PlanTerms.of(terms)), kept, new PlanReader(new PlainCronLines()), clock);
        return new BackupUseCases(
                databases,
                runner,
                plans,
                kept,
                (source, work) -> new Taken.Pinned(new Pinned(image())),
                (image, depth, work) -> {
                    checked.add(depth);
                    return finding.orElseGet(() -> new Finding.Sound(depth));
                },
                new PlainArchives(),
                new UploadRules(20, Limits.NONE),
                new Live(),
                (image, recorded, work) -> tried,
                clock,
                FailPoints.NONE);
    }

    private record Pinned(Image image) implements Snapshot {
        @Override
        public List<Image> images() {
            return List.of(image);
        }

        @Override
        public void close() {
            // It holds nothing.
        }
    }

    private record Text(String content) implements Image {
        @Override
        public long size() {
            return content.getBytes(UTF_8).length;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(content.getBytes(UTF_8));
        }
    }

    private Image image() {
        return new Text(live.getLast());
    }

    /** A live database that is a text. */
    private final class Live implements LiveDatabases {
        @Override
        public <K> Outcome<Optional<K>> replace(Source source, NewContent content, Keeper<K> keeper, Work work) {
            return keeper.keep(List.of(new DatabaseImage(source.main(), image())))
                    .then(safety -> {
                        try (InputStream in =
                                content.databases().getFirst().image().open(0)) {
                            live.add(new String(in.readAllBytes(), UTF_8));
                        } catch (IOException e) {
                            return Outcome.refused(new Problem.Internal(e));
                        }
                        return Outcome.done(Optional.of(safety.what()));
                    });
        }

        @Override
        public boolean isUnfinished(Source source) {
            return halfDone.isPresent();
        }

        @Override
        public boolean hasLeftovers(Source source) {
            return leftovers;
        }

        @Override
        public List<String> unfinishedBeside(Collection<Source> known) {
            return List.of();
        }

        @Override
        public <K> List<Settlement> settle(Source source, LeftoverKeeper<K> keeper) {
            if (leftovers) {
                leftovers = false;
                return List.of();
            }
            if (busy) {
                throw new ProblemException(new Problem.SourceBusy("somebody writes"));
            }
            keeper.keep(List.of(new DatabaseImage(source.main(), image())), Optional.of("half of it is new"));
            live.add(halfDone.orElseThrow());
            halfDone = Optional.empty();
            return List.of(new Settlement(Settled.COMPLETED, halfDoneBy));
        }
    }

    private Operation ended(Outcome<Operation> started) throws InterruptedException {
        assertThat(started).isInstanceOf(Outcome.Done.class);
        return runner.awaitEnd(((Outcome.Done<Operation>) started).value().id());
    }

    private Backup made(Map<String, String> terms) throws InterruptedException {
        Operation ended = ended(useCases(terms).create().start("default", ANN));
        return ((Result.BackupMade) ended.result().orElseThrow()).backup();
    }

    private Operation verified() throws InterruptedException {
        return ended(useCases(Map.of()).verify().start("default", KEY.value(), Depth.FULL, ANN));
    }

    private Operation restored(boolean evenIfCorrupt) throws InterruptedException {
        return ended(useCases(Map.of()).restore().start("default", KEY.value(), evenIfCorrupt, ANN));
    }

    @Test
    void a_backup_is_checked_as_deeply_as_the_plan_says_and_recorded_so() throws Exception {
        for (Depth depth : Depth.values()) {
            checked.clear();
            Backup backup = made(Map.of("verify_depth", depth.name().toLowerCase(Locale.ROOT)));

            assertThat(checked).containsExactly(depth);
            assertThat(backup.verification()).isEqualTo(new Verification.Passed(depth, NOON));
            assertThat(store.find(backup.key())).contains(backup);
        }
    }

    @Test
    void a_check_that_could_not_go_as_deep_as_asked_is_recorded_as_deep_as_it_went() throws Exception {
        finding = Optional.of(new Finding.Sound(Depth.QUICK));

        assertThat(made(Map.of("verify_depth", "full")).verification())
                .isEqualTo(new Verification.Passed(Depth.QUICK, NOON));
    }

    @Test
    void bytes_that_passed_a_deeper_check_stay_known_for_it_when_they_pass_another() throws Exception {
        Backup backup = made(Map.of("verify_depth", "full"));
        clock.advance(Duration.ofDays(1));

        ended(useCases(Map.of()).verify().start("default", backup.key().value(), Depth.CHECKSUM, ANN));

        assertThat(store.find(backup.key()).orElseThrow().verification())
                .isEqualTo(new Verification.Passed(Depth.FULL, NOON.plus(Duration.ofDays(1))));
    }

    @Test
    void at_the_depth_of_the_checksum_what_was_written_is_read_back_before_it_is_listed() throws Exception {
        store.damageStaged();

        Operation failed =
                ended(useCases(Map.of("verify_depth", "checksum")).create().start("default", ANN));

        assertThat(failed.failure().orElseThrow().code()).isEqualTo("store-unavailable");
        assertThat(store.list()).isEmpty();
    }

    @Test
    void a_copy_that_fails_its_check_is_no_backup() throws Exception {
        finding = Optional.of(new Finding.Damaged("page 7"));

        Operation failed = ended(useCases(Map.of()).create().start("default", ANN));

        assertThat(failed.failure().orElseThrow().code()).isEqualTo("source-corrupt");
        assertThat(store.list()).isEmpty();
    }

    @Test
    void a_restore_that_was_cut_off_is_completed_before_a_backup_is_made() throws Exception {
        halfDone = Optional.of("completed");

        Backup backup = made(Map.of());

        assertThat(backup.size()).isEqualTo("completed".length());
        assertThat(live).containsExactly("live content", "completed");
    }

    /** As the start leaves it, where it could not complete it. */
    private Operation unfinished(String id, Instant began) {
        Operation restore = Operation.started(
                        new OperationId(id), OperationKind.RESTORE, NAME, Optional.of(KEY), "ann", began)
                .in(Phase.REPLACING, Progress.NONE)
                .failed(Failure.unfinished(), began);
        log.save(restore);
        return restore;
    }

    @Test
    void a_restore_that_is_completed_later_ends_anew_as_what_it_has_come_to() throws Exception {
        Operation cutOff = unfinished("cut-off", NOON.minusSeconds(7200));
        unfinished("later", NOON.minusSeconds(3600));
        halfDone = Optional.of("completed");
        halfDoneBy = Optional.of(cutOff.id());

        Operation backup = ended(useCases(Map.of()).create().start("default", ANN));

        assertThat(told)
                .extracting(it -> it.id().value())
                .containsExactly("cut-off", backup.id().value());
        Operation now = log.find(cutOff.id()).orElseThrow();
        assertThat(now.state()).isEqualTo(OperationState.SUCCEEDED);
        assertThat(now.result()).contains(new Result.Restored(KEY, Optional.empty()));
        assertThat(now.revision()).isGreaterThan(cutOff.revision());
        assertThat(log.find(new OperationId("later")).orElseThrow().state()).isEqualTo(OperationState.FAILED);
    }

    @Test
    void of_a_restore_that_is_completed_later_and_of_which_nobody_knows_whose_it_was_nothing_is_told()
            throws Exception {
        unfinished("somebodys", NOON.minusSeconds(3600));
        halfDone = Optional.of("completed");

        Operation first = ended(useCases(Map.of()).create().start("default", ANN));
        halfDone = Optional.of("completed");
        halfDoneBy = Optional.of(new OperationId("forgotten"));
        Operation second = ended(useCases(Map.of()).create().start("default", ANN));

        assertThat(told).extracting(Operation::id).containsExactly(first.id(), second.id());
        assertThat(log.find(new OperationId("somebodys")).orElseThrow().state()).isEqualTo(OperationState.FAILED);
    }

    private List<Operation> recovered() {
        var databases = new Databases(List.of(
                new RegisteredDatabase(new Database(NAME, Source.of(Path.of("/data/app.db")), profile, "app"), store)));
        return new Recovery(databases, log, new Live(), useCases(Map.of()).safetyBackups(), clock).run();
    }

    private Operation replacing() {
        Operation running = Operation.started(
                        new OperationId("running"), OperationKind.RESTORE, NAME, Optional.of(KEY), "ann", NOON)
                .in(Phase.REPLACING, Progress.NONE);
        log.save(running);
        return running;
    }

    @Test
    void a_start_ends_what_was_running_as_what_became_of_it() {
        Operation running = replacing();
        halfDone = Optional.of("completed");
        halfDoneBy = Optional.of(running.id());

        assertThat(recovered()).singleElement().satisfies(it -> {
            assertThat(it.id()).isEqualTo(running.id());
            assertThat(it.state()).isEqualTo(OperationState.SUCCEEDED);
        });
    }

    @Test
    void a_start_clears_up_what_a_restore_left_though_no_operation_was_cut_off() {
        leftovers = true;

        assertThat(recovered()).isEmpty();

        assertThat(leftovers).isFalse();
    }

    @Test
    void of_a_single_database_whose_restore_was_cut_off_the_safety_backup_is_named() {
        replacing();
        leftovers = true;
        BackupKey safety = BackupFixture.put(
                        store,
                        new BackupKey("app_20260413_120001.db"),
                        "old",
                        it -> BackupFixture.with(it, Origin.SAFETY, it.layout()))
                .key();

        assertThat(recovered())
                .singleElement()
                .satisfies(it -> assertThat(it.failure()).contains(Failure.interrupted(safety)));
    }

    @Test
    void a_start_that_completes_what_an_earlier_one_could_not_ends_that_anew() {
        Operation cutOff = unfinished("cut-off", NOON.minusSeconds(7200));
        replacing();
        halfDone = Optional.of("completed");
        halfDoneBy = Optional.of(cutOff.id());

        assertThat(recovered())
                .extracting(it -> it.id().value() + " " + it.state())
                .containsExactly("running FAILED", "cut-off SUCCEEDED");
        assertThat(log.find(cutOff.id()).orElseThrow().state()).isEqualTo(OperationState.SUCCEEDED);
    }

    @Test
    void that_the_safety_backup_of_a_completed_restore_cannot_be_named_keeps_nobody_from_being_told() throws Exception {
        Operation cutOff = unfinished("cut-off", NOON.minusSeconds(7200));
        store.breakDown(true);
        halfDone = Optional.of("completed");
        halfDoneBy = Optional.of(cutOff.id());

        assertThat(recovered())
                .singleElement()
                .satisfies(it -> assertThat(it.state()).isEqualTo(OperationState.SUCCEEDED));
    }

    @Test
    void of_what_is_half_restored_no_backup_is_made_and_nothing_is_restored_into_it() throws Exception {
        BackupFixture.put(store, KEY, "old content");
        halfDone = Optional.of("completed");
        busy = true;

        assertThat(ended(useCases(Map.of()).create().start("default", ANN))
                        .failure()
                        .orElseThrow()
                        .code())
                .isEqualTo("source-busy");
        assertThat(restored(false).failure().orElseThrow().code()).isEqualTo("source-busy");
        assertThat(live).containsExactly("live content");
    }

    @Test
    void a_backup_that_is_marked_corrupt_is_not_restored_though_a_quick_check_finds_nothing() throws Exception {
        BackupFixture.put(store, KEY, "old content", it -> it.with(CORRUPT));

        Operation refused = restored(false);

        assertThat(refused.failure().orElseThrow().code()).isEqualTo("backup-corrupt");
        assertThat(refused.failure().orElseThrow().detail()).contains("row 7 is missing");
        assertThat(live).containsExactly("live content");
    }

    @Test
    void a_file_with_a_log_beside_it_is_neither_verified_nor_restored_without_it() throws Exception {
        BackupFixture.put(
                store,
                KEY,
                "old content",
                it -> new Backup(
                        it.key(),
                        it.database(),
                        it.size(),
                        it.createdAt(),
                        Optional.empty(),
                        Origin.EXTERNAL,
                        it.layout(),
                        new Verification.Unchecked(),
                        false,
                        it.labels()));
        store.putBeside(KEY, "a log lies beside it");

        for (Operation refused : List.of(restored(false), restored(true), verified())) {
            assertThat(refused.failure().orElseThrow().code()).isEqualTo("backup-incompatible");
            assertThat(refused.failure().orElseThrow().detail()).isEqualTo("a log lies beside it");
        }
        assertThat(live).containsExactly("live content");
        assertThat(store.find(KEY).orElseThrow().verification()).isEqualTo(new Verification.Unchecked());
    }

    @Test
    void a_log_beside_what_was_made_here_is_somebody_else_s() throws Exception {
        BackupFixture.put(store, KEY, "old content");
        store.putBeside(KEY, "a log lies beside it");

        assertThat(restored(false).state()).isEqualTo(OperationState.SUCCEEDED);
    }

    @Test
    void a_backup_that_is_marked_corrupt_is_restored_by_whoever_insists_and_stays_marked() throws Exception {
        BackupFixture.put(store, KEY, "old content", it -> it.with(CORRUPT));

        assertThat(restored(true).state()).isEqualTo(OperationState.SUCCEEDED);

        assertThat(live).containsExactly("live content", "old content");
        assertThat(store.find(KEY).orElseThrow().verification()).isEqualTo(CORRUPT);
        assertThat(store.list()).hasSize(2);
    }

    @Test
    void a_backup_that_is_not_from_one_moment_is_restored_only_if_the_caller_insists_and_is_never_drilled()
            throws Exception {
        BackupFixture.put(store, KEY, "old content");
        store.update(KEY, it -> it.withInconsistency(Optional.of("Its directories are newer.")));

        Failure refused = restored(false).failure().orElseThrow();

        assertThat(refused.code()).isEqualTo("backup-incompatible");
        assertThat(refused.detail()).contains("not from one moment", "Its directories are newer.", "allow_corrupt");
        assertThat(drilled().outcome()).isEqualTo(DrillOutcome.INCONCLUSIVE);
        assertThat(verified().result().orElseThrow()).isInstanceOf(Result.Verified.class);
        assertThat(store.find(KEY).orElseThrow().inconsistency()).isPresent();
        assertThat(live).containsExactly("live content");
        assertThat(restored(true).state()).isEqualTo(OperationState.SUCCEEDED);
    }

    @Test
    void what_a_start_finds_half_restored_is_kept_as_not_from_one_moment() throws Exception {
        unfinished("cut-off", NOON.minusSeconds(60));
        halfDone = Optional.of("completed");
        halfDoneBy = Optional.of(new OperationId("cut-off"));

        recovered();

        assertThat(store.list()).singleElement().satisfies(it -> {
            assertThat(it.origin()).isEqualTo(Origin.SAFETY);
            assertThat(it.inconsistency()).contains("half of it is new");
        });
    }

    @Test
    void a_backup_that_proves_corrupt_is_refused_and_marked_and_then_restored_by_whoever_insists() throws Exception {
        BackupFixture.put(store, KEY, "old content");
        store.damage(KEY);

        assertThat(restored(false).failure().orElseThrow().code()).isEqualTo("backup-corrupt");
        assertThat(store.find(KEY).orElseThrow().verification()).isInstanceOf(Verification.Corrupt.class);
        assertThat(live).containsExactly("live content");

        assertThat(restored(true).state()).isEqualTo(OperationState.SUCCEEDED);
        assertThat(live).hasSize(2);
    }

    @Test
    void a_store_that_cannot_be_written_any_more_still_tells_what_is_corrupt_and_gives_it_to_whoever_insists()
            throws Exception {
        BackupFixture.put(store, KEY, "old content");
        store.damage(KEY);
        store.makeReadOnly();

        assertThat(restored(false).failure().orElseThrow().code()).isEqualTo("backup-corrupt");
        assertThat(restored(true).state()).isEqualTo(OperationState.SUCCEEDED);
    }

    @Test
    void the_backup_of_what_a_restore_replaces_is_checked_quickly_where_the_plan_says_full() throws Exception {
        BackupFixture.put(store, KEY, "old content");

        Operation ended =
                ended(useCases(Map.of("verify_depth", "full")).restore().start("default", KEY.value(), false, ANN));

        BackupKey safety =
                ((Result.Restored) ended.result().orElseThrow()).safety().orElseThrow();
        assertThat(store.find(safety).orElseThrow().verification())
                .isEqualTo(new Verification.Passed(Depth.QUICK, NOON));
    }

    private Result.Drilled drilled() throws InterruptedException {
        Operation ended = ended(useCases(Map.of()).drill().start("default", ANN));
        return (Result.Drilled) ended.result().orElseThrow();
    }

    private Drill lastDrill() {
        return kept.lastDrill(NAME).orElseThrow();
    }

    @Test
    void a_drill_that_passes_is_noted_as_proof_that_a_later_one_without_an_outcome_keeps() throws Exception {
        BackupFixture.put(store, KEY, "old content");
        assertThat(drilled().outcome()).isEqualTo(DrillOutcome.PASSED);
        assertThat(lastDrill().provenAt()).contains(NOON);

        clock.advance(Duration.ofDays(1));
        tried = new Tried.NotTried(new Problem.StoreUnavailable("No room."));

        assertThat(drilled()).isEqualTo(new Result.Drilled(Optional.of(KEY), DrillOutcome.INCONCLUSIVE, "No room."));
        assertThat(lastDrill().at()).isEqualTo(NOON.plus(Duration.ofDays(1)));
        assertThat(lastDrill().provenAt()).contains(NOON);
        assertThat(store.find(KEY).orElseThrow().verification()).isInstanceOf(Verification.Passed.class);
    }

    @Test
    void a_drill_that_fails_marks_the_backup_and_the_next_one_tries_the_one_before() throws Exception {
        var older = new BackupKey("app_20260411_120000.db");
        BackupFixture.put(store, older, "older content");
        BackupFixture.put(store, KEY, "old content");
        tried = new Tried.Disproven("row 7 is missing");

        assertThat(drilled()).isEqualTo(new Result.Drilled(Optional.of(KEY), DrillOutcome.FAILED, "row 7 is missing"));
        assertThat(store.find(KEY).orElseThrow().verification()).isEqualTo(CORRUPT);

        tried = new Tried.Proven(Optional.of("Odd."));
        assertThat(drilled())
                .isEqualTo(new Result.Drilled(
                        Optional.of(older), DrillOutcome.PASSED, "It was restored and is whole. Odd."));
    }

    @Test
    void a_drill_that_fails_is_told_as_failed_also_where_the_store_cannot_be_written_any_more() throws Exception {
        BackupFixture.put(store, KEY, "old content");
        store.makeReadOnly();
        tried = new Tried.Disproven("row 7 is missing");

        assertThat(drilled().outcome()).isEqualTo(DrillOutcome.FAILED);
        assertThat(lastDrill().outcome()).isEqualTo(DrillOutcome.FAILED);
    }

    @Test
    void a_drill_without_a_backup_or_without_a_store_says_nothing() throws Exception {
        assertThat(drilled().outcome()).isEqualTo(DrillOutcome.INCONCLUSIVE);
        store.breakDown(true);
        assertThat(drilled().outcome()).isEqualTo(DrillOutcome.INCONCLUSIVE);
        assertThat(lastDrill().provenAt()).isEmpty();
    }

    private Operation uploaded(String filename, InputStream content, long announced) throws InterruptedException {
        return ended(useCases(Map.of()).upload().start("default", filename, content, announced, ANN));
    }

    private static InputStream bytes(String content) {
        return new ByteArrayInputStream(content.getBytes(UTF_8));
    }

    @Test
    void an_upload_keeps_a_name_that_this_databases_backups_can_have_and_is_checked_and_listed() throws Exception {
        Backup backup = ((Result.Uploaded)
                        uploaded(KEY.value(), bytes("some content"), 0).result().orElseThrow())
                .backup();

        assertThat(backup.key()).isEqualTo(KEY);
        assertThat(backup.origin()).isEqualTo(Origin.UPLOADED);
        assertThat(backup.createdAt()).isEqualTo(NOON);
        assertThat(backup.verification()).isEqualTo(new Verification.Passed(Depth.QUICK, NOON));
        assertThat(store.list()).containsExactly(backup);
    }

    @Test
    void an_upload_of_any_other_name_is_named_by_the_profiles_rule() throws Exception {
        for (String name : List.of("", "holiday.db", "../" + KEY, "app_20260412_120000.zip")) {
            assertThat(uploaded(name, bytes("content"), 7).state()).isEqualTo(OperationState.SUCCEEDED);
        }
        assertThat(store.list())
                .extracting(it -> it.key().value())
                .containsExactlyInAnyOrder(
                        "app_20260413_120000.db",
                        "app_20260413_120000_1.db",
                        "app_20260413_120000_2.db",
                        "app_20260413_120000_3.db");
    }

    @Test
    void an_upload_does_not_take_the_only_name_that_a_planned_backup_of_that_day_can_have() throws Exception {
        profile = Profile.JOBOPS;

        assertThat(uploaded("jobs_2026_04_13.db", bytes("content"), 7).state()).isEqualTo(OperationState.SUCCEEDED);

        assertThat(store.list())
                .singleElement()
                .satisfies(it -> assertThat(it.key().value()).isEqualTo("jobs_manual_2026_04_13_12_00_00.db"));
    }

    @Test
    void an_upload_of_unknown_size_is_taken_where_the_largest_that_is_allowed_would_not_fit() throws Exception {
        store.leaveRoomFor(19);

        assertThat(uploaded("", bytes("content"), -1).state()).isEqualTo(OperationState.SUCCEEDED);
        assertThat(uploaded("", bytes("content"), 20).failure().orElseThrow().code())
                .isEqualTo("insufficient-storage");
    }

    @Test
    void an_upload_replaces_nothing() throws Exception {
        BackupFixture.put(store, KEY, "old content");

        assertThat(uploaded(KEY.value(), bytes("other"), 5)
                        .failure()
                        .orElseThrow()
                        .code())
                .isEqualTo("filename-taken");
        assertThat(store.list()).hasSize(1);
    }

    @Test
    void an_upload_that_is_too_large_is_refused_before_it_is_read_or_where_it_becomes_so() throws Exception {
        InputStream untouched = new InputStream() {
            @Override
            public int read() {
                throw new AssertionError("read");
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                throw new AssertionError("read");
            }
        };
        assertThat(useCases(Map.of()).upload().start("default", "", untouched, 21, ANN))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        it -> assertThat(it.problem().code().id()).isEqualTo("upload-too-large"));
        assertThat(uploaded("", bytes("123456789012345678901"), 0)
                        .failure()
                        .orElseThrow()
                        .code())
                .isEqualTo("upload-too-large");
        assertThat(uploaded("", bytes("12345678901234567890"), 0).state()).isEqualTo(OperationState.SUCCEEDED);
        assertThat(store.list()).hasSize(1);
    }

    @Test
    void an_upload_that_breaks_off_or_proves_damaged_or_is_nothing_known_leaves_nothing() throws Exception {
        assertThat(uploaded("", broken(), 0).failure().orElseThrow().code()).isEqualTo("invalid-argument");
        assertThat(uploaded("", bytes(""), 0).failure().orElseThrow().code()).isEqualTo("not-a-database");
        finding = Optional.of(new Finding.Damaged("page 3"));
        Failure damaged = uploaded("", bytes("content"), 0).failure().orElseThrow();
        assertThat(damaged.code()).isEqualTo("backup-corrupt");
        // It has no name yet, and whatever name it would get may be another backup's.
        assertThat(damaged.detail()).isEqualTo("What was uploaded is damaged and was not kept: page 3");
        assertThat(store.list()).isEmpty();
    }

    @Test
    void an_upload_that_is_sent_again_is_confirmed_only_if_the_same_bytes_come() throws Exception {
        var ann = new Requester("ann", Optional.of("k-1"));
        UploadBackup upload = useCases(Map.of()).upload();
        Operation first = ended(upload.start("default", "mine.db", bytes("some content"), 12, ann));

        assertThat(ended(upload.start("default", "mine.db", bytes("some content"), 12, ann)))
                .isEqualTo(first);
        assertThat(upload.start("default", "mine.db", bytes("other stuff!"), 12, ann))
                .isEqualTo(Outcome.refused(new Problem.IdempotencyConflict()));
        assertThat(store.list()).hasSize(1);
    }

    @Test
    void an_upload_that_is_sent_again_and_breaks_off_is_not_confirmed() throws Exception {
        var ann = new Requester("ann", Optional.of("k-1"));
        UploadBackup upload = useCases(Map.of()).upload();
        ended(upload.start("default", "mine.db", bytes("some content"), 12, ann));

        assertThat(upload.start("default", "mine.db", broken(), 12, ann))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        it -> assertThat(it.problem().code().id()).isEqualTo("invalid-argument"));
    }

    @Test
    void an_upload_that_is_cancelled_while_it_waits_for_bytes_ends_as_cancelled() throws Exception {
        var cancelled = new CountDownLatch(1);
        InputStream waiting = new InputStream() {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return read();
            }

            @Override
            public int read() throws IOException {
                try {
                    cancelled.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                throw new IOException("cut off");
            }
        };
        var started =
                (Outcome.Done<Operation>) useCases(Map.of()).upload().start("default", "mine.db", waiting, 0, ANN);
        runner.cancel(started.value().id().value());
        cancelled.countDown();

        assertThat(runner.awaitEnd(started.value().id()).state()).isEqualTo(OperationState.CANCELLED);
    }

    private static InputStream broken() {
        return new SequenceInputStream(bytes("some"), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("connection reset");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                throw new IOException("connection reset");
            }
        });
    }

    @Test
    void a_download_that_nobody_waits_for_any_more_is_not_read_to_its_end_and_lets_the_backup_go() throws Exception {
        BackupFixture.put(store, KEY, "old content");
        BackupUseCases useCases = useCases(Map.of());
        Work goneAway = new Work() {
            @Override
            public void enter(Phase phase, long totalBytes) {}

            @Override
            public void advance(long bytes) {
                throw new CancelledException();
            }

            @Override
            public void checkCancelled() {}
        };

        assertThatThrownBy(() -> useCases.open().open("default", KEY.value(), goneAway))
                .isInstanceOf(CancelledException.class);

        assertThat(useCases.delete().delete("default", KEY.value())).isInstanceOf(Outcome.Done.class);
    }
}
