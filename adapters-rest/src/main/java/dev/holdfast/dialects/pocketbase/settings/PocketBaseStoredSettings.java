package dev.holdfast.dialects.pocketbase.settings;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.application.settings.DialectDocuments;
import dev.holdfast.dialects.pocketbase.FieldErrors;
import dev.holdfast.dialects.pocketbase.PocketBaseDatabase;
import dev.holdfast.dialects.pocketbase.PocketBaseResponses;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.plan.Plan;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The settings, kept in the catalogue; but when backups are made and how many stay is the database's plan, so that these
 * two say what really happens, whoever changed it.
 */
@Singleton
final class PocketBaseStoredSettings {
    private static final String DOCUMENT = "pocketbase.settings";
    private static final String CRON = "backups.cron";
    private static final String KEEP = "backups.cronMaxKeep";

    private final DialectDocuments documents;
    private final PlanService plans;
    private final PocketBaseDatabase database;
    private final JsonMapper json;
    private final PocketBaseResponses answers;
    private final Audit audit;
    private final InstantSource clock;
    private final ReentrantLock changing = new ReentrantLock();

    PocketBaseStoredSettings(
            DialectDocuments documents,
            PlanService plans,
            PocketBaseDatabase database,
            JsonMapper json,
            PocketBaseResponses answers,
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

    /** With its secrets. */
    JsonNode current() {
        return current(plan());
    }

    private JsonNode current(PlanService.View view) {
        JsonNode kept = kept(view);
        Plan plan = view.inForce().plan();
        String cron = CronText.of(plan.backups().schedule());
        int last = plan.retention().last();
        boolean planned = !cron.isEmpty() || !plan.retention().isEmpty();
        JsonNode scheduled = SettingsTree.with(kept, CRON, JsonNode.createStringNode(cron));
        return planned ? SettingsTree.with(scheduled, KEEP, JsonNode.createNumberNode(last)) : scheduled;
    }

    private PlanService.View plan() {
        return switch (plans.find(database.name())) {
            case Outcome.Done<PlanService.View>(var view) -> view;
            case Outcome.Refused<PlanService.View>(var problem) -> throw new ProblemException(problem);
        };
    }

    private JsonNode kept(PlanService.View view) {
        JsonNode defaults =
                SettingsTree.defaults(view.inForce().registered().database().prefix());
        return documents
                .find(new DatabaseName(database.name()), DOCUMENT)
                .flatMap(it -> SettingsTree.merged(defaults, read(it)))
                .orElse(defaults);
    }

    private JsonNode read(String text) {
        try {
            return json.readValue(text, Argument.of(JsonNode.class));
        } catch (IOException e) {
            throw new UncheckedIOException("what was kept is JSON", e);
        }
    }

    /** What became of a change. */
    sealed interface Change {
        record Made(JsonNode tree) implements Change {}

        record Unreadable() implements Change {}

        record Wrong(FieldErrors errors) implements Change {}
    }

    /** All of it is changed or nothing. */
    Change change(JsonNode body, String who) {
        changing.lock();
        try {
            PlanService.View view = plan();
            JsonNode before = current(view);
            Optional<JsonNode> after = SettingsTree.isDeep(body) ? Optional.empty() : SettingsTree.merged(before, body);
            if (after.isEmpty()) {
                return new Change.Unreadable();
            }
            FieldErrors wrong = SettingsRules.check(before, after.get());
            return wrong.isEmpty()
                    ? change(terms(before, after.get(), view), before, after.get(), who)
                    : new Change.Wrong(wrong);
        } finally {
            changing.unlock();
        }
    }

    /**
     * What has to change about the plan, and no more: a finer plan that somebody made elsewhere has to survive a change of
     * something else.
     */
    private static Map<String, Optional<String>> terms(JsonNode before, JsonNode after, PlanService.View view) {
        String cron = SettingsTree.at(after, CRON).getStringValue();
        int keep = SettingsTree.at(after, KEEP).getIntValue();
        boolean rescheduled = SettingsTree.isChanged(before, after, CRON);
        var terms = new LinkedHashMap<String, Optional<String>>();
        if (rescheduled) {
            terms.put("schedule.kind", Optional.of(cron.isEmpty() ? "off" : "cron"));
            if (!cron.isEmpty()) {
                terms.put("schedule.line", Optional.of(cron));
            }
        }
        // A plan that does nothing shows the number that will count once it does something.
        boolean begins = rescheduled
                && !cron.isEmpty()
                && view.inForce().plan().retention().isEmpty();
        if (SettingsTree.isChanged(before, after, KEEP) || begins) {
            terms.put("retention.last", Optional.of(Integer.toString(keep)));
        }
        return terms;
    }

    private Change change(Map<String, Optional<String>> terms, JsonNode before, JsonNode after, String who) {
        String text = answers.text(after); // first: nothing may fail once the plan has been changed
        if (!terms.isEmpty()
                && plans.change(database.name(), terms, who)
                        instanceof Outcome.Refused<PlanService.View>(var problem)) {
            return refused(problem);
        }
        documents.keep(new DatabaseName(database.name()), DOCUMENT, text);
        record(before, after, who);
        return new Change.Made(current());
    }

    /** The names of what was changed: values may be secrets. A change of the plan is in the audit as such. */
    private void record(JsonNode before, JsonNode after, String who) {
        JsonNode planned = SettingsTree.with(
                SettingsTree.with(after, CRON, SettingsTree.at(before, CRON)), KEEP, SettingsTree.at(before, KEEP));
        List<String> changed = new ArrayList<>();
        for (Map.Entry<String, JsonNode> member : planned.entries()) {
            if (!member.getValue().equals(before.get(member.getKey()))) {
                changed.add(member.getKey());
            }
        }
        if (!changed.isEmpty()) {
            audit.add(new AuditEntry(
                    clock.instant(),
                    who,
                    "settings.change",
                    new DatabaseName(database.name()),
                    "of PocketBase: " + String.join(", ", changed)));
        }
    }

    private static Change refused(Problem problem) {
        if (problem instanceof Problem.InvalidArgument(String field, String detail)) {
            return new Change.Wrong(
                    field.startsWith("retention")
                            ? FieldErrors.of(KEEP, "validation_invalid", detail)
                            : FieldErrors.of(CRON, "validation_invalid_cron", detail));
        }
        throw new ProblemException(problem);
    }
}
