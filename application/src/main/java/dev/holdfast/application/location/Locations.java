package dev.holdfast.application.location;

import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
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

    /**
     * Returns why no operation may touch the database; empty if all paths lead to where they did. That it cannot be found
     * out where a path leads is such a reason too.
     */
    public Optional<Problem> problem(DatabaseName database, Source source) {
        try {
            return changes(database, source).stream().findFirst().map(this::problem);
        } catch (ProblemException e) {
            return Optional.of(e.problem());
        }
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
            List<Path> own = before.stream()
                    .filter(it -> it.database().equals(database))
                    .map(KnownLocation::registered)
                    .toList();
            for (Path path : paths(source).toList()) {
                Optional<KnownLocation> location = known.find(path);
                if (location.isEmpty()) {
                    remember(database, path, !own.isEmpty());
                } else if (!location.get().database().equals(database)) {
                    take(location.get(), database);
                }
            }
            own.stream()
                    .filter(path -> registered.values().stream()
                            .noneMatch(it -> paths(it).anyMatch(path::equals)))
                    .forEach(known::forget);
            problem(database, source)
                    .or(() -> foreign(database, source))
                    .ifPresent(it -> LOG.log(Level.WARNING, "Database " + database + ": " + it.detail()));
        }

        /** A hard link or a mount changes no path. The operations refuse such a file. */
        private Optional<Problem> foreign(DatabaseName database, Source source) {
            try {
                paths(source).forEach(it -> places.requireOwn(database, it, places.resolve(database, it)));
                return Optional.empty();
            } catch (ProblemException e) {
                return Optional.of(e.problem());
            }
        }

        /**
         * A path that leads to what cannot be accepted is known as it is written. So it can be put right without a
         * confirmation, and a link that replaces it later is not followed unasked.
         */
        private void remember(DatabaseName database, Path path, boolean audited) {
            Optional<Path> resolved = acceptable(database, path);
            if (audited && resolved.isPresent()) {
                audit(database, path, resolved.get());
            }
            known.remember(new KnownLocation(
                    database,
                    path,
                    resolved.orElseGet(() -> path.toAbsolutePath().normalize())));
        }

        private Optional<Path> acceptable(DatabaseName database, Path path) {
            try {
                Path resolved = places.resolve(database, path);
                places.requireOwn(database, path, resolved);
                return Optional.of(resolved);
            } catch (ProblemException e) {
                return Optional.empty();
            }
        }

        private void audit(DatabaseName database, Path path, Path resolved) {
            audit.add(new AuditEntry(
                    clock.instant(), SETTINGS, "location.settings", database, path + ", which leads to " + resolved));
            LOG.log(
                    Level.WARNING,
                    "Database " + database + ": the settings name the path " + path
                            + ", which the server did not know. It leads to " + resolved
                            + " and is accepted. If you have not changed the settings, stop the server and look at them.");
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
}
