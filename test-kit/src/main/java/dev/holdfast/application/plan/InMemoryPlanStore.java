package dev.holdfast.application.plan;

import dev.holdfast.domain.identity.DatabaseName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keeps plans as long as the test runs. */
public final class InMemoryPlanStore implements PlanStore, Audit {
    private record Place(DatabaseName database, Job job) {}

    private final Map<DatabaseName, Kept> kept = new HashMap<>();
    private final Map<Place, Progress> progress = new HashMap<>();
    private final Map<DatabaseName, Drill> drills = new HashMap<>();
    private final List<AuditEntry> entries = new ArrayList<>();

    @Override
    public synchronized Optional<Kept> find(DatabaseName database) {
        return Optional.ofNullable(kept.get(database));
    }

    @Override
    public synchronized void keep(DatabaseName database, Kept newlyKept, AuditEntry entry) {
        kept.put(database, newlyKept);
        entries.addFirst(entry);
    }

    @Override
    public synchronized void add(AuditEntry entry) {
        entries.addFirst(entry);
    }

    /** An entry for each time. */
    @Override
    public synchronized void count(RepeatedEntry repeated) {
        entries.addFirst(repeated.entry());
    }

    @Override
    public synchronized Optional<Progress> progress(DatabaseName database, Job job) {
        return Optional.ofNullable(progress.get(new Place(database, job)));
    }

    @Override
    public synchronized void save(DatabaseName database, Job job, Progress newProgress) {
        progress.put(new Place(database, job), newProgress);
    }

    @Override
    public synchronized Optional<Drill> lastDrill(DatabaseName database) {
        return Optional.ofNullable(drills.get(database));
    }

    @Override
    public synchronized void save(DatabaseName database, Drill drill) {
        drills.put(database, drill);
    }

    @Override
    public synchronized List<AuditEntry> newest(int limit) {
        if (limit < 1 || limit > MOST) {
            throw new IllegalArgumentException("limit: " + limit + " (expected: 1 to " + MOST + ")");
        }
        return entries.stream().limit(limit).toList();
    }
}
