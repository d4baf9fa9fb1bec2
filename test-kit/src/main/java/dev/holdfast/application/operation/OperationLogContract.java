package dev.holdfast.application.operation;

import static dev.holdfast.domain.operation.OperationState.FAILED;
import static dev.holdfast.domain.operation.OperationState.RUNNING;
import static dev.holdfast.domain.operation.OperationState.SUCCEEDED;
import static java.util.stream.IntStream.range;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.operation.OperationLog.Claim;
import dev.holdfast.application.operation.OperationLog.Filter;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.operation.Progress;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.plan.DrillOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link OperationLog} promises. */
@DisplayNameGeneration(ReplaceUnderscores.class)
public abstract class OperationLogContract {
    protected static final Instant START = Instant.parse("2026-04-13T14:25:30.123456789Z");
    protected static final DatabaseName DATABASE = new DatabaseName("default");
    private static final DatabaseName OTHER = new DatabaseName("other");
    private static final BackupKey KEY = new BackupKey("app_20260413_142530.db");

    /** A log without operations and keys. */
    protected abstract OperationLog emptyLog();

    @ParameterizedTest
    @MethodSource("operations")
    void an_operation_is_found_as_it_was_saved(Operation operation) {
        OperationLog log = emptyLog();
        log.save(operation);
        assertThat(log.find(operation.id())).contains(operation);
        assertThat(log.list(Filter.ALL, Optional.empty(), 10)).containsExactly(operation);
    }

    static Stream<Operation> operations() {
        Stream<Operation> succeeded = results().map(it -> succeeded("op-1", DATABASE, START, it));
        Stream<Operation> plain = Stream.of(
                running("op-1", DATABASE, START),
                failed("op-1", DATABASE, START),
                new Operation(
                        new OperationId("A-z-0"),
                        OperationKind.VERIFY,
                        OTHER,
                        Optional.of(new BackupKey("Sicherung \"ä\" 🗄.db")),
                        "o'brien@example.org",
                        OperationState.CANCELLED,
                        Phase.CHECKING_BACKUP,
                        new Progress(Long.MAX_VALUE - 1, Long.MAX_VALUE, Optional.of(START.plusNanos(1))),
                        true,
                        Instant.parse("1969-12-31T23:59:59.999999999Z"),
                        Optional.of(Instant.parse("9999-12-31T23:59:59.000000001Z")),
                        Optional.empty(),
                        Optional.empty(),
                        Long.MAX_VALUE));
        return Stream.concat(succeeded, plain);
    }

    /** Each kind of result, and each kind of what is in it. */
    protected static Stream<Result> results() {
        Verification unchecked = new Verification.Unchecked();
        Verification corrupt = new Verification.Corrupt(Depth.FULL, START.plusNanos(1), "row 1\n\"missing\" ü 🗄");
        Stream<Result> verified = Stream.concat(
                        Arrays.stream(Depth.values()).map(it -> new Verification.Passed(it, START)),
                        Stream.of(unchecked, corrupt, new Verification.Passed(Depth.FULL, START, Optional.of("row 1"))))
                .map(it -> new Result.Verified(KEY, it));
        Stream<Result> made = Stream.of(
                new Result.BackupMade(backup(unchecked, Optional.empty(), Map.of())),
                new Result.BackupMade(backup(
                        corrupt, Optional.of(new Sha256("0123456789abcdef".repeat(4))), Map.of("a", "", "ü", "🗄\""))));
        Stream<Result> restored = Stream.of(
                new Result.Restored(KEY, Optional.empty()),
                new Result.Restored(KEY, Optional.of(new BackupKey("safety.db"))));
        Stream<Result> fromEverywhere = Arrays.stream(Origin.values())
                .flatMap(origin -> Arrays.stream(Layout.values())
                        .map(layout -> new Result.BackupMade(new Backup(
                                KEY,
                                OTHER,
                                Long.MAX_VALUE,
                                START,
                                Optional.empty(),
                                origin,
                                layout,
                                unchecked,
                                true,
                                Backup.Labels.NONE))));
        Stream<Result> planned = Stream.of(
                new Result.Expired(List.of(), List.of()),
                new Result.Expired(List.of(KEY, new BackupKey("ü.db")), List.of(new BackupKey("stays.db"))),
                new Result.Drilled(Optional.empty(), DrillOutcome.INCONCLUSIVE, "There is no backup."),
                new Result.Drilled(Optional.of(KEY), DrillOutcome.FAILED, "row 1\n\"missing\" ü 🗄"));
        return Stream.of(verified, made, restored, fromEverywhere, planned).flatMap(it -> it);
    }

    @ParameterizedTest
    @EnumSource
    void every_phase_is_kept(Phase phase) {
        OperationLog log = emptyLog();
        Operation operation = at(phase, running("op-1", DATABASE, START));
        log.save(operation);
        assertThat(log.find(operation.id())).contains(operation);
    }

    @Test
    void saving_again_replaces() {
        OperationLog log = emptyLog();
        log.save(running("op-1", DATABASE, START));
        log.save(failed("op-1", DATABASE, START));
        assertThat(log.list(Filter.ALL, Optional.empty(), 10)).containsExactly(failed("op-1", DATABASE, START));
    }

    @Test
    void an_unknown_id_finds_nothing() {
        assertThat(emptyLog().find(new OperationId("op-1"))).isEmpty();
    }

    @Test
    void pages_hold_every_operation_once_newest_first_also_where_starts_are_equal() {
        OperationLog log = emptyLog();
        int count = 1_050;
        // Three at each moment, a nanosecond apart, saved in another order than they began in.
        range(0, count)
                .map(i -> (i * 617) % count)
                .forEach(i -> log.save(running("op-%05d".formatted(i), DATABASE, START.plusNanos(i / 3))));

        List<String> seen = new ArrayList<>();
        Optional<Operation> last = Optional.empty();
        do {
            List<Operation> page = log.list(Filter.ALL, last, 100);
            page.forEach(it -> seen.add(it.id().value()));
            last = page.isEmpty() ? Optional.empty() : Optional.of(page.getLast());
        } while (last.isPresent());

        assertThat(seen)
                .containsExactlyElementsOf(range(0, count)
                        .mapToObj(i -> "op-%05d".formatted(count - 1 - i))
                        .toList());
    }

    @Test
    void an_operation_that_begins_between_two_pages_moves_nothing() {
        OperationLog log = emptyLog();
        range(0, 4).forEach(i -> log.save(running("op-" + i, DATABASE, START.plusSeconds(i))));
        List<Operation> first = log.list(Filter.ALL, Optional.empty(), 2);
        log.save(running("op-9", DATABASE, START.plusSeconds(9)));
        List<Operation> second = log.list(Filter.ALL, Optional.of(first.getLast()), 2);
        assertThat(Stream.concat(first.stream(), second.stream()))
                .extracting(it -> it.id().value())
                .containsExactly("op-3", "op-2", "op-1", "op-0");
    }

    @Test
    void a_list_holds_what_the_filter_fits() {
        OperationLog log = emptyLog();
        log.save(running("1", DATABASE, START));
        log.save(failed("2", DATABASE, START.plusSeconds(1)));
        log.save(running("3", OTHER, START.plusSeconds(2)));
        log.save(failed("4", OTHER, START.plusSeconds(3)));
        assertThat(ids(log, Optional.empty(), Optional.empty())).containsExactly("4", "3", "2", "1");
        assertThat(ids(log, Optional.of(DATABASE), Optional.empty())).containsExactly("2", "1");
        assertThat(ids(log, Optional.empty(), Optional.of(RUNNING))).containsExactly("3", "1");
        assertThat(ids(log, Optional.of(OTHER), Optional.of(FAILED))).containsExactly("4");
        assertThat(ids(log, Optional.of(OTHER), Optional.of(SUCCEEDED))).isEmpty();
    }

    @Test
    void a_list_holds_what_was_done_and_asked_for_as_the_filter_says() {
        OperationLog log = emptyLog();
        log.save(running("1", DATABASE, START));
        log.save(failed("2", DATABASE, START.plusSeconds(1)));
        log.save(succeeded("3", DATABASE, START.plusSeconds(2), new Result.Restored(KEY, Optional.empty())));
        log.save(succeeded("4", OTHER, START.plusSeconds(3), new Result.Restored(KEY, Optional.empty())));
        var any = Filter.ALL;
        var restores = Optional.of(OperationKind.RESTORE);
        var ann = Optional.of("ann");
        assertThat(ids(log, new Filter(any.database(), any.state(), restores, Optional.empty())))
                .containsExactly("4", "3");
        assertThat(ids(log, new Filter(any.database(), any.state(), Optional.empty(), ann)))
                .containsExactly("4", "3", "2");
        assertThat(ids(log, new Filter(Optional.of(DATABASE), Optional.of(SUCCEEDED), restores, ann)))
                .containsExactly("3");
        assertThat(ids(log, new Filter(any.database(), any.state(), Optional.of(OperationKind.DRILL), ann)))
                .isEmpty();
        assertThat(ids(log, new Filter(any.database(), any.state(), Optional.empty(), Optional.of("ANN"))))
                .isEmpty();
    }

    private static Stream<String> ids(
            OperationLog log, Optional<DatabaseName> database, Optional<OperationState> state) {
        return ids(log, new Filter(database, state));
    }

    private static Stream<String> ids(OperationLog log, Filter filter) {
        return log.list(filter, Optional.empty(), 10).stream().map(it -> it.id().value());
    }

    @Test
    void unfinished_are_those_without_a_final_state() {
        OperationLog log = emptyLog();
        Operation cutOff = running("1", DATABASE, START);
        log.save(cutOff);
        log.save(failed("2", DATABASE, START));
        assertThat(log.unfinished()).containsExactly(cutOff);
    }

    @Test
    void the_last_backup_is_the_newest_that_succeeded_for_that_database() {
        OperationLog log = emptyLog();
        assertThat(log.lastBackup(DATABASE)).isEmpty();
        Result made = new Result.BackupMade(backup(new Verification.Unchecked(), Optional.empty(), Map.of()));
        Operation last = succeeded("2", DATABASE, START.plusSeconds(2), made);
        log.save(last);
        log.save(succeeded("1", DATABASE, START, made));
        log.save(failed("3", DATABASE, START.plusSeconds(3)));
        log.save(running("4", DATABASE, START.plusSeconds(4)));
        log.save(succeeded("5", OTHER, START.plusSeconds(5), made));
        log.save(succeeded("6", DATABASE, START.plusSeconds(6), new Result.Restored(KEY, Optional.of(KEY))));
        assertThat(log.lastBackup(DATABASE)).contains(last);
    }

    private static final int ANY = 1_000;

    private static List<String> kept(OperationLog log) {
        return ids(log, Filter.ALL).toList();
    }

    @Test
    void what_ended_before_a_moment_is_removed_and_how_many_is_said() {
        OperationLog log = emptyLog();
        range(0, 5).forEach(i -> log.save(failed("" + i, DATABASE, START.plusSeconds(i))));

        // Each ends a nanosecond after its start.
        assertThat(log.trim(START.plusSeconds(2).plusNanos(1), ANY)).isEqualTo(2);

        assertThat(kept(log)).containsExactly("4", "3", "2");
        assertThat(log.trim(START.plusSeconds(2).plusNanos(1), ANY)).isZero();
        assertThat(log.trim(START.plusSeconds(2).plusNanos(2), ANY)).isEqualTo(1);
    }

    @Test
    void what_is_beyond_the_newest_ended_ones_is_removed_also_where_starts_are_equal() {
        OperationLog log = emptyLog();
        range(0, 9).forEach(i -> log.save(failed("" + i, DATABASE, START.plusSeconds(i / 3))));
        log.save(running("9", DATABASE, START.plusSeconds(9)));

        assertThat(log.trim(Instant.EPOCH, 9)).isZero();
        assertThat(log.trim(Instant.EPOCH, 4)).isEqualTo(5);

        assertThat(kept(log)).containsExactly("9", "8", "7", "6", "5");
    }

    @Test
    void what_runs_is_never_removed() {
        OperationLog log = emptyLog();
        log.save(running("1", DATABASE, START));
        log.save(failed("2", DATABASE, START.plusSeconds(1)));
        log.save(failed("3", DATABASE, START.plusSeconds(2)));

        assertThat(log.trim(START.plusSeconds(100), 1)).isEqualTo(1);

        assertThat(kept(log)).containsExactly("3", "1");
    }

    @Test
    void the_newest_of_each_kind_for_each_database_stays_however_old_it_is() {
        OperationLog log = emptyLog();
        Result restored = new Result.Restored(KEY, Optional.empty());
        log.save(succeeded("1", DATABASE, START, restored));
        log.save(succeeded("2", DATABASE, START.plusSeconds(1), restored));
        log.save(succeeded("3", OTHER, START, restored));
        log.save(failed("4", DATABASE, START));
        log.save(failed("5", OTHER, START));

        assertThat(log.trim(START.plusSeconds(100), 1)).isEqualTo(1);

        assertThat(kept(log)).containsExactlyInAnyOrder("2", "3", "4", "5");
    }

    @Test
    void the_last_backup_stays_the_last_one_however_many_have_failed_since() {
        OperationLog log = emptyLog();
        Result made = new Result.BackupMade(backup(new Verification.Unchecked(), Optional.empty(), Map.of()));
        Operation last = succeeded("2", DATABASE, START.plusSeconds(2), made);
        log.save(succeeded("1", DATABASE, START, made));
        log.save(last);
        log.save(succeeded("3", OTHER, START.plusSeconds(1), made));
        range(4, 9).forEach(i -> log.save(failed("" + i, DATABASE, START.plusSeconds(i))));

        assertThat(log.trim(START.plusSeconds(100), 1)).isEqualTo(5);

        assertThat(log.lastBackup(DATABASE)).contains(last);
        assertThat(kept(log)).containsExactly("8", "2", "3");
    }

    @Test
    void what_a_key_is_tied_to_stays_until_the_key_is_forgotten() {
        OperationLog log = emptyLog();
        claim(log, "ann", "key", "backup", "1", START);
        range(1, 4).forEach(i -> log.save(failed("" + i, DATABASE, START.plusSeconds(i))));

        assertThat(log.trim(START.plusSeconds(100), 1)).isEqualTo(1);
        assertThat(kept(log)).containsExactly("3", "1");

        claim(log, "bob", "other", "backup", "9", START.plus(Duration.ofDays(2)));
        assertThat(log.trim(START.plusSeconds(100), 1)).isEqualTo(1);
        assertThat(kept(log)).containsExactly("3");
    }

    @Test
    void an_empty_log_has_nothing_to_trim() {
        assertThat(emptyLog().trim(START, 1)).isZero();
    }

    @Test
    void a_key_belongs_to_the_first_who_claims_it() {
        OperationLog log = emptyLog();
        assertThat(claim(log, "ann", "key", "backup", "1", START)).isEqualTo(new Claim.New());
        assertThat(claim(log, "ann", "key", "backup", "2", START)).isEqualTo(new Claim.Repeated(new OperationId("1")));
        assertThat(claim(log, "ann", "key", "restore", "3", START)).isEqualTo(new Claim.Conflicting());
        assertThat(claim(log, "bob", "key", "backup", "4", START)).isEqualTo(new Claim.New());
        assertThat(claim(log, "ann", "KEY", "backup", "5", START)).isEqualTo(new Claim.New());
    }

    @Test
    void a_key_is_forgotten_once_it_is_older_than_keys_are_kept() {
        OperationLog log = emptyLog();
        Duration kept = Duration.ofDays(1);
        claim(log, "ann", "key", "backup", "1", START);
        assertThat(claim(log, "ann", "key", "backup", "2", START.plus(kept)))
                .isEqualTo(new Claim.Repeated(new OperationId("1")));
        assertThat(claim(log, "ann", "key", "restore", "3", START.plus(kept).plusNanos(1)))
                .isEqualTo(new Claim.New());
    }

    @Test
    void of_claims_at_one_moment_exactly_one_is_new() throws Exception {
        OperationLog log = emptyLog();
        int threads = 8;
        CyclicBarrier together = new CyclicBarrier(threads);
        try (var pool = Executors.newFixedThreadPool(threads)) {
            for (int round = 0; round < 20; round++) {
                String key = "key-" + round;
                List<Callable<Claim>> claims = range(0, threads)
                        .<Callable<Claim>>mapToObj(i -> () -> {
                            together.await(30, TimeUnit.SECONDS);
                            return claim(log, "ann", key, "backup", "op-" + i, START);
                        })
                        .toList();
                List<Claim> answers = new ArrayList<>();
                for (var claim : pool.invokeAll(claims)) {
                    answers.add(claim.get());
                }
                int winner = answers.indexOf(new Claim.New());
                assertThat(answers).filteredOn(Claim.New.class::isInstance).hasSize(1);
                assertThat(answers)
                        .filteredOn(new Claim.Repeated(new OperationId("op-" + winner))::equals)
                        .hasSize(threads - 1);
            }
        }
    }

    private static Claim claim(OperationLog log, String scope, String key, String fingerprint, String id, Instant now) {
        return log.claim(scope, key, fingerprint, new OperationId(id), now, now.minus(Duration.ofDays(1)));
    }

    protected static Operation running(String id, DatabaseName database, Instant start) {
        return new Operation(
                new OperationId(id),
                OperationKind.BACKUP,
                database,
                Optional.empty(),
                Requester.ANONYMOUS,
                RUNNING,
                Phase.STARTING,
                Progress.NONE,
                false,
                start,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                1);
    }

    private static Operation at(Phase phase, Operation it) {
        return new Operation(
                it.id(),
                it.kind(),
                it.database(),
                it.subject(),
                it.requestedBy(),
                it.state(),
                phase,
                it.progress(),
                it.cancelRequested(),
                it.startedAt(),
                it.finishedAt(),
                it.result(),
                it.failure(),
                it.revision());
    }

    private static Operation failed(String id, DatabaseName database, Instant start) {
        return new Operation(
                new OperationId(id),
                OperationKind.BACKUP,
                database,
                Optional.empty(),
                "ann",
                FAILED,
                Phase.COPYING,
                new Progress(1, 2),
                false,
                start,
                Optional.of(start.plusNanos(1)),
                Optional.empty(),
                Optional.of(new Failure(Failure.INTERRUPTED, "The server ended; \"try\" again. ü 🗄")),
                3);
    }

    private static Operation succeeded(String id, DatabaseName database, Instant start, Result result) {
        OperationKind kind = switch (result) {
            case Result.BackupMade _ -> OperationKind.BACKUP;
            case Result.Restored _ -> OperationKind.RESTORE;
            case Result.Verified _ -> OperationKind.VERIFY;
            case Result.Expired _ -> OperationKind.EXPIRE;
            case Result.Drilled _ -> OperationKind.DRILL;
            case Result.Uploaded _ -> OperationKind.UPLOAD;
        };
        return new Operation(
                new OperationId(id),
                kind,
                database,
                Optional.of(KEY),
                "ann",
                SUCCEEDED,
                Phase.PUBLISHING,
                new Progress(7, 7),
                true,
                start,
                Optional.of(start.plusSeconds(1)),
                Optional.of(result),
                Optional.empty(),
                9);
    }

    private static Backup backup(Verification verification, Optional<Sha256> sha256, Map<String, String> labels) {
        return new Backup(
                KEY,
                DATABASE,
                4096,
                START,
                sha256,
                Origin.MANUAL,
                Layout.SQLITE,
                verification,
                false,
                new Backup.Labels(labels));
    }
}
