package dev.holdfast.application.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
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
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(30)
class OperationRunnerTest {
    private static final Instant NOW = Instant.parse("2026-04-13T14:25:30Z");
    private static final DatabaseName SHOP = new DatabaseName("shop");
    private static final DatabaseName BLOG = new DatabaseName("blog");
    private static final Result RESULT = new Result.Restored(new BackupKey("a.db"), Optional.empty());

    private final InMemoryOperationLog log = new InMemoryOperationLog();
    private final AtomicInteger ids = new AtomicInteger();
    private final List<Operation> reported = new ArrayList<>();
    private final OperationRunner runner = new OperationRunner(
            log,
            InstantSource.fixed(NOW),
            () -> new OperationId("op-" + ids.incrementAndGet()),
            Thread.ofVirtual().factory(),
            reported::add,
            Duration.ofMillis(50));
    private final CountDownLatch gate = new CountDownLatch(1);

    @AfterEach
    void stop() {
        gate.countDown();
        runner.close();
    }

    private final Task atOnce = work -> Outcome.done(RESULT);
    private final Task untilTheGateOpens = work -> {
        gate.await();
        return Outcome.done(RESULT);
    };
    private final Task untilCancelled = work -> {
        while (!gate.await(5, TimeUnit.MILLISECONDS)) {
            work.checkCancelled();
        }
        return Outcome.done(RESULT);
    };

    private static OperationRequest order(OperationKind kind, DatabaseName database) {
        return new OperationRequest(kind, database, Optional.empty(), "", new Requester("ann", Optional.empty()));
    }

    private static OperationRequest keyed(String key, DatabaseName database) {
        return new OperationRequest(
                OperationKind.BACKUP, database, Optional.empty(), "", new Requester("ann", Optional.of(key)));
    }

    private Operation started(Outcome<Operation> outcome) {
        return ((Outcome.Done<Operation>) outcome).value();
    }

    private Operation ended(Outcome<Operation> outcome) throws InterruptedException {
        return runner.awaitEnd(started(outcome).id());
    }

    @Test
    void an_operation_ends_with_its_result_and_is_kept() throws Exception {
        Operation ended = ended(runner.start(order(OperationKind.RESTORE, SHOP), atOnce));

        assertThat(ended.state()).isEqualTo(OperationState.SUCCEEDED);
        assertThat(ended.result()).contains(RESULT);
        assertThat(ended.subject()).contains(new BackupKey("a.db"));
        assertThat(log.find(ended.id())).map(Operation::state).contains(OperationState.SUCCEEDED);
    }

    @Test
    void a_refusal_and_a_thrown_problem_both_end_as_failed() throws Exception {
        var problem = new Problem.SourceBusy("waited 10 s");
        Operation refused = ended(runner.start(order(OperationKind.BACKUP, SHOP), work -> Outcome.refused(problem)));
        Operation thrown = ended(runner.start(order(OperationKind.BACKUP, SHOP), work -> {
            throw new ProblemException(problem);
        }));

        for (Operation operation : List.of(refused, thrown)) {
            assertThat(operation.state()).isEqualTo(OperationState.FAILED);
            assertThat(operation.failure().orElseThrow().code()).isEqualTo("source-busy");
            assertThat(operation.failure().orElseThrow().detail()).isEqualTo("waited 10 s");
        }
    }

    @Test
    void an_unexpected_fault_ends_as_internal_and_tells_nothing_of_it() throws Exception {
        Operation failed = ended(runner.start(order(OperationKind.BACKUP, SHOP), work -> {
            throw new IllegalStateException("secret");
        }));

        assertThat(failed.failure().orElseThrow().code()).isEqualTo("internal");
        assertThat(failed.failure().orElseThrow().detail()).doesNotContain("secret");
    }

    @Test
    void a_second_change_of_one_database_is_refused_while_the_first_runs() throws Exception {
        Outcome<Operation> first = runner.start(order(OperationKind.BACKUP, SHOP), untilTheGateOpens);

        Outcome<Operation> second = runner.start(order(OperationKind.RESTORE, SHOP), atOnce);
        assertThat(second)
                .isEqualTo(Outcome.refused(
                        new Problem.OperationInProgress(SHOP, started(first).id())));

        gate.countDown();
        ended(first);
        assertThat(ended(runner.start(order(OperationKind.RESTORE, SHOP), atOnce))
                        .state())
                .isEqualTo(OperationState.SUCCEEDED);
    }

    @Test
    void another_database_and_a_verification_go_on_beside_it() throws Exception {
        runner.start(order(OperationKind.BACKUP, SHOP), untilTheGateOpens);

        assertThat(ended(runner.start(order(OperationKind.BACKUP, BLOG), atOnce))
                        .state())
                .isEqualTo(OperationState.SUCCEEDED);
        assertThat(ended(runner.start(order(OperationKind.VERIFY, SHOP), atOnce))
                        .state())
                .isEqualTo(OperationState.SUCCEEDED);
    }

    @Test
    void more_than_four_at_once_wait_and_can_be_cancelled_while_they_wait() throws Exception {
        var begun = new CountDownLatch(OperationRunner.PARALLEL);
        for (int i = 0; i < OperationRunner.PARALLEL; i++) {
            runner.start(order(OperationKind.BACKUP, new DatabaseName("db" + i)), work -> {
                begun.countDown();
                return untilTheGateOpens.run(work);
            });
        }
        begun.await();
        Operation waiting = started(runner.start(order(OperationKind.BACKUP, SHOP), atOnce));

        runner.cancel(waiting.id().value());

        assertThat(runner.awaitEnd(waiting.id()).state()).isEqualTo(OperationState.CANCELLED);
    }

    @Test
    void a_running_operation_that_is_cancelled_ends_so() throws Exception {
        Operation running = started(runner.start(order(OperationKind.BACKUP, SHOP), untilCancelled));

        Operation asked = started(runner.cancel(running.id().value()));

        assertThat(asked.cancelRequested()).isTrue();
        assertThat(runner.awaitEnd(running.id()).state()).isEqualTo(OperationState.CANCELLED);
        assertThat(log.find(running.id())).map(Operation::state).contains(OperationState.CANCELLED);
    }

    @Test
    void a_cancellation_comes_too_late_once_the_database_is_being_replaced() throws Exception {
        var replacing = new CountDownLatch(1);
        Operation running = started(runner.start(order(OperationKind.RESTORE, SHOP), work -> {
            work.enter(Phase.REPLACING, 1);
            replacing.countDown();
            gate.await();
            work.advance(1);
            work.checkCancelled();
            return Outcome.done(RESULT);
        }));
        replacing.await();

        runner.cancel(running.id().value());
        gate.countDown();

        assertThat(runner.awaitEnd(running.id()).state()).isEqualTo(OperationState.SUCCEEDED);
    }

    @Test
    void cancelling_an_ended_operation_answers_how_it_ended() throws Exception {
        Operation ended = ended(runner.start(order(OperationKind.BACKUP, SHOP), atOnce));

        assertThat(started(runner.cancel(ended.id().value())).state()).isEqualTo(OperationState.SUCCEEDED);
    }

    @Test
    void an_unknown_operation_is_not_found_whatever_its_id_looks_like() {
        for (String id : List.of("op-99", "", "../x", "a b")) {
            assertThat(runner.find(id)).isEqualTo(Outcome.refused(new Problem.OperationNotFound(id)));
            assertThat(runner.cancel(id)).isEqualTo(Outcome.refused(new Problem.OperationNotFound(id)));
        }
    }

    @Test
    void the_same_key_and_request_get_the_same_operation_running_or_ended() throws Exception {
        Operation first = started(runner.start(keyed("k", SHOP), untilTheGateOpens));
        assertThat(started(runner.start(keyed("k", SHOP), atOnce)).id()).isEqualTo(first.id());

        gate.countDown();
        runner.awaitEnd(first.id());
        assertThat(started(runner.start(keyed("k", SHOP), atOnce)).id()).isEqualTo(first.id());
    }

    @Test
    void the_same_key_with_another_request_is_a_conflict() throws Exception {
        ended(runner.start(keyed("k", SHOP), atOnce));

        assertThat(runner.start(keyed("k", BLOG), atOnce))
                .isEqualTo(Outcome.refused(new Problem.IdempotencyConflict()));
    }

    @Test
    void a_key_whose_request_could_not_begin_can_be_used_again() throws Exception {
        Operation other = started(runner.start(order(OperationKind.BACKUP, SHOP), untilTheGateOpens));
        assertThat(runner.start(keyed("k", SHOP), atOnce)).isInstanceOf(Outcome.Refused.class);
        gate.countDown();
        runner.awaitEnd(other.id());

        assertThat(ended(runner.start(keyed("k", SHOP), atOnce)).state()).isEqualTo(OperationState.SUCCEEDED);
    }

    @Test
    void twins_that_arrive_together_become_one_operation() throws Exception {
        var runs = new AtomicInteger();
        Task counted = work -> {
            runs.incrementAndGet();
            return Outcome.done(RESULT);
        };
        var seen = new HashSet<OperationId>();
        try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Outcome<Operation>>> answers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                answers.add(clients.submit(() -> runner.start(keyed("k", SHOP), counted)));
            }
            for (var answer : answers) {
                seen.add(ended(answer.get()).id());
            }
        }
        assertThat(seen).hasSize(1);
        assertThat(runs).hasValue(1);
    }

    @Test
    void whoever_watches_sees_each_phase_and_then_the_end() throws Exception {
        Operation running = started(runner.start(order(OperationKind.BACKUP, SHOP), work -> {
            gate.await();
            work.enter(Phase.COPYING, 10);
            work.advance(10);
            return Outcome.done(RESULT);
        }));
        assertThat(runner.awaitChange(running.id(), running.revision(), Duration.ofMillis(1)))
                .isEmpty();

        gate.countDown();
        Operation last = running;
        while (!last.state().isFinal()) {
            Operation next = runner.awaitChange(running.id(), last.revision(), Duration.ofSeconds(10))
                    .orElseThrow();
            assertThat(next.revision()).isGreaterThan(last.revision());
            last = next;
        }
        assertThat(last.phase()).isEqualTo(Phase.COPYING);
        assertThat(last.progress().done()).isEqualTo(10);
    }

    @Test
    void what_has_succeeded_shows_the_bytes_of_the_last_phase_that_counted_any() throws Exception {
        Operation ended = ended(runner.start(order(OperationKind.BACKUP, SHOP), work -> {
            work.enter(Phase.COPYING, 10);
            work.advance(10);
            work.enter(Phase.CHECKING_COPY, 20);
            work.enter(Phase.PUBLISHING, 0);
            return Outcome.done(RESULT);
        }));

        assertThat(ended.phase()).isEqualTo(Phase.PUBLISHING);
        assertThat(ended.progress()).isEqualTo(new Progress(20, 20));
    }

    @Test
    void what_cannot_even_be_recorded_is_refused_and_reported_as_failed() {
        var full = new Problem.InsufficientStorage("The disk is full.");
        log.failWith(full);

        assertThat(runner.start(order(OperationKind.BACKUP, SHOP), atOnce)).isEqualTo(Outcome.refused(full));

        assertThat(reported).singleElement().satisfies(it -> {
            assertThat(it.state()).isEqualTo(OperationState.FAILED);
            assertThat(it.failure()).contains(Failure.of(full));
        });
    }

    @Test
    void what_has_failed_shows_how_far_it_came() throws Exception {
        Operation ended = ended(runner.start(order(OperationKind.BACKUP, SHOP), work -> {
            work.enter(Phase.COPYING, 10);
            work.advance(4);
            return Outcome.refused(new Problem.SourceBusy("locked"));
        }));

        assertThat(ended.progress()).isEqualTo(Progress.counting(10, NOW).plus(4));
    }

    @Test
    void the_list_goes_on_where_the_page_before_ended() throws Exception {
        for (int i = 0; i < 5; i++) {
            ended(runner.start(order(OperationKind.BACKUP, SHOP), atOnce));
        }
        var first = ((Outcome.Done<Operations.Page>) runner.list(OperationLog.Filter.ALL, 3, "")).value();
        var second = ((Outcome.Done<Operations.Page>) runner.list(OperationLog.Filter.ALL, 3, first.nextPageToken()))
                .value();

        assertThat(first.operations()).extracting(it -> it.id().value()).containsExactly("op-5", "op-4", "op-3");
        assertThat(second.operations()).extracting(it -> it.id().value()).containsExactly("op-2", "op-1");
        assertThat(second.nextPageToken()).isEmpty();
        assertThat(runner.list(OperationLog.Filter.ALL, -1, "")).isInstanceOf(Outcome.Refused.class);
        assertThat(runner.list(OperationLog.Filter.ALL, 3, "nonsense")).isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void a_stopping_runner_takes_nothing_new_and_interrupts_what_does_not_end() throws Exception {
        Operation running = started(runner.start(order(OperationKind.BACKUP, SHOP), untilCancelled));

        runner.close();

        assertThat(log.find(running.id())).flatMap(Operation::failure).contains(Failure.interrupted(running.kind()));
        assertThat(runner.start(order(OperationKind.BACKUP, BLOG), atOnce)).isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void closing_again_waits_for_nothing_though_something_will_not_end() throws Exception {
        Operation running = started(runner.start(order(OperationKind.BACKUP, SHOP), untilTheGateOpens));
        Thread.currentThread().interrupt(); // so that the first close gives up at once
        runner.close();
        assertThat(Thread.interrupted()).isTrue();

        runner.close();

        assertThat(started(runner.find(running.id().value())).cancelRequested())
                .as("waited for, in vain, and then cancelled")
                .isFalse();
        gate.countDown();
    }

    @Test
    void whoever_begins_is_told_whether_somebody_has_before() throws Exception {
        var first = (Outcome.Done<OperationRunner.Begun>) runner.begin(keyed("k", SHOP), atOnce);
        var second = (Outcome.Done<OperationRunner.Begun>) runner.begin(keyed("k", SHOP), atOnce);

        assertThat(first.value().repeated()).isFalse();
        assertThat(second.value().repeated()).isTrue();
        assertThat(second.value().operation().id())
                .isEqualTo(first.value().operation().id());
    }

    @Test
    void the_end_is_told_once_with_the_final_state() throws Exception {
        Operation ended = ended(runner.start(order(OperationKind.BACKUP, SHOP), atOnce));
        runner.close();

        assertThat(reported).extracting(Operation::id).containsExactly(ended.id());
        assertThat(reported).extracting(Operation::state).containsExactly(OperationState.SUCCEEDED);
    }
}
