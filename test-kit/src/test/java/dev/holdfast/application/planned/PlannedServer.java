package dev.holdfast.application.planned;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.backup.CreateBackup;
import dev.holdfast.application.backup.PruneBackups;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.notice.Notification;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.operation.ScriptedOperations;
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.application.plan.PlanParser;
import dev.holdfast.application.plan.PlanProperties;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.store.InMemoryBackupStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.plan.DrillOutcome;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.domain.retention.RetentionDecision;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A server whose time, whose deaths and whose operations' ends are the test's. */
final class PlannedServer {
    static final DatabaseName SHOP = new DatabaseName("shop");
    static final DatabaseName BLOG = new DatabaseName("blog");

    static final Instant NOON = Instant.parse("2026-04-13T12:00:00Z");
    static final Map<String, String> DAILY =
            Map.of("schedule.kind", "daily", "schedule.at", "03:00", "retention.last", "7", "recheck_every", "never");

    final SettableClock clock;
    final ScriptedOperations operations;
    final InMemoryPlanStore kept = new InMemoryPlanStore();
    final List<Notification> notices = new ArrayList<>();
    private final Map<DatabaseName, InMemoryBackupStore> stores = new HashMap<>();
    final Plans plans;
    private final Databases databases;
    private PlanScheduler work;

    PlannedServer(Instant now, Profile profile, Map<DatabaseName, Map<String, String>> terms) {
        clock = new SettableClock(now);
        operations = new ScriptedOperations(clock);
        databases = new Databases(terms.keySet().stream()
                .map(name -> {
                    var store = new InMemoryBackupStore();
                    stores.put(name, store);
                    return new RegisteredDatabase(
                            new Database(name, Source.of(Path.of("/data/" + name + ".db")), profile, "app"), store);
                })
                .toList());
        var configured = new HashMap<DatabaseName, PlanProperties>();
        terms.forEach((name, it) -> configured.put(name, PlanProperties.of(it)));
        plans = new Plans(databases, configured, kept, new PlanParser(), clock);
        work = newWork();
    }

    static PlannedServer server(String... moreTerms) {
        return server(Profile.NATIVE, moreTerms);
    }

    static PlannedServer server(Profile profile, String... moreTerms) {
        return new PlannedServer(NOON, profile, Map.of(SHOP, with(DAILY, moreTerms))).look();
    }

    /** @param more names and values by turns */
    static Map<String, String> with(Map<String, String> terms, String... more) {
        var all = new HashMap<>(terms);
        for (int i = 0; i < more.length; i += 2) {
            all.put(more[i], more[i + 1]);
        }
        return all;
    }

    static PlannedServer hourly(String... moreTerms) {
        var terms = with(DAILY, moreTerms);
        terms.put("schedule.kind", "hourly");
        terms.remove("schedule.at");
        return new PlannedServer(NOON.plusSeconds(1), Profile.NATIVE, Map.of(SHOP, terms)).look();
    }

    static void fail(PlannedServer server, Operation operation) {
        server.operations.end(
                operation, it -> it.failed(Failure.of(new Problem.SourceBusy("locked")), server.clock.instant()));
    }

    private PlanScheduler newWork() {
        return new PlanScheduler(
                databases,
                plans,
                kept,
                operations,
                new Creating(),
                new Expiring(),
                (database, filename, depth, who) -> operations.start(
                        OperationKind.VERIFY, new DatabaseName(database), Optional.empty(), who.name()),
                (database, who) ->
                        operations.start(OperationKind.DRILL, new DatabaseName(database), Optional.empty(), who.name()),
                notices::add,
                clock);
    }

    private final class Creating implements CreateBackup {
        @Override
        public Outcome<Operation> start(String database, Origin origin, Optional<Layout> layout, Requester requester) {
            return operations.start(
                    OperationKind.BACKUP, new DatabaseName(database), Optional.empty(), requester.name());
        }
    }

    private final class Expiring implements PruneBackups {
        @Override
        public Outcome<Operation> start(String database, Requester requester) {
            return operations.start(
                    OperationKind.EXPIRE, new DatabaseName(database), Optional.empty(), requester.name());
        }

        @Override
        public Outcome<List<RetentionDecision>> preview(String database, Map<String, Optional<String>> change) {
            throw new UnsupportedOperationException();
        }
    }

    PlannedServer look() {
        work.look();
        return this;
    }

    /** Goes on to this moment and looks. */
    PlannedServer at(String instant) {
        return at(Instant.parse(instant));
    }

    PlannedServer at(Instant instant) {
        clock.advance(Duration.between(clock.instant(), instant));
        return look();
    }

    /** Looks once a minute, and lets all that begins end well before the next look. */
    PlannedServer untilWithAllEnding(Instant end) {
        while (clock.instant().isBefore(end)) {
            clock.advance(Duration.ofMinutes(1));
            look().succeedAll();
        }
        return this;
    }

    /** The process dies: what ran is cut off, and nothing is known but what was kept. */
    PlannedServer die() {
        operations
                .running()
                .forEach(it -> operations.end(it, op -> op.failed(Failure.interrupted(op.kind()), clock.instant())));
        work = newWork();
        return this;
    }

    PlannedServer succeedAll() {
        operations.running().forEach(this::succeed);
        return this;
    }

    void succeed(Operation operation) {
        Result result = switch (operation.kind()) {
            case BACKUP -> new Result.BackupMade(publish(operation));
            case EXPIRE -> new Result.Expired(List.of(), List.of());
            case DRILL -> new Result.Drilled(Optional.empty(), DrillOutcome.PASSED, "");
            case RESTORE, VERIFY, UPLOAD -> throw new IllegalArgumentException("not begun by these plans");
        };
        operations.end(operation, it -> it.succeeded(result, clock.instant()));
    }

    /** As an automatic backup that was taken when its operation began is listed. */
    Backup publish(Operation operation) {
        return publish(operation.database(), operation.startedAt());
    }

    Backup publish(DatabaseName name, Instant at) {
        Database database = plans.of(registered(name)).registered().database();
        var backup = new Backup(
                database.naming()
                        .proposals(Origin.AUTOMATIC, Layout.SQLITE, at)
                        .findFirst()
                        .orElseThrow(),
                name,
                1,
                at,
                Optional.empty(),
                Origin.AUTOMATIC,
                Layout.SQLITE,
                new Verification.Passed(Depth.QUICK, at),
                false,
                Backup.Labels.NONE);
        store(name).add(backup);
        return backup;
    }

    InMemoryBackupStore store(DatabaseName name) {
        return Objects.requireNonNull(stores.get(name));
    }

    RegisteredDatabase registered(DatabaseName name) {
        return databases.all().stream()
                .filter(it -> it.database().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** When each of them began. */
    List<String> begun(OperationKind kind) {
        return begun(kind, SHOP);
    }

    List<String> begun(OperationKind kind, DatabaseName database) {
        return operations.all(kind).stream()
                .filter(it -> it.database().equals(database))
                .map(it -> it.startedAt().toString())
                .toList();
    }

    Operation last(OperationKind kind) {
        return operations.all(kind).getLast();
    }
}
