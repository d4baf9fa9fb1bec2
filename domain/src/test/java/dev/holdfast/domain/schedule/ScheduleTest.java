package dev.holdfast.domain.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.LocalTime;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ScheduleTest {

    @ParameterizedTest
    @CsvSource({"0,0,false", "1,0,true", "24,59,true", "25,0,false", "1,-1,false", "1,60,false", "-1,0,false"})
    void hours_and_minutes_have_bounds(int every, int minute, boolean valid) {
        assertThat(Schedule.Hourly.isValid(every, minute)).isEqualTo(valid);
    }

    @ParameterizedTest
    @CsvSource({"0,false", "1,true", "31,true", "32,false"})
    void days_of_a_month_have_bounds(int day, boolean valid) {
        assertThat(Schedule.Monthly.isValid(day)).isEqualTo(valid);
    }

    @Test
    void a_time_is_a_whole_minute() {
        assertThat(Schedule.isWholeMinute(LocalTime.of(23, 59))).isTrue();
        assertThat(Schedule.isWholeMinute(LocalTime.of(23, 59, 1))).isFalse();
        assertThat(Schedule.isWholeMinute(LocalTime.of(0, 0, 0, 1))).isFalse();
    }

    static Stream<Arguments> a_wrong_value_is_refused_with_the_right_ones() {
        return Stream.of(
                refused(
                        () -> new Schedule.Hourly(25, 0),
                        "hourly: every 25 at minute 0 (expected: every 1 to 24 hours at minute 0 to 59)"),
                refused(() -> new Schedule.Daily(LocalTime.of(3, 0, 5)), "at: 03:00:05 (expected: a whole minute)"),
                refused(
                        () -> new Schedule.Weekly(Set.of(), LocalTime.NOON),
                        "days: none (expected: at least one day of the week)"),
                refused(() -> new Schedule.Monthly(0, LocalTime.NOON), "day: 0 (expected: 1 to 31)"),
                refused(
                        () -> Lines.of("60", "0", "1", "1", "1", DayRule.BOTH),
                        "minute: [60] (expected: one or more of 0 to 59)"),
                refused(
                        () -> Lines.of("0", "0", "0-31", "1", "1", DayRule.BOTH),
                        "day of month: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,"
                                + " 22, 23, 24, 25, 26, 27, 28, 29, 30, 31] (expected: one or more of 1 to 31)"),
                refused(
                        () -> new CronExpression(
                                "0 0 1 1 1",
                                new TreeSet<>(Set.of(0)),
                                Collections.emptySortedSet(),
                                new TreeSet<>(Set.of(1)),
                                new TreeSet<>(Set.of(1)),
                                Set.of(),
                                DayRule.BOTH),
                        "hour: [] (expected: one or more of 0 to 23)"));
    }

    private static Arguments refused(ThrowingCallable making, String message) {
        return Arguments.of(message, making);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void a_wrong_value_is_refused_with_the_right_ones(String message, ThrowingCallable making) {
        assertThatIllegalArgumentException().isThrownBy(making).withMessage(message);
    }
}
