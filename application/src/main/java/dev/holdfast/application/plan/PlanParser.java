package dev.holdfast.application.plan;

import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.plan.Freshness;
import dev.holdfast.domain.plan.Plan;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.domain.retention.RetentionPolicy;
import dev.holdfast.domain.schedule.CronParser;
import dev.holdfast.domain.schedule.DayRule;
import dev.holdfast.domain.schedule.Schedule;
import dev.holdfast.domain.schedule.Timetable;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes plans of terms, and names every term that does not fit. */
public final class PlanParser {
    /** Every name there is. */
    public static final Set<String> NAMES = names();

    static final String UNKNOWN = "unknown (expected: one of " + String.join(", ", new TreeSet<>(NAMES)) + ")";

    private static final String DURATION = "a time such as 90s, 30m, 12h, 7d, 2w or PT36H";
    private static final Duration LONGEST = Duration.ofDays(36_500);
    private static final int LONGEST_TERM = 200;
    private static final int LARGEST_COUNT = 100_000;

    /** How many characters of what does not fit are shown. */
    private static final int SHOWN = 60;

    private static final Pattern SHORT_DURATION = Pattern.compile("(\\d{1,9})([smhdw])");
    private static final Pattern NAME = Pattern.compile("[a-z_.]{1," + SHOWN + "}");
    private static final Pattern CLOCK = Pattern.compile("([01]\\d|2[0-3]):[0-5]\\d");

    /** What came of it. */
    public sealed interface Reading {
        record Right(Plan plan) implements Reading {}

        /** @param terms each name that does not fit, and what would */
        record Wrong(Map<String, String> terms) implements Reading {
            /** All in one line. */
            public String summary() {
                return terms.entrySet().stream()
                        .map(it -> name(it.getKey()) + ": " + it.getValue())
                        .collect(Collectors.joining("; "));
            }
        }
    }

    /** A name as a message shows it: one from outside may be anything. */
    static String name(String name) {
        return NAME.matcher(name).matches() ? name : quoted(name);
    }

    /** What stands there may be anything, and is shown on one line. */
    private static String quoted(String text) {
        String printable = text.replaceAll("[^\\x20-\\x7e]", "?");
        return "\"" + (printable.length() > SHOWN ? printable.substring(0, SHOWN) + "…" : printable) + "\"";
    }

    private static Set<String> names() {
        var names = new TreeSet<>(Set.of(
                "time_zone", "catch_up", "verify_depth", "recheck_every", "freshness.max_age", "freshness.min_size"));
        Stream.of("schedule.", "drill.")
                .flatMap(group -> Stream.of("kind", "every", "minute", "at", "days", "day", "line")
                        .map(group::concat))
                .forEach(names::add);
        Stream.of("last", "hourly", "daily", "weekly", "monthly", "yearly", "within")
                .map("retention."::concat)
                .forEach(names::add);
        return Set.copyOf(names);
    }

    /** @param profile whose habits a cron line follows where systems differ */
    public Reading read(PlanProperties terms, Profile profile) {
        return new Terms(terms, profile).read();
    }

    /** One reading. What does not fit is noted, and read as something that does, so that all of it is found. */
    private final class Terms {
        private final PlanProperties terms;
        private final Profile profile;
        private final Map<String, String> wrong = new LinkedHashMap<>();

        Terms(PlanProperties terms, Profile profile) {
            this.terms = terms;
            this.profile = profile;
        }

        Reading read() {
            terms.values().keySet().stream().filter(it -> !NAMES.contains(it)).forEach(it -> wrong.put(it, UNKNOWN));
            ZoneId zone =
                    value("time_zone", ZoneId.of("UTC"), Timetable::zone, "a time zone such as UTC or Europe/Berlin");
            var plan = new Plan(
                    new Timetable(schedule("schedule."), zone),
                    value("catch_up", true, Terms::flag, "true or false"),
                    retention(),
                    value("verify_depth", Depth.QUICK, Terms::depth, "checksum, quick or full"),
                    recheckEvery(),
                    new Timetable(schedule("drill."), zone),
                    new Freshness(
                            duration("freshness.max_age"),
                            value("freshness.min_size", 0L, Terms::bytes, "a number of bytes, 0 or more")));
            return wrong.isEmpty() ? new Reading.Right(plan) : new Reading.Wrong(wrong);
        }

        private <T> T value(String name, T otherwise, Function<String, Optional<T>> parse, String expected) {
            Optional<String> text = terms.get(name);
            Optional<T> parsed = text.filter(it -> it.length() <= LONGEST_TERM).flatMap(parse);
            if (text.isPresent() && parsed.isEmpty()) {
                wrong.put(name, quoted(text.get()) + " (expected: " + expected + ")");
            }
            return parsed.orElse(otherwise);
        }

        /** Must be there, since the schedule's kind needs it. */
        private <T> T needed(
                String name, String kind, T otherwise, Function<String, Optional<T>> parse, String expected) {
            if (terms.get(name).isEmpty()) {
                wrong.put(name, "missing (expected: " + expected + ", for " + kind + ")");
            }
            return value(name, otherwise, parse, expected);
        }

        private Schedule schedule(String group) {
            String kind = terms.get(group + "kind").orElse("off");
            Set<String> takes = switch (kind) {
                case "off" -> Set.of();
                case "hourly" -> Set.of("every", "minute");
                case "daily" -> Set.of("at");
                case "weekly" -> Set.of("days", "at");
                case "monthly" -> Set.of("day", "at");
                case "cron" -> Set.of("line");
                default -> {
                    wrong.put(
                            group + "kind", quoted(kind) + " (expected: off, hourly, daily, weekly, monthly or cron)");
                    yield Set.of("every", "minute", "at", "days", "day", "line");
                }
            };
            terms.values().keySet().stream()
                    .filter(it -> it.startsWith(group) && NAMES.contains(it) && !it.equals(group + "kind"))
                    .filter(it -> !takes.contains(it.substring(group.length())))
                    .forEach(it -> wrong.put(it, "not for the kind " + kind));
            return switch (kind) {
                case "hourly" ->
                    new Schedule.Hourly(
                            value(group + "every", 1, number(1, 24), "1 to 24 hours"),
                            value(group + "minute", 0, number(0, 59), "0 to 59"));
                case "daily" -> new Schedule.Daily(clock(group, kind));
                case "weekly" ->
                    new Schedule.Weekly(
                            needed(
                                    group + "days",
                                    kind,
                                    EnumSet.allOf(DayOfWeek.class),
                                    Terms::days,
                                    "days of the week such as monday,friday"),
                            clock(group, kind));
                case "monthly" ->
                    new Schedule.Monthly(needed(group + "day", kind, 1, number(1, 31), "1 to 31"), clock(group, kind));
                case "cron" -> cron(group);
                default -> new Schedule.Off();
            };
        }

        private LocalTime clock(String group, String kind) {
            return needed(
                    group + "at",
                    kind,
                    LocalTime.MIDNIGHT,
                    Terms::time,
                    "a time of day such as 03:15, in YAML in quotes");
        }

        private Schedule cron(String group) {
            String line = terms.get(group + "line").orElse("");
            return switch (CronParser.parse(line, dayRule())) {
                case CronParser.Reading.Parsed(var parsed) -> new Schedule.Cron(parsed);
                case CronParser.Reading.Wrong(String what) -> {
                    wrong.put(group + "line", what);
                    yield new Schedule.Off();
                }
            };
        }

        private DayRule dayRule() {
            return switch (profile) {
                case NATIVE, JOBOPS -> DayRule.EITHER;
                case POCKETBASE, DISPATCHARR -> DayRule.BOTH;
            };
        }

        private RetentionPolicy retention() {
            return new RetentionPolicy(
                    count("last"),
                    count("hourly"),
                    count("daily"),
                    count("weekly"),
                    count("monthly"),
                    count("yearly"),
                    duration("retention.within"));
        }

        private int count(String rule) {
            return value("retention." + rule, 0, number(0, LARGEST_COUNT), "a count, 0 to " + LARGEST_COUNT);
        }

        /** Thirty days unless the plan says otherwise. */
        private Optional<Duration> recheckEvery() {
            String text = terms.get("recheck_every").orElse("30d");
            return text.equals("never") ? Optional.empty() : duration("recheck_every", text, DURATION + ", or never");
        }

        private Optional<Duration> duration(String name) {
            return terms.get(name).flatMap(it -> duration(name, it, DURATION));
        }

        private Optional<Duration> duration(String name, String text, String expected) {
            Optional<Duration> parsed = text.length() > LONGEST_TERM ? Optional.empty() : parse(text);
            if (parsed.isEmpty()) {
                wrong.put(name, quoted(text) + " (expected: " + expected + ")");
            }
            return parsed;
        }

        private static Optional<Duration> parse(String text) {
            Matcher matcher = SHORT_DURATION.matcher(text);
            try {
                Duration parsed = matcher.matches()
                        ? unit(matcher.group(2)).multipliedBy(Long.parseLong(matcher.group(1)))
                        : Duration.parse(text);
                return Optional.of(parsed).filter(it -> it.isPositive() && it.compareTo(LONGEST) <= 0);
            } catch (DateTimeException | ArithmeticException e) {
                return Optional.empty();
            }
        }

        private static Duration unit(String letter) {
            return switch (letter) {
                case "s" -> Duration.ofSeconds(1);
                case "m" -> Duration.ofMinutes(1);
                case "h" -> Duration.ofHours(1);
                case "d" -> Duration.ofDays(1);
                default -> Duration.ofDays(7);
            };
        }

        private static Function<String, Optional<Integer>> number(int least, int most) {
            return text -> text.matches("\\d{1,9}")
                    ? Optional.of(Integer.parseInt(text)).filter(it -> it >= least && it <= most)
                    : Optional.empty();
        }

        private static Optional<Long> bytes(String text) {
            return text.matches("\\d{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
        }

        private static Optional<Boolean> flag(String text) {
            return switch (text) {
                case "true" -> Optional.of(true);
                case "false" -> Optional.of(false);
                default -> Optional.empty();
            };
        }

        private static Optional<Depth> depth(String text) {
            return constant(Depth.values(), text);
        }

        private static Optional<LocalTime> time(String text) {
            return CLOCK.matcher(text).matches() ? Optional.of(LocalTime.parse(text)) : Optional.empty();
        }

        private static Optional<EnumSet<DayOfWeek>> days(String text) {
            var days = EnumSet.noneOf(DayOfWeek.class);
            for (String name : text.split(",", -1)) {
                Optional<DayOfWeek> day = constant(DayOfWeek.values(), name.strip());
                if (day.isEmpty()) {
                    return Optional.empty();
                }
                days.add(day.get());
            }
            return Optional.of(days);
        }

        private static <E extends Enum<E>> Optional<E> constant(E[] all, String text) {
            return Arrays.stream(all)
                    .filter(it -> it.name().toLowerCase(Locale.ROOT).equals(text))
                    .findFirst();
        }
    }
}
