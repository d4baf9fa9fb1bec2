package dev.holdfast.application.location;

import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.domain.database.DatabaseName;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Compares where the registered paths lead with what was accepted. See {@code docs/internals/locations.md}. */
public final class Locations {
    private static final System.Logger LOG = System.getLogger(Locations.class.getName());

    /** For the audit. */
    private static final String SETTINGS = "settings";

    private final KnownLocations known;
    private final Places places;

    public Locations(KnownLocations known, Places places) {
        this.known = known;
        this.places = places;
    }

    /**
     * A path that leads elsewhere than was accepted.
     *
     * @param database that the settings name now; {@code before} may still have an earlier name
     */
    record Change(DatabaseName database, KnownLocation before, Path resolved) {
        KnownLocation accepted() {
            return new KnownLocation(database, before.registered(), resolved);
        }
    }

    static Stream<Path> paths(Source source) {
        return Stream.concat(source.databaseFiles().stream(), source.directories().stream());
    }

    List<Change> changes(DatabaseName database, Source source) {
        List<Change> changes = new ArrayList<>();
        paths(source)
                .forEach(path -> known.find(path)
                        .map(it -> new Change(database, it, places.resolve(database, path)))
                        .filter(it -> !it.resolved().equals(it.before().resolved()))
                        .ifPresent(changes::add));
        return changes;
    }

    /** Returns the places that paths of the database lead to now, and that are not accepted. */
    public List<Path> newPlaces(DatabaseName database, Source source) {
        return changes(database, source).stream()
                .map(Change::resolved)
                .distinct()
                .toList();
    }

    /** Returns why no operation may touch the database; empty if all paths lead to where they did. */
    public Optional<Problem> problem(DatabaseName database, Source source) {
        return changes(database, source).stream().findFirst().map(this::problem);
    }

    private Problem problem(Change change) {
        try {
            places.requireOwn(change.database(), change.before().registered(), change.resolved());
            return new Problem.LocationChanged(
                    change.database(),
                    change.before().registered(),
                    change.before().resolved(),
                    change.resolved());
        } catch (ProblemException e) {
            return e.problem();
        }
    }

    boolean replace(Change change) {
        return known.replace(change.before(), change.accepted());
    }

    void requireOwn(Change change) {
        places.requireOwn(change.database(), change.before().registered(), change.resolved());
    }

    /**
     * Begins a start. Looks at no file.
     *
     * @param registered all databases of the settings
     */
    public Beginning begin(Map<DatabaseName, Source> registered, Audit audit, InstantSource clock) {
        return new Beginning(Map.copyOf(registered), known.all(), audit, clock);
    }

    /** What a start does with each database. Databases may begin in any order, and at the same time. */
    public final class Beginning {
        private final Map<DatabaseName, Source> registered;
        private final List<KnownLocation> before;
        private final Audit audit;
        private final InstantSource clock;

        private Beginning(
                Map<DatabaseName, Source> registered, List<KnownLocation> before, Audit audit, InstantSource clock) {
            this.registered = registered;
            this.before = before;
            this.audit = audit;
            this.clock = clock;
        }

        /**
         * Remembers where paths lead that are not known yet. A known path stays as it was accepted, also if it belonged to a
         * database of another name. May hang if the file system of a path does.
         */
        public void begin(DatabaseName database) {
            Source source = Optional.ofNullable(registered.get(database))
                    .orElseThrow(() -> new IllegalArgumentException(
                            "database: " + database + " (expected: one that is registered)"));
            List<KnownLocation> own =
                    before.stream().filter(it -> it.database().equals(database)).toList();
            for (Path path : paths(source).toList()) {
                Optional<KnownLocation> location = known.find(path);
                if (location.isEmpty()) {
                    accept(new KnownLocation(database, path, places.resolve(database, path)), own, audit, clock);
                } else if (!location.get().database().equals(database)) {
                    take(location.get(), database);
                }
            }
            own.stream()
                    .map(KnownLocation::registered)
                    .filter(path -> registered.values().stream()
                            .noneMatch(it -> paths(it).anyMatch(path::equals)))
                    .forEach(known::forget);
            problem(database, source)
                    .ifPresent(it -> LOG.log(Level.WARNING, "Database " + database + ": " + it.detail()));
        }

        private void take(KnownLocation location, DatabaseName database) {
            if (known.replace(location, location.of(database))) {
                audit.add(new AuditEntry(
                        clock.instant(),
                        SETTINGS,
                        "location.settings",
                        database,
                        location.registered() + ", which was a path of database " + location.database()
                                + ". It was accepted as leading to " + location.resolved() + ", and stays so"));
            }
        }
    }

    /** @param before what was known of the database: nothing at the first start of a version that remembers */
    private void accept(KnownLocation location, List<KnownLocation> before, Audit audit, InstantSource clock) {
        try {
            places.requireOwn(location.database(), location.registered(), location.resolved());
        } catch (ProblemException e) {
            LOG.log(
                    Level.WARNING,
                    "Database " + location.database() + ": " + e.problem().detail());
            return;
        }
        if (!before.isEmpty()) {
            audit.add(new AuditEntry(
                    clock.instant(),
                    SETTINGS,
                    "location.settings",
                    location.database(),
                    location.registered() + ", which leads to " + location.resolved()));
            LOG.log(
                    Level.WARNING,
                    "Database " + location.database() + ": the settings name the path " + location.registered()
                            + ", which the server did not know. It leads to " + location.resolved()
                            + " and is accepted. If you have not changed the settings, stop the server and look at them.");
        }
        known.remember(location);
    }
}
