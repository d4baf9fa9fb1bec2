package dev.holdfast.rest.pocketbase;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.plan.PlanStatus;
import dev.holdfast.application.settings.Documents;
import dev.holdfast.domain.database.DatabaseName;
import dev.holdfast.domain.plan.Plan;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The settings, kept in the catalogue; but when backups are made and how many stay is the database's plan, so that these
 * two say what really happens, whoever changed it.
 */
@Singleton
final class KeptSettings {
    private static final String DOCUMENT = "pocketbase.settings";
    private static final String CRON = "backups.cron";
    private static final String KEEP = "backups.cronMaxKeep";

    private final Documents documents;
    private final PlanStatus plans;
    private final PocketBaseDatabase database;
    private final JsonMapper json;
    private final Answers answers;
    private final ReentrantLock changing = new ReentrantLock();

    KeptSettings(Documents documents, PlanStatus plans, PocketBaseDatabase database, JsonMapper json, Answers answers) {
        this.documents = documents;
        this.plans = plans;
        this.database = database;
        this.json = json;
        this.answers = answers;
    }

    /** With its secrets. */
    JsonNode current() {
        PlanStatus.View view = plan();
        JsonNode kept = kept(view);
        Plan plan = view.inForce().plan();
        String cron = CronText.of(plan.backups().schedule());
        int last = plan.retention().last();
        boolean planned = !cron.isEmpty() || last > 0;
        JsonNode scheduled = SettingsTree.with(kept, CRON, JsonNode.createStringNode(cron));
        return planned ? SettingsTree.with(scheduled, KEEP, JsonNode.createNumberNode(last)) : scheduled;
    }

    private PlanStatus.View plan() {
        return switch (plans.find(database.name())) {
            case Outcome.Done<PlanStatus.View>(var view) -> view;
            case Outcome.Refused<PlanStatus.View>(var problem) -> throw new ProblemException(problem);
        };
    }

    private JsonNode kept(PlanStatus.View view) {
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
            JsonNode before = current();
            Optional<JsonNode> after = SettingsTree.merged(before, body);
            if (after.isEmpty()) {
                return new Change.Unreadable();
            }
            FieldErrors wrong = SettingsRules.check(after.get());
            return wrong.isEmpty() ? change(before, after.get(), who) : new Change.Wrong(wrong);
        } finally {
            changing.unlock();
        }
    }

    private Change change(JsonNode before, JsonNode after, String who) {
        String cron = SettingsTree.at(after, CRON).getStringValue();
        int keep = SettingsTree.at(after, KEEP).getIntValue();
        boolean asBefore = cron.equals(SettingsTree.at(before, CRON).getStringValue())
                && keep == SettingsTree.at(before, KEEP).getIntValue();
        if (!asBefore) {
            var terms = new LinkedHashMap<String, Optional<String>>();
            terms.put("schedule.kind", Optional.of(cron.isEmpty() ? "off" : "cron"));
            if (!cron.isEmpty()) {
                terms.put("schedule.line", Optional.of(cron));
            }
            terms.put("retention.last", Optional.of(Integer.toString(keep)));
            if (plans.change(database.name(), terms, who) instanceof Outcome.Refused<PlanStatus.View>(var problem)) {
                return refused(problem);
            }
        }
        documents.keep(new DatabaseName(database.name()), DOCUMENT, answers.text(after));
        return new Change.Made(current());
    }

    private static Change refused(Problem problem) {
        if (problem instanceof Problem.InvalidArgument(String field, String detail)) {
            String name = field.startsWith("retention") ? KEEP : CRON;
            return new Change.Wrong(new FieldErrors().add(name, "validation_invalid_cron", detail, Map.of()));
        }
        throw new ProblemException(problem);
    }
}
