package dev.holdfast.application.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.filesystem.FileSystemCalls;
import dev.holdfast.application.filesystem.Hang;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(30)
class HungOperationsTest {
    private static final Instant NOW = Instant.parse("2026-04-13T14:25:30Z");
    private static final DatabaseName SHOP = new DatabaseName("shop");
    private static final DatabaseName BLOG = new DatabaseName("blog");
    private static final Result RESULT = new Result.Restored(new BackupKey("a.db"), Optional.empty());
    private static final Hang HANG =
            new Hang(NOW, new Problem.StoreUnavailable("does not answer"), "The directory has not answered.");

    private final Map<DatabaseName, Hang> hangs = new ConcurrentHashMap<>();
    private final InMemoryOperationLog log = new InMemoryOperationLog();
    private final AtomicInteger ids = new AtomicInteger();
    private final OperationRunner runner = new OperationRunner(
            log,
            InstantSource.fixed(NOW),
            () -> new OperationId("op-" + ids.incrementAndGet()),
            Thread.ofVirtual().factory(),
            OperationEvents.NONE,
            Duration.ofMillis(50),
            (database, _) -> Optional.ofNullable(hangs.get(database)));
    private final CountDownLatch thawed = new CountDownLatch(1);

    @AfterEach
    void stop() {
        thawed.countDown();
        runner.close();
    }

    /** A task that hangs in a call of the system, and what its work says when it is back. */
    private final class Hanging implements Task {
        final CountDownLatch begun = new CountDownLatch(1);
        final AtomicReference<Throwable> refused = new AtomicReference<>();
        private final Phase next;

        Hanging(Phase next) {
            this.next = next;
        }

        @Override
        public Outcome<Result> run(ProgressMonitor work) throws Exception {
            work.enter(Phase.COPYING, 0);
            begun.countDown();
            thawed.await();
            try {
                work.enter(next, 0);
            } catch (CancelledException e) {
                refused.set(e);
                throw e;
            }
            return Outcome.done(RESULT);
        }
    }

    private static OperationRequest order(OperationKind kind, DatabaseName database) {
        return new OperationRequest(kind, database, Optional.empty(), "", new Requester("ann", Optional.empty()));
    }

    private Operation start(OperationKind kind, DatabaseName database, Task task) {
        return ((Outcome.Done<Operation>) runner.start(order(kind, database), task)).value();
    }

    private Operation hang(DatabaseName database, Hanging task) throws InterruptedException {
        Operation operation = start(OperationKind.BACKUP, database, task);
        task.begun.await();
        hangs.put(database, HANG);
        runner.look();
        return operation;
    }

    private Operation now(Operation operation) {
        return ((Outcome.Done<Operation>) runner.find(operation.id().value())).value();
    }

    private static void until(BooleanSupplier isSo) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!isSo.getAsBoolean()) {
            assertThat(System.nanoTime()).as("not so within 20 s").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    void four_that_hang_leave_all_slots_to_the_others() throws Exception {
        List<Operation> hung = new ArrayList<>();
        for (String name : List.of("a", "b", "c", "d")) {
            hung.add(hang(new DatabaseName(name), new Hanging(Phase.PUBLISHING)));
        }
        assertThat(hung).allSatisfy(it -> assertThat(now(it).waitingFor()).contains(HANG.text()));
        for (int i = 0; i < OperationRunner.PARALLEL; i++) {
            start(OperationKind.BACKUP, new DatabaseName("e" + i), new Hanging(Phase.PUBLISHING));
        }
        for (int i = 0; i < OperationRunner.PARALLEL; i++) {
            Operation other = log.list(
                            new OperationLog.Filter(Optional.of(new DatabaseName("e" + i)), Optional.empty()),
                            Optional.empty(),
                            1)
                    .getFirst();
            until(() -> now(other).phase() == Phase.COPYING);
        }

        hangs.clear();
        thawed.countDown();
        for (Operation operation : hung) {
            assertThat(runner.awaitEnd(operation.id()).state()).isEqualTo(OperationState.SUCCEEDED);
        }
    }

    @Test
    void one_whose_file_system_hangs_does_not_begin_until_it_answers() throws Exception {
        hangs.put(SHOP, HANG);
        var task = new Hanging(Phase.PUBLISHING);
        Operation operation = start(OperationKind.BACKUP, SHOP, task);

        until(() -> now(operation).waitingFor().isPresent());
        assertThat(now(operation).waitingFor()).contains(HANG.text());
        assertThat(task.begun.getCount()).isEqualTo(1);

        hangs.clear();
        task.begun.await();
        assertThat(now(operation).waitingFor()).isEmpty();
    }

    @Test
    void one_that_is_queued_says_what_runs_before_it() throws Exception {
        for (String name : List.of("a", "b", "c", "d")) {
            var task = new Hanging(Phase.PUBLISHING);
            start(OperationKind.BACKUP, new DatabaseName(name), task);
            task.begun.await();
        }
        Operation queued = start(OperationKind.VERIFY, SHOP, _ -> Outcome.done(RESULT));

        until(() -> now(queued).waitingFor().isPresent());
        assertThat(now(queued).waitingFor().orElseThrow())
                .contains("At most 4 operations", "backup of database a, backup of database b");

        thawed.countDown();
        assertThat(runner.awaitEnd(queued.id()).waitingFor()).isEmpty();
    }

    @Test
    void a_cancelled_one_ends_at_once_and_no_other_begins_until_its_thread_is_back() throws Exception {
        var task = new Hanging(Phase.REPLACING);
        Operation operation = hang(SHOP, task);

        runner.cancel(operation.id().value());
        assertThat(now(operation).state()).isEqualTo(OperationState.CANCELLED);
        assertThat(log.find(operation.id()).orElseThrow().state()).isEqualTo(OperationState.CANCELLED);
        assertThat(runner.start(order(OperationKind.BACKUP, SHOP), _ -> Outcome.done(RESULT)))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        it -> assertThat(it.problem().detail())
                                .contains("Operation " + operation.id(), "was cancelled", HANG.text()));
        Operation other = start(OperationKind.BACKUP, BLOG, _ -> Outcome.done(RESULT));
        assertThat(runner.awaitEnd(other.id()).state()).isEqualTo(OperationState.SUCCEEDED);

        hangs.clear();
        thawed.countDown();
        until(() -> runner.abandoned() == 0);
        assertThat(task.refused.get()).isInstanceOf(CancelledException.class);
        assertThat(log.find(operation.id()).orElseThrow())
                .satisfies(it -> assertThat(it.state()).isEqualTo(OperationState.CANCELLED))
                .satisfies(it -> assertThat(it.phase()).isEqualTo(Phase.COPYING));
        assertThat(runner.awaitEnd(start(OperationKind.BACKUP, SHOP, _ -> Outcome.done(RESULT))
                                .id())
                        .state())
                .isEqualTo(OperationState.SUCCEEDED);
    }

    @Test
    void one_that_was_cancelled_before_its_hang_was_seen_ends_with_the_next_look() throws Exception {
        var task = new Hanging(Phase.PUBLISHING);
        Operation operation = start(OperationKind.BACKUP, SHOP, task);
        task.begun.await();
        runner.cancel(operation.id().value());
        assertThat(now(operation).state()).isEqualTo(OperationState.RUNNING);

        hangs.put(SHOP, HANG);
        runner.look();
        assertThat(now(operation).state()).isEqualTo(OperationState.CANCELLED);
    }

    @Test
    void what_comes_to_a_good_end_after_all_is_recorded_as_that() throws Exception {
        var begun = new CountDownLatch(1);
        Operation operation = start(OperationKind.BACKUP, SHOP, _ -> {
            begun.countDown();
            thawed.await();
            return Outcome.done(RESULT);
        });
        begun.await();
        hangs.put(SHOP, HANG);
        runner.cancel(operation.id().value());
        assertThat(now(operation).state()).isEqualTo(OperationState.CANCELLED);

        thawed.countDown();
        until(() -> runner.abandoned() == 0);
        assertThat(now(operation).state()).isEqualTo(OperationState.SUCCEEDED);
        assertThat(now(operation).result()).contains(RESULT);
    }

    @Test
    void one_that_replaces_a_live_database_keeps_its_lane_although_it_hangs() throws Exception {
        var begun = new CountDownLatch(1);
        Operation operation = start(OperationKind.RESTORE, SHOP, work -> {
            work.enter(Phase.REPLACING, 0);
            begun.countDown();
            thawed.await();
            return Outcome.done(RESULT);
        });
        begun.await();
        hangs.put(SHOP, HANG);
        runner.cancel(operation.id().value());
        runner.look();

        assertThat(now(operation).state()).isEqualTo(OperationState.RUNNING);
        assertThat(runner.start(order(OperationKind.BACKUP, SHOP), _ -> Outcome.done(RESULT)))
                .isEqualTo(Outcome.refused(new Problem.OperationInProgress(SHOP, operation.id())));

        thawed.countDown();
        assertThat(runner.awaitEnd(operation.id()).state()).isEqualTo(OperationState.SUCCEEDED);
    }

    @Test
    void a_database_that_is_held_back_refuses_until_it_is_released() throws Exception {
        var problem = new Problem.SourceBusy("its start is not complete");
        runner.holdBack(SHOP, problem);
        assertThat(runner.start(order(OperationKind.BACKUP, SHOP), _ -> Outcome.done(RESULT)))
                .isEqualTo(Outcome.refused(problem));

        runner.release(SHOP);
        assertThat(runner.awaitEnd(start(OperationKind.BACKUP, SHOP, _ -> Outcome.done(RESULT))
                                .id())
                        .state())
                .isEqualTo(OperationState.SUCCEEDED);
    }

    @Test
    void the_stop_waits_for_none_that_hangs() throws Exception {
        Operation operation = hang(SHOP, new Hanging(Phase.PUBLISHING));

        runner.close();

        Operation ended = log.find(operation.id()).orElseThrow();
        assertThat(ended.state()).isEqualTo(OperationState.FAILED);
        assertThat(ended.failure().orElseThrow().code()).isEqualTo("interrupted");
    }

    @Test
    void the_calls_of_an_operation_wait() throws Exception {
        var waiting = new AtomicReference<Boolean>();
        runner.awaitEnd(start(OperationKind.BACKUP, SHOP, _ -> {
                    waiting.set(FileSystemCalls.isWaiting());
                    return Outcome.done(RESULT);
                })
                .id());
        assertThat(waiting.get()).isTrue();
        assertThatThrownBy(() -> runner.awaitEnd(new OperationId("op-99"))).isInstanceOf(IllegalStateException.class);
    }
}
