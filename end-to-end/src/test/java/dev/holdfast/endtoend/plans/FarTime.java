package dev.holdfast.endtoend.plans;

import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;

/** Times by UTC for plans that are in force during a test and must not come due in it, whatever the time is now. */
@SuppressWarnings("TimeInStaticInitializer") // all parts of a test name the same time
public final class FarTime {
    /** From 0 to 23; it begins in eleven to twelve hours. */
    public static final int HOUR = LocalTime.now(ZoneOffset.UTC).plusHours(12).getHour();

    /** When that hour begins, such as {@code 03:00}. */
    public static final String OF_DAY = "%02d:00".formatted(HOUR);

    /** In three days; 0 is Sunday. */
    public static final int DAY_OF_WEEK =
            LocalDate.now(ZoneOffset.UTC).plusDays(3).getDayOfWeek().getValue() % 7;

    private FarTime() {}
}
