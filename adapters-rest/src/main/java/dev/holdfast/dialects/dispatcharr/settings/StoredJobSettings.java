package dev.holdfast.dialects.dispatcharr.settings;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.dialects.dispatcharr.DispatcharrApiError;
import dev.holdfast.dialects.dispatcharr.DispatcharrResponses;
import dev.holdfast.dialects.dispatcharr.Json;
import dev.holdfast.domain.plan.Plan;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.domain.schedule.Schedule;
import dev.holdfast.domain.schedule.Timetable;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Singleton;
import java.math.BigInteger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * The job API's settings. As with {@link StoredSchedule} times and retention are the database's plan; what belongs to a
 * backup is a {@link DirectoryChoice}.
 */
@Singleton
final class StoredJobSettings {
    private static final String DOCUMENT = "dispatcharr.job-schedule";
    private static final Set<String> PRESETS = Set.of("hourly", "daily", "weekly", "monthly", "custom");
    private static final Pattern NUMBERS = Pattern.compile("[\\d*/,\\-]+");
    private static final Pattern NAMES = Pattern.compile("[\\da-zA-Z*/,\\-]+");
    private static final List<String> PARTS = List.of("minute", "hour", "day_of_month", "month", "day_of_week");
    private static final Set<String> NAMED = Set.of("month", "day_of_week");
    private static final int LONGEST_PATH = 1024;
    private static final int LONGEST_EXTRA = 255;
    private static final int LARGEST_RETENTION = 100_000;

    private final StoredPlan kept;
    private final DispatcharrPlaces places;
    private final DispatcharrResponses answers;

    StoredJobSettings(StoredPlan kept, DispatcharrPlaces places, DispatcharrResponses answers) {
        this.kept = kept;
        this.places = places;
        this.answers = answers;
    }

    JsonNode current() {
        Plan plan = switch (kept.plan()) {
            case Outcome.Done<PlanService.View>(var view) -> view.inForce().plan();
            case Outcome.Refused<PlanService.View>(var problem) -> throw new ProblemException(problem);
        };
        DirectoryChoice choice = kept.choice();
        return Json.object(
                "enabled",
                !(plan.backups().schedule() instanceof Schedule.Off),
                "retention",
                plan.retention().last(),
                "path",
                places.chosen(),
                "extra_paths",
                Json.texts(choice.extra().stream().map(Path::toString).toList()),
                "include_recordings",
                choice.recordings(),
                "schedule",
                schedule(plan.backups()));
    }

    /** What a client has set, unless the plan says something else meanwhile. */
    private JsonNode schedule(Timetable timetable) {
        JsonNode set = kept.document(DOCUMENT)
                .map(answers::readKept)
                .orElseGet(() -> tree("daily", new CronParts("15", "3", "*", "*", "*")));
        boolean off = timetable.schedule() instanceof Schedule.Off;
        CronParts now = CronParts.of(timetable.schedule());
        JsonNode shown = off || now.equals(parts(set)) ? set : tree(preset(timetable.schedule()), now);
        return Json.with(
                shown,
                Map.of("timezone", JsonNode.createStringNode(timetable.zone().getId())));
    }

    private static String preset(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Off _, Schedule.Daily _ -> "daily";
            case Schedule.Hourly _ -> "hourly";
            case Schedule.Weekly _ -> "weekly";
            case Schedule.Monthly _ -> "monthly";
            case Schedule.Cron _ -> "custom";
        };
    }

    private static JsonNode tree(String preset, CronParts parts) {
        return Json.object(
                "preset", preset,
                "minute", parts.minute(),
                "hour", parts.hour(),
                "day_of_month", parts.dayOfMonth(),
                "month", parts.month(),
                "day_of_week", parts.dayOfWeek());
    }

    private static CronParts parts(JsonNode schedule) {
        return new CronParts(
                Json.text(schedule, "minute").orElse("*"),
                Json.text(schedule, "hour").orElse("*"),
                Json.text(schedule, "day_of_month").orElse("*"),
                Json.text(schedule, "month").orElse("*"),
                Json.text(schedule, "day_of_week").orElse("*"));
    }

    /** All of it or nothing. @return what is wrong */
    Optional<DispatcharrApiError> change(JsonNode fields, String who) {
        var wrong = new LinkedHashMap<String, JsonNode>();
        checkEnabled(fields, wrong);
        checkRetention(fields, wrong);
        checkPath(fields, wrong);
        List<Path> extra = extra(fields, wrong);
        Optional<Boolean> recordings = recordings(fields, wrong);
        checkSchedule(fields, wrong);
        if (!wrong.isEmpty()) {
            return Optional.of(new DispatcharrApiError(400, JsonNode.createObjectNode(wrong)));
        }
        JsonNode given = Optional.ofNullable(fields.get("extra_paths")).orElseGet(() -> Json.array(List.of()));
        if (answers.text(given).length() > LONGEST_EXTRA) {
            return Optional.of(DispatcharrApiError.detail(400, "Too many backup paths specified"));
        }
        return kept.changing(() -> atPath(
                Json.text(fields, "path").orElse(""),
                () -> keep(fields, it -> new DirectoryChoice(true, recordings.orElse(it.recordings()), extra), who),
                who));
    }

    /** Changes the folder of new backups with all else, or nothing. */
    private Optional<DispatcharrApiError> atPath(
            String text, Supplier<Optional<DispatcharrApiError>> change, String who) {
        if (isChosen(text)) {
            return change.get();
        }
        return switch (places.choose(text)) {
            case DispatcharrPlaces.Choice.Forbidden(String reason) ->
                Optional.of(DispatcharrApiError.detail(403, reason));
            case DispatcharrPlaces.Choice.Inaccessible(String reason) ->
                Optional.of(new DispatcharrApiError(
                        400, Json.object("path", errors("Unable to access backup path: " + reason))));
            case DispatcharrPlaces.Choice.Open(Runnable commit, Runnable undo) -> {
                boolean changed = false;
                try {
                    Optional<DispatcharrApiError> error = change.get();
                    changed = error.isEmpty();
                    yield error;
                } finally {
                    (changed ? commit : undo).run();
                    if (changed) {
                        kept.audit(who, List.of("path"));
                    }
                }
            }
        };
    }

    /** A client sends all of its form; the folder need not be usable right now for the rest to be changed. */
    private boolean isChosen(String text) {
        try {
            return places.backups().resolve(text).equals(places.chosen());
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static JsonNode errors(String... texts) {
        return Json.texts(List.of(texts));
    }

    private static void checkEnabled(JsonNode fields, Map<String, JsonNode> wrong) {
        JsonNode enabled = fields.get("enabled");
        if (enabled == null) {
            wrong.put("enabled", errors("This field is required."));
        } else if (!enabled.isBoolean()) {
            wrong.put("enabled", errors("Must be a valid boolean."));
        }
    }

    private static void checkRetention(JsonNode fields, Map<String, JsonNode> wrong) {
        JsonNode retention = fields.get("retention");
        Optional<BigInteger> number = Optional.ofNullable(retention).flatMap(Json::integer);
        if (retention == null) {
            wrong.put("retention", errors("This field is required."));
        } else if (number.isEmpty()) {
            wrong.put("retention", errors("A valid integer is required."));
        } else if (number.get().signum() < 0) {
            wrong.put("retention", errors("Ensure this value is greater than or equal to 0."));
        } else if (number.get().compareTo(BigInteger.valueOf(LARGEST_RETENTION)) > 0) {
            wrong.put("retention", errors("Ensure this value is less than or equal to " + LARGEST_RETENTION + "."));
        }
    }

    private static void checkPath(JsonNode fields, Map<String, JsonNode> wrong) {
        JsonNode path = fields.get("path");
        String text = Json.text(fields, "path").orElse("");
        if (path == null) {
            wrong.put("path", errors("This field is required."));
        } else if (text.isBlank()) {
            wrong.put("path", errors("This field may not be blank."));
        } else if (text.length() > LONGEST_PATH) {
            wrong.put("path", errors("Ensure this field has no more than " + LONGEST_PATH + " characters."));
        }
    }

    private Optional<Path> path(String text) {
        try {
            return Optional.of(places.backups().resolve(text).normalize());
        } catch (InvalidPathException _) {
            return Optional.empty(); // told as a path that cannot be used
        }
    }

    private List<Path> extra(JsonNode fields, Map<String, JsonNode> wrong) {
        JsonNode given = fields.get("extra_paths");
        List<Path> extra = new ArrayList<>();
        if (given == null) {
            return extra;
        }
        if (!given.isArray()) {
            wrong.put("extra_paths", errors("Expected a list of items."));
            return extra;
        }
        for (JsonNode item : given.values()) {
            Optional<Path> path = Optional.of(item)
                    .filter(JsonNode::isString)
                    .map(JsonNode::getStringValue)
                    .filter(it -> it.startsWith("/") && it.chars().noneMatch(Character::isISOControl))
                    .flatMap(this::path);
            if (path.isEmpty()) {
                wrong.put("extra_paths", errors("Not a valid path."));
                return List.of();
            }
            if (!extra.contains(path.get())) {
                extra.add(path.get());
            }
        }
        places.refusal(extra).ifPresent(it -> wrong.put("extra_paths", errors(it)));
        return extra;
    }

    /** Empty for as before. */
    private static Optional<Boolean> recordings(JsonNode fields, Map<String, JsonNode> wrong) {
        Optional<JsonNode> given = Optional.ofNullable(fields.get("include_recordings"));
        if (given.filter(it -> !it.isBoolean()).isPresent()) {
            wrong.put("include_recordings", errors("Must be a valid boolean."));
            return Optional.empty();
        }
        return given.map(JsonNode::getBooleanValue);
    }

    private static void checkSchedule(JsonNode fields, Map<String, JsonNode> wrong) {
        JsonNode schedule = fields.get("schedule");
        if (schedule == null || !schedule.isObject()) {
            wrong.put("schedule", errors("This field is required."));
            return;
        }
        var inside = new LinkedHashMap<String, JsonNode>();
        String preset = Json.text(schedule, "preset").orElse("");
        if (!PRESETS.contains(preset)) {
            inside.put(
                    "preset",
                    errors(
                            schedule.get("preset") == null
                                    ? "This field is required."
                                    : "\"" + preset + "\" is not a valid choice."));
        }
        for (String part : PARTS) {
            String text = Json.text(schedule, part).orElse("");
            if (schedule.get(part) == null) {
                inside.put(part, errors("This field is required."));
            } else if (!(NAMED.contains(part) ? NAMES : NUMBERS).matcher(text).matches()) {
                inside.put(part, errors("This value does not match the required pattern."));
            }
        }
        if (schedule.get("timezone") != null
                && Json.text(schedule, "timezone").flatMap(Timetable::zone).isEmpty()) {
            inside.put("timezone", errors("Unknown timezone"));
        }
        if (!inside.isEmpty()) {
            wrong.put("schedule", JsonNode.createObjectNode(inside));
        }
    }

    /**
     * What has to change about the plan, and no more: a client sends all of its form, and a finer plan that somebody made
     * elsewhere has to survive that.
     */
    private Map<String, Optional<String>> changed(JsonNode fields, JsonNode schedule) {
        JsonNode before = current();
        JsonNode scheduledBefore = Json.member(before, "schedule");
        boolean enabled = Json.member(fields, "enabled").getBooleanValue();
        boolean turned = enabled != Json.member(before, "enabled").getBooleanValue();
        boolean moved = !parts(schedule).equals(parts(scheduledBefore));
        var terms = new LinkedHashMap<String, Optional<String>>();
        if (enabled && (turned || moved)) {
            terms.put("schedule.kind", Optional.of("cron"));
            terms.put("schedule.line", Optional.of(parts(schedule).line()));
        } else if (turned) {
            terms.put("schedule.kind", Optional.of("off"));
        }
        Json.text(schedule, "timezone")
                .filter(it -> !Json.text(scheduledBefore, "timezone").equals(Optional.of(it)))
                .ifPresent(it -> terms.put("time_zone", Optional.of(it)));
        Optional<BigInteger> retention = Json.integer(Json.member(fields, "retention"));
        if (!retention.equals(Json.integer(Json.member(before, "retention")))) {
            terms.put("retention.last", retention.map(BigInteger::toString));
        }
        return terms;
    }

    private Optional<DispatcharrApiError> keep(JsonNode fields, UnaryOperator<DirectoryChoice> choose, String who) {
        JsonNode schedule = Json.member(fields, "schedule");
        String shown = answers.text(tree(Json.text(schedule, "preset").orElse("custom"), parts(schedule)));
        return switch (kept.change(changed(fields, schedule), choose, DOCUMENT, shown, who)) {
            case Outcome.Done<PlanService.View> _ -> Optional.empty();
            case Outcome.Refused<PlanService.View>(Problem.InvalidArgument(String _, String detail)) ->
                Optional.of(new DispatcharrApiError(400, Json.object("schedule", errors(detail))));
            case Outcome.Refused<PlanService.View>(var problem) -> throw new ProblemException(problem);
        };
    }
}
