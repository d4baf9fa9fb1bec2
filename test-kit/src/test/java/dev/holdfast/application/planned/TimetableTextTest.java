package dev.holdfast.application.planned;

import static dev.holdfast.application.planned.PlannedServer.NOON;
import static dev.holdfast.application.planned.PlannedServer.SHOP;
import static dev.holdfast.domain.operation.OperationKind.BACKUP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.plan.PlanStore.Job;
import dev.holdfast.application.plan.PlanStore.Progress;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.domain.schedule.Timetable;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the catalogue holds about a timetable, and what earlier versions wrote there. The texts are as they are stored. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class TimetableTextTest {
    private record Stored(Map<String, String> terms, String text, String earlier) {
        @Override
        public String toString() {
            return text;
        }
    }

    private static Stream<Stored> kinds() {
        return Stream.of(
                new Stored(Map.of("schedule.kind", "off"), "1 off zone=UTC", "Timetable[schedule=Off[], zone=UTC]"),
                new Stored(
                        Map.of("schedule.kind", "hourly", "schedule.every", "6", "schedule.minute", "15"),
                        "1 hourly every=6 minute=15 zone=UTC",
                        "Timetable[schedule=Hourly[every=6, minute=15], zone=UTC]"),
                new Stored(
                        Map.of("schedule.kind", "daily", "schedule.at", "03:00", "time_zone", "Europe/Berlin"),
                        "1 daily at=03:00 zone=Europe/Berlin",
                        "Timetable[schedule=Daily[at=03:00], zone=Europe/Berlin]"),
                new Stored(
                        Map.of(
                                "schedule.kind",
                                "weekly",
                                "schedule.days",
                                "sunday,monday,thursday",
                                "schedule.at",
                                "23:45"),
                        "1 weekly days=1,4,7 at=23:45 zone=UTC",
                        "Timetable[schedule=Weekly[days=[MONDAY, THURSDAY, SUNDAY], at=23:45], zone=UTC]"),
                new Stored(
                        Map.of(
                                "schedule.kind",
                                "monthly",
                                "schedule.day",
                                "31",
                                "schedule.at",
                                "00:05",
                                "time_zone",
                                "+02:00"),
                        "1 monthly day=31 at=00:05 zone=+02:00",
                        "Timetable[schedule=Monthly[day=31, at=00:05], zone=+02:00]"),
                new Stored(
                        Map.of("schedule.kind", "cron", "schedule.line", "0,30 2 1,15 JAN-2 mon"),
                        "1 cron days=either line=0,30 2 1,15 JAN-2 mon zone=UTC",
                        "Timetable[schedule=Cron[line=CronLine[text=0,30 2 1,15 JAN-2 mon, minutes=[0, 30], hours=[2],"
                                + " daysOfMonth=[1, 15], months=[1, 2], daysOfWeek=[MONDAY], dayRule=EITHER]], zone=UTC]"));
    }

    private static PlannedServer server(Stored kind) {
        var terms = new HashMap<>(Map.of("retention.last", "7", "recheck_every", "never"));
        terms.putAll(kind.terms());
        return new PlannedServer(NOON, Profile.NATIVE, Map.of(SHOP, terms));
    }

    private static Timetable timetable(PlannedServer server) {
        return server.plans.of(server.registered(SHOP)).plan().backups();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void each_kind_has_its_text(Stored kind) {
        PlannedServer server = server(kind);
        assertThat(TimetableText.of(timetable(server))).isEqualTo(kind.text());
        server.look();
        assertThat(server.kept.progress(SHOP, Job.BACKUP))
                .map(Progress::timetable)
                .contains(kind.text());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void a_run_that_was_due_before_an_upgrade_is_made_after_it_once(Stored kind) {
        PlannedServer server = server(kind);
        var handled = NOON.minus(Duration.ofDays(400));
        server.kept.save(SHOP, Job.BACKUP, new Progress(kind.earlier(), handled, false, Optional.empty()));
        server.look().succeedAll().look();
        assertThat(server.begun(BACKUP)).hasSize(kind.text().startsWith("1 off") ? 0 : 1);
        assertThat(server.kept.progress(SHOP, Job.BACKUP))
                .map(Progress::timetable)
                .contains(kind.text());
    }

    @Test
    void a_text_of_another_timetable_counts_from_now_on() {
        Stored kind = kinds().toList().get(2);
        PlannedServer server = server(kind);
        String other = kind.earlier().replace("Berlin", "Paris");
        server.kept.save(
                SHOP, Job.BACKUP, new Progress(other, NOON.minus(Duration.ofDays(400)), false, Optional.empty()));
        server.look().succeedAll().look();
        assertThat(server.begun(BACKUP)).isEmpty();
        assertThat(server.kept.progress(SHOP, Job.BACKUP))
                .contains(new Progress(kind.text(), NOON, false, Optional.empty()));
    }
}
