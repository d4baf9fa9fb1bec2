package dev.holdfast.dialects.jobops.settings;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.application.settings.DialectDocuments;
import dev.holdfast.dialects.jobops.JobOpsDatabase;
import dev.holdfast.dialects.jobops.JobOpsResponses;
import dev.holdfast.dialects.jobops.Tree;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.plan.Plan;
import dev.holdfast.domain.schedule.Schedule;
import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The settings about backups. What is in force is the database's plan, so that they say what really happens, whoever
 * changed it; what a plan has no place for, such as the hour of a backup that is off, is kept beside it.
 */
@Singleton
final class JobOpsStoredSettings {
    private static final String DOCUMENT = "jobops.settings";

    private final DialectDocuments documents;
    private final PlanService plans;
    private final JobOpsDatabase database;
    private final JsonMapper json;
    private final JobOpsResponses answers;
    private final Audit audit;
    private final InstantSource clock;
    private final ReentrantLock changing = new ReentrantLock();

    JobOpsStoredSettings(
            DialectDocuments documents,
            PlanService plans,
            JobOpsDatabase database,
            JsonMapper json,
            JobOpsResponses answers,
            Audit audit,
            InstantSource clock) {
        this.documents = documents;
        this.plans = plans;
        this.database = database;
        this.json = json;
        this.answers = answers;
        this.audit = audit;
        this.clock = clock;
    }

    Outcome<BackupSettings> current() {
        return plans.find(database.name()).then(it -> Outcome.done(settings(it)));
    }

    private BackupSettings settings(PlanService.View view) {
        Map<SettingKey, Integer> kept = kept();
        var values = new EnumMap<SettingKey, Integer>(SettingKey.class);
        var overrides = new EnumMap<SettingKey, Integer>(SettingKey.class);
        for (SettingKey key : SettingKey.values()) {
            Optional<Integer> set = Optional.ofNullable(kept.get(key));
            int value = planned(key, view).or(() -> set).orElse(key.usual());
            values.put(key, value);
            // What somebody changed over another API is no less set than what was set here.
            set.filter(it -> it == value)
                    .or(() -> Optional.of(value).filter(it -> it != key.usual()))
                    .ifPresent(it -> overrides.put(key, it));
        }
        return new BackupSettings(values, overrides);
    }

    /** What the plan says of it; nothing for what a plan of that kind does not have. */
    private static Optional<Integer> planned(SettingKey key, PlanService.View view) {
        Plan plan = view.inForce().plan();
        Schedule schedule = plan.backups().schedule();
        return switch (key) {
            case ENABLED -> Optional.of(schedule instanceof Schedule.Off ? 0 : 1);
            case HOUR ->
                view.nextRun()
                        .filter(_ -> schedule instanceof Schedule.Daily)
                        .map(it -> it.atOffset(ZoneOffset.UTC).getHour());
            case MAX_COUNT ->
                Optional.of(plan.retention().last()).filter(it -> it > 0).map(key::clamped);
        };
    }

    private Map<SettingKey, Integer> kept() {
        var kept = new EnumMap<SettingKey, Integer>(SettingKey.class);
        documents
                .find(new DatabaseName(database.name()), DOCUMENT)
                .map(this::read)
                .ifPresent(it -> {
                    for (SettingKey key : SettingKey.values()) {
                        Optional.ofNullable(it.get(key.id()))
                                .flatMap(value -> kept(key, value))
                                .ifPresent(value -> kept.put(key, value));
                    }
                });
        return kept;
    }

    /** What does not fit is brought into the limits, and what is no value at all is none. */
    private static Optional<Integer> kept(SettingKey key, JsonNode value) {
        if (key.isSwitch() && value.isBoolean()) {
            return Optional.of(value.getBooleanValue() ? 1 : 0);
        }
        return value.isNumber() ? Optional.of(key.clamped(value.getIntValue())) : Optional.empty();
    }

    private JsonNode read(String text) {
        try {
            return json.readValue(text, Argument.of(JsonNode.class));
        } catch (IOException e) {
            throw new UncheckedIOException("what was kept is JSON", e);
        }
    }

    /** @param who for the audit */
    Outcome<BackupSettings> change(Map<SettingKey, Optional<Integer>> change, String who) {
        changing.lock();
        try {
            return plans.find(database.name()).then(view -> change(view, change, who));
        } finally {
            changing.unlock();
        }
    }

    private Outcome<BackupSettings> change(
            PlanService.View view, Map<SettingKey, Optional<Integer>> change, String who) {
        BackupSettings before = settings(view);
        BackupSettings after = before.with(change);
        var terms = terms(before, after, change, view.inForce().plan());
        Outcome<PlanService.View> planned =
                terms.isEmpty() ? Outcome.done(view) : plans.change(database.name(), terms, who);
        return planned.then(it -> {
            if (!change.isEmpty()) {
                keep(after);
            }
            // A change of the plan is in the audit as such.
            if (terms.isEmpty() && !after.overrides().equals(before.overrides())) {
                audit.add(new AuditEntry(
                        clock.instant(), who, "settings.change", new DatabaseName(database.name()), "of JobOps"));
            }
            return Outcome.done(settings(it));
        });
    }

    /**
     * What has to change about the plan, and no more: a client sends all of its form, and a finer plan that somebody made
     * over another API has to survive that.
     */
    private static Map<String, Optional<String>> terms(
            BackupSettings before, BackupSettings after, Map<SettingKey, Optional<Integer>> change, Plan plan) {
        var terms = new LinkedHashMap<String, Optional<String>>();
        boolean turned = after.enabled() != before.enabled();
        boolean moved = after.value(SettingKey.HOUR) != before.value(SettingKey.HOUR);
        if (after.enabled() && (turned || moved)) {
            terms.put("schedule.kind", Optional.of("daily"));
            terms.put("schedule.at", Optional.of("%02d:00".formatted(after.value(SettingKey.HOUR))));
            terms.put("time_zone", Optional.of("UTC"));
        } else if (turned) {
            terms.put("schedule.kind", Optional.of("off"));
        }
        boolean recounted = after.value(SettingKey.MAX_COUNT) != before.value(SettingKey.MAX_COUNT);
        boolean uncounted = plan.retention().last() == 0
                && (change.containsKey(SettingKey.MAX_COUNT) || (turned && after.enabled()));
        if (recounted || uncounted) {
            terms.put("retention.last", Optional.of(Integer.toString(after.value(SettingKey.MAX_COUNT))));
        }
        return terms;
    }

    private void keep(BackupSettings settings) {
        var tree = new Tree();
        settings.overrides().forEach((key, value) -> tree.put(key.id(), BackupSettings.node(key, value)));
        documents.keep(new DatabaseName(database.name()), DOCUMENT, answers.text(tree.node()));
    }
}
