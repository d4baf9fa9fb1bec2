package dev.holdfast.endtoend.plans;

import dev.holdfast.endtoend.server.Eventually;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** A daily schedule on a clock of its own whose minute begins in one given second, for schedules know whole minutes. */
public record Planned(LocalTime at, ZoneOffset clock) {
    /** Returns in that second or after it. What was made before the call was made before that second. */
    public static Planned justGoneBy() throws Exception {
        Instant second = Instant.now().truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
        Eventually.get(Instant::now, it -> !it.isBefore(second));
        ZoneOffset clock = ZoneOffset.ofTotalSeconds(-(int) (second.getEpochSecond() % 60));
        return new Planned(second.atOffset(clock).toLocalTime(), clock);
    }

    /** A change of a plan. */
    public String json() {
        return "{\"schedule\":{\"kind\":\"daily\",\"at\":\"%s\"},\"time_zone\":\"%s\"}".formatted(at, clock);
    }

    /** As the catalogue has it. */
    public String timetable() {
        return " at=" + at + " zone=" + clock;
    }
}
