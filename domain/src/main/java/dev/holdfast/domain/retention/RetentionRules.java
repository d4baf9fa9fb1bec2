package dev.holdfast.domain.retention;

import static java.time.DayOfWeek.MONDAY;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The rules of a policy, on one walk over backups from the newest to the oldest. Good ones take room, others do not. */
final class RetentionRules {
    private final RetentionPolicy policy;
    private final ZoneId zone;
    private final List<Periods> periods;
    private int good;
    private Optional<Instant> newestGood = Optional.empty();

    RetentionRules(RetentionPolicy policy, ZoneId zone) {
        this.policy = policy;
        this.zone = zone;
        periods = List.of(
                new Periods(RetentionReason.HOURLY, policy.hourly(), RetentionRules::hour),
                new Periods(RetentionReason.DAILY, policy.daily(), ZonedDateTime::toLocalDate),
                new Periods(
                        RetentionReason.WEEKLY,
                        policy.weekly(),
                        at -> at.toLocalDate().with(TemporalAdjusters.previousOrSame(MONDAY))),
                new Periods(
                        RetentionReason.MONTHLY,
                        policy.monthly(),
                        at -> at.toLocalDate().withDayOfMonth(1)),
                new Periods(RetentionReason.YEARLY, policy.yearly(), ZonedDateTime::getYear));
    }

    /** With its offset: an hour that the clock shows twice is two hours. */
    private static Object hour(ZonedDateTime at) {
        return at.toOffsetDateTime().truncatedTo(ChronoUnit.HOURS);
    }

    /**
     * Which rules keep a backup of this moment.
     *
     * @param oldest whether no good one is older
     */
    Set<RetentionReason> keeping(Instant createdAt, boolean oldest) {
        Set<RetentionReason> keeping = EnumSet.noneOf(RetentionReason.class);
        if (good < policy.last()) {
            keeping.add(RetentionReason.LAST);
        }
        ZonedDateTime at = createdAt.atZone(zone);
        periods.stream().filter(it -> it.keep(at, oldest)).forEach(it -> keeping.add(it.reason));
        if (policy.within().filter(it -> age(createdAt).compareTo(it) <= 0).isPresent()) {
            keeping.add(RetentionReason.WITHIN);
        }
        return keeping;
    }

    private Duration age(Instant createdAt) {
        return newestGood.map(it -> Duration.between(createdAt, it)).orElse(Duration.ZERO);
    }

    /** The walk has come by a good backup of this moment. */
    void count(Instant createdAt) {
        good++;
        newestGood = newestGood.or(() -> Optional.of(createdAt));
        ZonedDateTime at = createdAt.atZone(zone);
        periods.forEach(it -> it.seen.add(it.period.apply(at)));
    }

    /** One rule of the calendar, and the periods that it has met. */
    private static final class Periods {
        private final RetentionReason reason;
        private final int count;
        private final Function<ZonedDateTime, Object> period;
        private final Set<Object> seen = new HashSet<>();

        Periods(RetentionReason reason, int count, Function<ZonedDateTime, Object> period) {
            this.reason = reason;
            this.count = count;
            this.period = period;
        }

        /** The oldest one stays as long as there is room: it stands for the periods before it. */
        boolean keep(ZonedDateTime at, boolean oldest) {
            return seen.size() < count && (oldest || !seen.contains(period.apply(at)));
        }
    }
}
