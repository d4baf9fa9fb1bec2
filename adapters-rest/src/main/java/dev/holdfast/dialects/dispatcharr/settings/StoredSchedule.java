package dev.holdfast.dialects.dispatcharr.settings;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.dialects.dispatcharr.DispatcharrResponses;
import dev.holdfast.dialects.dispatcharr.Json;
import dev.holdfast.domain.plan.Plan;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.domain.schedule.Schedule;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Singleton;
import java.math.BigInteger;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The schedule as the released API shows it. When backups are made and how many stay is the database's plan, so that this
 * says what really happens, whoever changed it; what a plan has no place for, such as the time of a schedule that is off,
 * is kept beside it.
 */
@Singleton
final class StoredSchedule {
    private static final String DOCUMENT = "dispatcharr.schedule";
    private static final List<String> KEYS =
            List.of("enabled", "frequency", "time", "day_of_week", "retention_count", "cron_expression");
    private static final Pattern TIME = Pattern.compile("\\s*(\\d{1,2})\\s*:\\s*(\\d{1,2})\\s*");
    private static final String WRONG_TIME = "time must be in HH:MM format";
    private static final String WRONG_PARTS = "Cron expression must have 5 parts: minute hour day month weekday";
    private static final BigInteger MOST_KEPT = BigInteger.valueOf(100_000);
    private static final int PARTS = 5;

    private final StoredPlan kept;
    private final DispatcharrResponses answers;

    StoredSchedule(StoredPlan kept, DispatcharrResponses answers) {
        this.kept = kept;
        this.answers = answers;
    }

    JsonNode current() {
        Plan plan = plan();
        JsonNode set = Json.with(
                kept.document(DOCUMENT).map(answers::readKept).orElseGet(StoredSchedule::defaults),
                Map.of(
                        "retention_count",
                        JsonNode.createNumberNode(plan.retention().last())));
        var shown = new LinkedHashMap<String, JsonNode>();
        shown.put("enabled", JsonNode.createBooleanNode(!(plan.backups().schedule() instanceof Schedule.Off)));
        switch (plan.backups().schedule()) {
            case Schedule.Off() -> {}
            case Schedule.Daily(LocalTime at) -> {
                simple("daily", at, shown);
            }
            case Schedule.Weekly weekly
            when weekly.days().size() == 1 -> {
                simple("weekly", weekly.at(), shown);
                int day = weekly.days().iterator().next().getValue() % DayOfWeek.values().length;
                shown.put("day_of_week", JsonNode.createNumberNode(day));
            }
            case Schedule.Weekly _, Schedule.Hourly _, Schedule.Monthly _, Schedule.Cron _ ->
                shown.put(
                        "cron_expression",
                        JsonNode.createStringNode(
                                CronParts.of(plan.backups().schedule()).line()));
        }
        return Json.with(set, shown);
    }

    private static JsonNode defaults() {
        return Json.object(
                "enabled",
                false,
                "frequency",
                "daily",
                "time",
                "03:00",
                "day_of_week",
                0,
                "retention_count",
                0,
                "cron_expression",
                "");
    }

    private static void simple(String frequency, LocalTime at, Map<String, JsonNode> shown) {
        shown.put("frequency", JsonNode.createStringNode(frequency));
        shown.put("time", JsonNode.createStringNode(at.toString()));
        shown.put("cron_expression", JsonNode.createStringNode(""));
    }

    private Plan plan() {
        return switch (kept.plan()) {
            case Outcome.Done<PlanService.View>(var view) -> view.inForce().plan();
            case Outcome.Refused<PlanService.View>(var problem) -> throw new ProblemException(problem);
        };
    }

    /** What became of a change. */
    sealed interface Change {
        record Made(JsonNode tree) implements Change {}

        record Wrong(String detail) implements Change {}

        record Unreadable(String why) implements Change {}
    }

    /** All of it is changed or nothing. */
    Change change(JsonNode fields, String who) {
        var members = new LinkedHashMap<String, JsonNode>();
        for (String key : KEYS) {
            JsonNode given = fields.get(key);
            if (given != null) {
                switch (checked(key, given)) {
                    case Change.Made(JsonNode value) -> members.put(key, value);
                    case Change.Wrong wrong -> {
                        return wrong;
                    }
                    case Change.Unreadable unreadable -> {
                        return unreadable;
                    }
                }
            }
        }
        return kept.changing(() -> {
            JsonNode before = current();
            return keep(before, Json.with(before, members), who);
        });
    }

    private static Change checked(String key, JsonNode given) {
        return switch (key) {
            case "enabled" -> new Change.Made(JsonNode.createBooleanNode(isTrue(given)));
            case "frequency" ->
                text(given)
                        .filter(it -> it.equals("daily") || it.equals("weekly"))
                        .<Change>map(_ -> new Change.Made(given))
                        .orElseGet(() -> new Change.Wrong("frequency must be 'daily' or 'weekly'"));
            case "time" ->
                text(given)
                        .flatMap(StoredSchedule::time)
                        .<Change>map(it -> new Change.Made(JsonNode.createStringNode(it)))
                        .orElseGet(() -> new Change.Wrong(WRONG_TIME));
            case "day_of_week" ->
                number(
                        given,
                        it -> it.signum() >= 0 && it.compareTo(BigInteger.valueOf(6)) <= 0
                                ? Optional.empty()
                                : Optional.of("day_of_week must be 0-6 (Sunday-Saturday)"));
            case "retention_count" ->
                number(
                        given,
                        it -> it.signum() < 0
                                ? Optional.of("retention_count must be >= 0")
                                : it.compareTo(MOST_KEPT) > 0
                                        ? Optional.of("retention_count must be <= " + MOST_KEPT)
                                        : Optional.empty());
            default ->
                text(given)
                        .<Change>map(it -> new Change.Made(JsonNode.createStringNode(it.strip())))
                        .orElseGet(() -> new Change.Wrong(WRONG_PARTS));
        };
    }

    private static Optional<String> text(JsonNode node) {
        return Optional.of(node).filter(JsonNode::isString).map(JsonNode::getStringValue);
    }

    /** As Python takes it: the text "false" is true. */
    private static boolean isTrue(JsonNode node) {
        return node.isBoolean()
                ? node.getBooleanValue()
                : node.isString()
                        ? !node.getStringValue().isEmpty()
                        : node.isNumber() ? node.getDoubleValue() != 0 : !node.isNull() && node.size() > 0;
    }

    private static Optional<String> time(String text) {
        Matcher matcher = TIME.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int hour = Integer.parseInt(matcher.group(1));
        int minute = Integer.parseInt(matcher.group(2));
        return hour < 24 && minute < 60
                ? Optional.of(String.format(Locale.ROOT, "%02d:%02d", hour, minute))
                : Optional.empty();
    }

    private static Change number(JsonNode given, Function<BigInteger, Optional<String>> wrong) {
        if (given.isNull()) {
            return new Change.Unreadable(
                    "int() argument must be a string, a bytes-like object or a real number, not 'NoneType'");
        }
        Optional<BigInteger> number = Json.integer(given);
        if (number.isEmpty()) {
            return new Change.Wrong("invalid literal for int() with base 10: '"
                    + (given.isValueNode() ? given.coerceStringValue() : "") + "'");
        }
        return wrong.apply(number.get())
                .<Change>map(Change.Wrong::new)
                .orElseGet(() ->
                        new Change.Made(JsonNode.createNumberNode(number.get().intValue())));
    }

    private Change keep(JsonNode before, JsonNode after, String who) {
        Map<String, Optional<String>> schedule = schedule(after);
        // No more than what changes: a finer plan that somebody made elsewhere has to survive a change of something
        // else.
        var terms = new LinkedHashMap<String, Optional<String>>();
        if (!schedule.equals(schedule(before))) {
            String line =
                    schedule.getOrDefault("schedule.line", Optional.empty()).orElse("");
            if (!line.isEmpty() && line.split(" ", -1).length != PARTS) {
                return new Change.Wrong(WRONG_PARTS);
            }
            terms.putAll(schedule);
        }
        int count = Json.member(after, "retention_count").getIntValue();
        if (count != Json.member(before, "retention_count").getIntValue()) {
            terms.put("retention.last", Optional.of(Integer.toString(count)));
        }
        return switch (kept.change(terms, it -> it.withTarGz(false), DOCUMENT, answers.text(after), who)) {
            case Outcome.Done<PlanService.View> _ -> new Change.Made(current());
            case Outcome.Refused<PlanService.View>(Problem.InvalidArgument(String _, String detail)) ->
                new Change.Wrong(detail);
            case Outcome.Refused<PlanService.View>(var problem) -> throw new ProblemException(problem);
        };
    }

    private static Map<String, Optional<String>> schedule(JsonNode after) {
        String cron = Json.text(after, "cron_expression").orElse("");
        boolean enabled = isTrue(Json.member(after, "enabled"));
        var terms = new LinkedHashMap<String, Optional<String>>();
        if (!enabled) {
            terms.put("schedule.kind", Optional.of("off"));
        } else if (!cron.isEmpty()) {
            terms.put("schedule.kind", Optional.of("cron"));
            terms.put("schedule.line", Optional.of(String.join(" ", cron.split("\\s+", -1))));
        } else {
            String frequency = Json.text(after, "frequency").orElse("daily");
            terms.put("schedule.kind", Optional.of(frequency));
            terms.put("schedule.at", Json.text(after, "time"));
            if (frequency.equals("weekly")) {
                int day = Json.member(after, "day_of_week").getIntValue();
                DayOfWeek named = DayOfWeek.of(day == 0 ? DayOfWeek.SUNDAY.getValue() : day);
                terms.put("schedule.days", Optional.of(named.name().toLowerCase(Locale.ROOT)));
            }
        }
        return terms;
    }
}
