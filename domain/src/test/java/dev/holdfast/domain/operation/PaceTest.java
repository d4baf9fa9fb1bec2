package dev.holdfast.domain.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PaceTest {
    private static final Instant START = Instant.parse("2026-04-13T14:25:30Z");
    private static final Instant COPYING = START.plusSeconds(10);
    private static final Operation STARTED = Operation.started(
            new OperationId("op-1"), OperationKind.BACKUP, DatabaseName.DEFAULT, Optional.empty(), "ann", START);

    private static Operation copied(long done, long total) {
        return STARTED.in(Phase.COPYING, Progress.counting(total, COPYING).plus(done));
    }

    private static Optional<Pace> after(Duration copying, Operation operation) {
        return Pace.of(operation, COPYING.plus(copying));
    }

    @Test
    void the_speed_is_that_of_the_present_phase_and_the_time_left_is_rounded_up() {
        assertThat(after(Duration.ofSeconds(4), copied(400, 1001))).contains(new Pace(100, OptionalLong.of(7)));
        assertThat(after(Duration.ofMillis(1), copied(1 << 20, 1L << 30)))
                .contains(new Pace(1_048_576_000, OptionalLong.of(2)));
    }

    @Test
    void without_a_total_there_is_a_speed_but_no_time_left() {
        assertThat(after(Duration.ofSeconds(4), copied(400, 0))).contains(new Pace(100, OptionalLong.empty()));
    }

    @Test
    void what_has_counted_more_than_was_announced_is_not_behind_its_end() {
        assertThat(after(Duration.ofSeconds(4), copied(400, 300))).contains(new Pace(100, OptionalLong.of(0)));
    }

    @Test
    void what_hardly_moves_has_a_long_time_left_rather_than_none() {
        assertThat(after(Duration.ofDays(1), copied(1, 1 << 20))).contains(new Pace(1, OptionalLong.of((1 << 20) - 1)));
    }

    @Test
    void nothing_is_known_before_anything_was_counted() {
        assertThat(after(Duration.ofSeconds(4), STARTED)).isEmpty();
        assertThat(after(Duration.ofSeconds(4), copied(0, 1000))).isEmpty();
        assertThat(after(Duration.ZERO, copied(400, 1000))).isEmpty();
    }

    @Test
    void a_phase_that_counts_nothing_has_no_speed_though_it_shows_the_bytes_of_the_one_before() {
        Operation copied = copied(1000, 1000);
        Operation publishing = copied.in(Phase.PUBLISHING, copied.progress().complete());

        assertThat(publishing.progress().done()).isEqualTo(1000);
        assertThat(after(Duration.ofSeconds(4), publishing)).isEmpty();
    }

    @Test
    void a_clock_that_was_set_back_makes_the_speed_unknown_and_never_negative() {
        assertThat(after(Duration.ofSeconds(-1), copied(400, 1000))).isEmpty();
        assertThat(Pace.of(copied(400, 1000).cancelled(START.minusSeconds(1)), START))
                .isEmpty();
    }

    @Test
    void of_an_ended_operation_it_is_the_average_over_all_its_time_whenever_somebody_looks() {
        Operation ended = copied(600, 1000).cancelled(START.plusSeconds(20));

        assertThat(Pace.of(ended, START.plusSeconds(20)))
                .contains(new Pace(30, OptionalLong.empty()))
                .isEqualTo(Pace.of(ended, START.plusSeconds(2000)));
    }
}
