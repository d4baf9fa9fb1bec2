package dev.holdfast.application.plan;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.plan.PlanParser.Reading;
import dev.holdfast.application.plan.PlanStore.Kept;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.plan.Plan;
import dev.holdfast.domain.problem.Problem;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The plan of each database: what the settings say, under what somebody has changed since. Safe for use by several
 * threads; a change is in force as soon as it is kept.
 */
public final class Plans {
    private static final System.Logger LOG = System.getLogger(Plans.class.getName());

    /** Also no checks of stored backups, which a plan that says nothing has. */
    private static final PlanProperties NOTHING = PlanProperties.of(Map.of("recheck_every", "never"));

    private final Databases databases;
    private final Map<DatabaseName, PlanProperties> configured;
    private final PlanStore store;
    private final PlanParser reader;
    private final InstantSource clock;
    private final ReentrantLock changing = new ReentrantLock();

    /** What was last said of a plan that cannot be read. */
    private final Map<DatabaseName, String> complaints = new ConcurrentHashMap<>();

    /** @param configured each a plan that {@code reader} takes; a database without one has a plan that does nothing */
    public Plans(
            Databases databases,
            Map<DatabaseName, PlanProperties> configured,
            PlanStore store,
            PlanParser reader,
            InstantSource clock) {
        this.databases = databases;
        this.configured = Map.copyOf(configured);
        this.store = store;
        this.reader = reader;
        this.clock = clock;
    }

    /** A plan in force, and who made it so. */
    public record EffectivePlan(RegisteredDatabase registered, Plan plan, PlanProperties terms, Optional<Kept> kept) {}

    public EffectivePlan of(RegisteredDatabase registered) {
        Database database = registered.database();
        Optional<Kept> kept = store.find(database.name());
        PlanProperties settings = configured.getOrDefault(database.name(), PlanProperties.NONE);
        PlanProperties terms = kept.map(it -> settings.under(it.terms())).orElse(settings);
        return switch (reader.read(terms, database.profile())) {
            case Reading.Right(Plan plan) -> {
                complaints.remove(database.name());
                yield new EffectivePlan(registered, plan, terms, kept);
            }
            case Reading.Wrong wrong -> {
                // Kept by another version, or under other settings: never a reason to do something else unasked.
                complain(database.name(), wrong);
                yield new EffectivePlan(registered, nothing(database), PlanProperties.NONE, kept);
            }
        };
    }

    /** Once for each trouble, for plans are looked at every second. */
    private void complain(DatabaseName database, Reading.Wrong wrong) {
        String summary = wrong.summary();
        if (!summary.equals(complaints.put(database, summary))) {
            LOG.log(
                    Level.ERROR,
                    "The plan of database " + database + " cannot be read, nothing is done by itself: " + summary);
        }
    }

    private Plan nothing(Database database) {
        return switch (reader.read(NOTHING, database.profile())) {
            case Reading.Right(Plan plan) -> plan;
            case Reading.Wrong wrong -> throw new IllegalStateException(wrong.summary());
        };
    }

    public Outcome<EffectivePlan> find(String database) {
        return Outcome.attempt(() -> databases.find(database).then(it -> Outcome.done(of(it))));
    }

    /** @param database registered */
    public Plan plan(DatabaseName database) {
        return databases.all().stream()
                .filter(it -> it.database().name().equals(database))
                .findFirst()
                .map(it -> of(it).plan())
                .orElseThrow(() -> new IllegalArgumentException("database: " + database + " (expected: registered)"));
    }

    /**
     * Changes what {@code change} names, all of it or nothing.
     *
     * @param change terms by name; an empty one goes back to what the settings say
     * @param who for the audit
     * @return refused with {@code InvalidArgument} that names every term that does not fit
     */
    public Outcome<EffectivePlan> change(String database, Map<String, Optional<String>> change, String who) {
        changing.lock();
        try {
            return find(database).then(before -> change(before, change, who));
        } finally {
            changing.unlock();
        }
    }

    /** What {@link #change} would put in force; keeps nothing. */
    public Outcome<EffectivePlan> preview(String database, Map<String, Optional<String>> change) {
        return find(database).then(before -> changed(before, change, kept(before)));
    }

    private Outcome<EffectivePlan> change(EffectivePlan before, Map<String, Optional<String>> change, String who) {
        var now = clock.instant();
        var made = new Kept(kept(before).changed(change), who, now);
        return changed(before, change, kept(before)).then(after -> {
            DatabaseName name = before.registered().database().name();
            String described = described(before.terms(), after.terms());
            store.keep(name, made, new AuditEntry(now, who, "plan.change", name, described));
            return Outcome.done(new EffectivePlan(after.registered(), after.plan(), after.terms(), Optional.of(made)));
        });
    }

    private static PlanProperties kept(EffectivePlan plan) {
        return plan.kept().map(Kept::terms).orElse(PlanProperties.NONE);
    }

    private Outcome<EffectivePlan> changed(
            EffectivePlan before, Map<String, Optional<String>> change, PlanProperties kept) {
        Database database = before.registered().database();
        PlanProperties terms =
                configured.getOrDefault(database.name(), PlanProperties.NONE).under(kept.changed(change));
        Map<String, String> wrong = unknown(change, kept);
        return switch (reader.read(terms, database.profile())) {
            case Reading.Right(Plan plan)
            when wrong.isEmpty() -> Outcome.done(new EffectivePlan(before.registered(), plan, terms, before.kept()));
            case Reading.Right _ -> refused(wrong);
            case Reading.Wrong(Map<String, String> more) -> {
                wrong.putAll(more);
                yield refused(wrong);
            }
        };
    }

    private static <T> Outcome<T> refused(Map<String, String> wrong) {
        return Outcome.refused(new Problem.InvalidArgument(
                PlanParser.name(wrong.keySet().iterator().next()), new Reading.Wrong(wrong).summary()));
    }

    /** Also of terms that are only taken back, unless they are there: another version may have known them. */
    private static Map<String, String> unknown(Map<String, Optional<String>> change, PlanProperties kept) {
        var unknown = new TreeMap<String, String>();
        change.keySet().stream()
                .filter(it -> !PlanParser.NAMES.contains(it))
                .filter(it -> kept.get(it).isEmpty())
                .forEach(it -> unknown.put(it, PlanParser.UNKNOWN));
        return unknown;
    }

    private static String described(PlanProperties before, PlanProperties after) {
        var changes = new ArrayList<String>();
        var names = new TreeSet<>(before.values().keySet());
        names.addAll(after.values().keySet());
        for (String name : names) {
            String was = before.get(name).orElse("unset");
            String is = after.get(name).orElse("unset");
            if (!was.equals(is)) {
                changes.add(name + ": " + was + " -> " + is);
            }
        }
        return changes.isEmpty() ? "nothing" : String.join(", ", changes);
    }
}
