package dev.holdfast.rest.monitoring;

import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.plan.Freshness;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether a backup could be made now: every store and the data directory can be written. Looks at most once in {@link
 * #REMEMBERED}, however often it is asked, and waits no longer than {@link #PATIENCE} for a place that hangs. So a hang is
 * reported within five seconds, the sum of both at most.
 */
public final class Readiness {
    static final Duration REMEMBERED = Duration.ofSeconds(1);
    static final Duration PATIENCE = Duration.ofMillis(3500);

    /** Each answers what is wrong, if anything is. */
    private final List<Probe<Optional<String>>> probes;

    private final Probe<Map<String, String>> remarks;
    private final InstantSource clock;
    private final Duration patience;
    private @Nullable Instant lookedAt;
    private Report last = new Report(Map.of(), Map.of());

    private Readiness(
            List<Probe<Optional<String>>> probes,
            Probe<Map<String, String>> remarks,
            InstantSource clock,
            Duration patience) {
        this.probes = probes;
        this.remarks = remarks;
        this.clock = clock;
        this.patience = patience;
    }

    /**
     * @param halfRestored what each file of a database holds if a restore of it was cut off: no backup of it can be made
     * @param dataDirectory must exist
     * @param threads runs each probe; one that hangs keeps its thread until it ends, and is not started again until then
     */
    public static Readiness of(
            Databases databases,
            ListDatabases listDatabases,
            Function<Database, Optional<String>> halfRestored,
            Path dataDirectory,
            InstantSource clock,
            Executor threads) {
        return of(databases, listDatabases, halfRestored, dataDirectory, clock, threads, PATIENCE);
    }

    static Readiness of(
            Databases databases,
            ListDatabases listDatabases,
            Function<Database, Optional<String>> halfRestored,
            Path dataDirectory,
            InstantSource clock,
            Executor threads,
            Duration patience) {
        Stream<Probe<Optional<String>>> stores = databases.all().stream()
                .map(it -> new Probe<>("database " + it.database().name(), () -> probe(it, halfRestored), threads));
        var directory = new Probe<>("data directory", () -> probe(dataDirectory), threads);
        var remarks = new Probe<>("the list of databases", () -> remarks(listDatabases), threads);
        return new Readiness(Stream.concat(stores, Stream.of(directory)).toList(), remarks, clock, patience);
    }

    synchronized Report report() {
        Instant now = clock.instant();
        if (lookedAt == null || !now.isBefore(lookedAt.plus(REMEMBERED))) {
            last = look();
            lookedAt = now;
        }
        return last;
    }

    /** All begin before any is waited for, so that several hanging ones take no longer than one. */
    private Report look() {
        probes.forEach(Probe::begin);
        remarks.begin();
        long deadline = System.nanoTime() + patience.toNanos();
        var failures = new TreeMap<String, String>();
        for (Probe<Optional<String>> probe : probes) {
            probe.answer(left(deadline), Optional::of).ifPresent(it -> failures.put(probe.name(), it));
        }
        Map<String, String> remarked = remarks.answer(left(deadline), it -> Map.of("databases", it));
        return new Report(failures, failures.isEmpty() ? remarked : Map.of());
    }

    private static Duration left(long deadline) {
        return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
    }

    /** Backups that are not as somebody relies on keep nobody from making one. */
    private static Map<String, String> remarks(ListDatabases databases) {
        var remarks = new TreeMap<String, String>();
        for (ListDatabases.Overview overview : databases.list()) {
            overview.planned()
                    .freshness()
                    .filter(it -> it != Freshness.Standing.FRESH)
                    .ifPresent(it -> remarks.put(
                            "database " + overview.database().name(), it.name().toLowerCase(Locale.ROOT)));
        }
        return remarks;
    }

    private static Optional<String> probe(
            RegisteredDatabase registered, Function<Database, Optional<String>> halfRestored) {
        try {
            registered.store().probe();
            return halfRestored.apply(registered.database());
        } catch (ProblemException e) {
            return Optional.of(e.problem().code().id()); // the code alone: a detail may name paths or buckets
        }
    }

    private static Optional<String> probe(Path directory) {
        try {
            Path file = Files.createTempFile(directory, ".probe", ".part");
            try {
                Files.write(file, new byte[512]);
            } finally {
                Files.deleteIfExists(file);
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("cannot be written");
        }
    }

    /**
     * @param failures what is wrong, by what it is wrong with; empty when ready
     * @param remarks how backups stand that are not as relied on, by database
     */
    record Report(Map<String, String> failures, Map<String, String> remarks) {
        boolean isReady() {
            return failures.isEmpty();
        }
    }
}
