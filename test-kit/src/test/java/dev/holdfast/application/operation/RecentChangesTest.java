package dev.holdfast.application.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.operation.Operations.Changes;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.operation.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(30)
class RecentChangesTest {
    private static final Instant NOW = Instant.parse("2026-04-13T14:25:30Z");
    private static final DatabaseName SHOP = new DatabaseName("shop");
    private static final DatabaseName BLOG = new DatabaseName("blog");
    private static final Optional<DatabaseName> ALL = Optional.empty();
    private static final Duration LONG = Duration.ofSeconds(20);

    private final RecentChanges changes = new RecentChanges(NOW.toEpochMilli());

    private static Operation running(String id, DatabaseName database) {
        return Operation.started(new OperationId(id), OperationKind.BACKUP, database, Optional.empty(), "ann", NOW);
    }

    private static Operation copied(Operation operation, long bytes) {
        return operation.in(Phase.COPYING, new Progress(bytes, 1000)).withRevision(operation.revision() + bytes);
    }

    private void runAndEnd(String id) {
        changes.add(running(id, SHOP));
        changes.add(running(id, SHOP).cancelled(NOW));
    }

    private Changes now(String position) throws InterruptedException {
        return changes.await(ALL, position, Duration.ZERO);
    }

    @Test
    void the_beginning_is_all_that_runs_and_is_there_at_once() throws Exception {
        assertThat(changes.await(ALL, "", LONG).changes()).isEmpty();
        changes.add(running("a", SHOP));
        runAndEnd("b");

        Changes first = changes.await(ALL, "", LONG);

        assertThat(first.anew()).isTrue();
        assertThat(first.changes())
                .extracting(it -> it.operation().id().value())
                .containsExactly("a");
    }

    @Test
    void each_operation_is_told_once_as_it_stands_in_the_order_of_the_changes() throws Exception {
        Operation a = running("a", SHOP);
        changes.add(a);
        String position = now("").position();
        changes.add(copied(a, 1));
        runAndEnd("b");
        changes.add(copied(a, 2));

        Changes found = now(position);

        assertThat(found.anew()).isFalse();
        assertThat(found.changes())
                .extracting(Operations.Change::operation)
                .containsExactly(running("b", SHOP).cancelled(NOW), copied(a, 2));
        assertThat(now(found.position()).changes()).isEmpty();
    }

    @Test
    void whoever_has_seen_half_of_the_changes_goes_on_with_the_other_half() throws Exception {
        String position = now("").position();
        changes.add(running("a", SHOP));
        changes.add(running("b", SHOP));
        Changes both = now(position);

        Changes rest = now(both.changes().getFirst().position());

        assertThat(rest.changes()).containsExactly(both.changes().getLast());
    }

    @Test
    void only_what_the_database_concerns_is_told_and_the_position_goes_on_all_the_same() throws Exception {
        String position = now("").position();
        changes.add(running("a", SHOP));

        Changes nothing = changes.await(Optional.of(BLOG), position, Duration.ofMillis(1));
        changes.add(running("b", BLOG));

        assertThat(nothing.changes()).isEmpty();
        assertThat(now(nothing.position()).changes())
                .extracting(it -> it.operation().id().value())
                .containsExactly("b");
        assertThat(changes.await(Optional.of(BLOG), "", Duration.ZERO).changes())
                .extracting(it -> it.operation().id().value())
                .containsExactly("b");
    }

    @Test
    void whoever_waits_is_woken_by_a_change_of_his_database() throws Exception {
        String position = now("").position();
        CompletableFuture<Changes> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return changes.await(Optional.of(BLOG), position, LONG);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        changes.add(running("a", SHOP));
        changes.add(running("b", BLOG));

        assertThat(waiting.get(20, TimeUnit.SECONDS).changes())
                .extracting(it -> it.operation().id().value())
                .containsExactly("b");
    }

    @Test
    void whoever_was_away_for_too_long_is_told_so_and_begins_anew() throws Exception {
        changes.add(running("long", SHOP));
        String position = now("").position();
        for (int i = 0; i < RecentChanges.ENDED_KEPT; i++) {
            runAndEnd("op-" + i);
        }
        assertThat(now(position).anew()).isFalse();
        assertThat(now(position).changes()).hasSize(RecentChanges.ENDED_KEPT);

        runAndEnd("one-more");

        assertThat(now(position).anew()).isTrue();
        assertThat(now(position).changes())
                .extracting(it -> it.operation().id().value())
                .containsExactly("long");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "5", "nonsense", "0-0", "19d87a3c3d0-0", "-1", "99999999999999999999-1", "\u0661-\u0661"})
    void a_position_of_another_run_or_none_at_all_is_the_beginning(String position) throws Exception {
        assertThat(now(position).anew()).isTrue();
    }

    @Test
    void a_position_that_has_not_come_yet_is_the_beginning() throws Exception {
        String position = now("").position();
        assertThat(now(position).anew()).isFalse();
        assertThat(now(position.replaceFirst("-\\d+$", "-1")).anew()).isTrue();
    }
}
