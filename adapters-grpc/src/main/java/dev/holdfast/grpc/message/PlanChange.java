package dev.holdfast.grpc.message;

import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import dev.holdfast.application.Outcome;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.grpc.v1.DayOfWeek;
import dev.holdfast.grpc.v1.Depth;
import dev.holdfast.grpc.v1.Plan;
import dev.holdfast.grpc.v1.Schedule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A change of a plan as a client sends it: terms by name, for {@code Plans}, which knows what fits. */
public final class PlanChange {
    private static final long LONGEST_SECONDS = 315_576_000_000L;
    private static final int NANOS = 1_000_000_000;

    /** What a mask can name beside the schedules; empty values take a term back. */
    private static final Map<String, Function<Plan, Optional<String>>> TERMS = terms();

    private static final Map<String, Function<Plan, Schedule>> SCHEDULES =
            Map.of("schedule", Plan::getSchedule, "drill", Plan::getDrill);

    private PlanChange() {}

    public static Outcome<Map<String, Optional<String>>> read(Plan plan, FieldMask mask) {
        List<String> paths = mask.getPathsCount() == 0 ? populated(plan) : mask.getPathsList();
        Map<String, Optional<String>> change = new LinkedHashMap<>();
        for (String path : paths) {
            List<String> named = named(path);
            if (SCHEDULES.containsKey(path)) {
                change.putAll(schedule(
                        path + ".", Objects.requireNonNull(SCHEDULES.get(path)).apply(plan)));
            } else if (named.isEmpty()) {
                return Outcome.refused(new Problem.InvalidArgument(
                        "update_mask",
                        "update_mask names fields of a plan: "
                                + Stream.concat(SCHEDULES.keySet().stream(), TERMS.keySet().stream())
                                        .sorted()
                                        .collect(Collectors.joining(", "))
                                + ", or all of retention or freshness."));
            }
            named.forEach(name ->
                    change.put(name, Objects.requireNonNull(TERMS.get(name)).apply(plan)));
        }
        return Outcome.done(change);
    }

    /** The path itself, or all that is inside of it. */
    private static List<String> named(String path) {
        return TERMS.keySet().stream()
                .filter(it -> it.equals(path) || it.startsWith(path + "."))
                .toList();
    }

    private static List<String> populated(Plan plan) {
        Stream<String> schedules = SCHEDULES.entrySet().stream()
                .filter(it -> it.getValue().apply(plan).getKindCase() != Schedule.KindCase.KIND_NOT_SET)
                .map(Map.Entry::getKey);
        Stream<String> terms = TERMS.entrySet().stream()
                .filter(it -> it.getValue().apply(plan).isPresent())
                .map(Map.Entry::getKey);
        return Stream.concat(schedules, terms).toList();
    }

    private static Map<String, Optional<String>> schedule(String group, Schedule schedule) {
        Map<String, String> values = switch (schedule.getKindCase()) {
            case OFF -> Map.of("kind", "off");
            case HOURLY ->
                Map.of(
                        "kind",
                        "hourly",
                        "every",
                        Integer.toString(every(schedule.getHourly())),
                        "minute",
                        Integer.toString(schedule.getHourly().getMinute()));
            case DAILY -> Map.of("kind", "daily", "at", schedule.getDaily().getAt());
            case WEEKLY ->
                Map.of(
                        "kind",
                        "weekly",
                        "days",
                        schedule.getWeekly().getDaysList().stream()
                                .map(PlanChange::day)
                                .collect(Collectors.joining(",")),
                        "at",
                        schedule.getWeekly().getAt());
            case MONTHLY ->
                Map.of(
                        "kind",
                        "monthly",
                        "day",
                        Integer.toString(schedule.getMonthly().getDay()),
                        "at",
                        schedule.getMonthly().getAt());
            case CRON -> Map.of("kind", "cron", "line", schedule.getCron());
            case KIND_NOT_SET -> Map.of();
        };
        if (values.isEmpty()) {
            return Map.of(group + "kind", Optional.empty()); // takes back the whole group
        }
        return values.entrySet().stream()
                .collect(Collectors.toMap(it -> group + it.getKey(), it -> Optional.of(it.getValue())));
    }

    private static int every(Schedule.Hourly hourly) {
        return hourly.getEvery() == 0 ? 1 : hourly.getEvery();
    }

    private static String day(DayOfWeek day) {
        return day.name().replace("DAY_OF_WEEK_", "").toLowerCase(Locale.ROOT);
    }

    private static Map<String, Function<Plan, Optional<String>>> terms() {
        var terms = new LinkedHashMap<String, Function<Plan, Optional<String>>>();
        terms.put("time_zone", text(Plan::hasTimeZone, Plan::getTimeZone));
        terms.put("catch_up", text(Plan::hasCatchUp, Plan::getCatchUp));
        terms.put("verify_depth", PlanChange::depth);
        terms.put("recheck_every", PlanChange::recheckEvery);
        terms.put(
                "retention.last",
                text(it -> it.getRetention().hasLast(), it -> it.getRetention().getLast()));
        terms.put(
                "retention.hourly",
                text(
                        it -> it.getRetention().hasHourly(),
                        it -> it.getRetention().getHourly()));
        terms.put(
                "retention.daily",
                text(it -> it.getRetention().hasDaily(), it -> it.getRetention().getDaily()));
        terms.put(
                "retention.weekly",
                text(
                        it -> it.getRetention().hasWeekly(),
                        it -> it.getRetention().getWeekly()));
        terms.put(
                "retention.monthly",
                text(
                        it -> it.getRetention().hasMonthly(),
                        it -> it.getRetention().getMonthly()));
        terms.put(
                "retention.yearly",
                text(
                        it -> it.getRetention().hasYearly(),
                        it -> it.getRetention().getYearly()));
        terms.put(
                "retention.within",
                text(
                        it -> it.getRetention().hasWithin(),
                        it -> duration(it.getRetention().getWithin())));
        terms.put(
                "freshness.max_age",
                text(
                        it -> it.getFreshness().hasMaxAge(),
                        it -> duration(it.getFreshness().getMaxAge())));
        terms.put(
                "freshness.min_size",
                text(
                        it -> it.getFreshness().hasMinSize(),
                        it -> it.getFreshness().getMinSize()));
        return terms;
    }

    private static Function<Plan, Optional<String>> text(Predicate<Plan> isSet, Function<Plan, Object> value) {
        return plan -> isSet.test(plan) ? Optional.of(value.apply(plan).toString()) : Optional.empty();
    }

    private static Optional<String> depth(Plan plan) {
        return plan.getVerifyDepth() == Depth.DEPTH_UNSPECIFIED
                ? Optional.empty()
                : Optional.of(plan.getVerifyDepth().name().replace("DEPTH_", "").toLowerCase(Locale.ROOT));
    }

    private static Optional<String> recheckEvery(Plan plan) {
        if (!plan.hasRecheckEvery()) {
            return Optional.empty();
        }
        boolean never = plan.getRecheckEvery().equals(Duration.getDefaultInstance());
        return Optional.of(never ? "never" : duration(plan.getRecheckEvery()));
    }

    /** One that is none is refused as everything that does not fit is. */
    private static String duration(Duration duration) {
        boolean isOne =
                Math.abs(duration.getSeconds()) <= LONGEST_SECONDS && Math.abs((long) duration.getNanos()) < NANOS;
        return isOne ? ProtoTimestamps.of(duration).toString() : "out of range";
    }
}
