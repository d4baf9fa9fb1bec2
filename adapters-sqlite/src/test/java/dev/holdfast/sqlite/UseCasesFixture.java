package dev.holdfast.sqlite;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.PathRestrictions;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.application.backup.BackupUseCases;
import dev.holdfast.application.backup.RestoreBackup;
import dev.holdfast.application.backup.UploadRules;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.InMemoryOperationLog;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.application.plan.PlanParser;
import dev.holdfast.application.plan.PlanProperties;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.files.archive.FileArchives;
import dev.holdfast.files.archive.layout.LayoutDetector;
import dev.holdfast.sqlite.file.KnownFiles;
import dev.holdfast.sqlite.file.SqliteSettings;
import dev.holdfast.store.directory.LocalStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** The use cases over the real engine and a real store, in a test's own directory. */
record UseCasesFixture(BackupUseCases useCases, OperationRunner runner, BackupStore store) implements AutoCloseable {
    private static final DatabaseName NAME = DatabaseName.DEFAULT;
    private static final Requester ANN = new Requester("ann", Optional.empty());

    static UseCasesFixture in(Path root, Source source, Profile profile, Duration busyTimeout) throws IOException {
        return in(root, source, profile, busyTimeout, FailPoints.NONE);
    }

    static UseCasesFixture in(Path root, Source source, Profile profile, Duration busyTimeout, FailPoints failPoints)
            throws IOException {
        return in(root, source, profile, busyTimeout, failPoints, Map.of());
    }

    /** @param terms of the plan */
    static UseCasesFixture in(
            Path root,
            Source source,
            Profile profile,
            Duration busyTimeout,
            FailPoints failPoints,
            Map<String, String> terms)
            throws IOException {
        return in(root, source, profile, busyTimeout, failPoints, terms, KnownFiles.NONE);
    }

    static UseCasesFixture in(
            Path root,
            Source source,
            Profile profile,
            Duration busyTimeout,
            FailPoints failPoints,
            Map<String, String> terms,
            KnownFiles known)
            throws IOException {
        InstantSource clock = Clock.systemUTC();
        var settings = new SqliteSettings(root.resolve("scratch"), busyTimeout).with(known);
        SqliteEngine engine = SqliteEngine.using(settings, clock, failPoints);
        var database = new Database(NAME, source, profile, "app");
        BackupStore store = LocalStore.in(
                root.resolve("backups"),
                "server",
                NAME,
                database.naming(),
                Set.copyOf(source.databaseFiles()),
                clock,
                failPoints,
                LayoutDetector::archive);
        var databases = new Databases(List.of(new RegisteredDatabase(database, store)));
        var ids = new AtomicInteger();
        var runner = new OperationRunner(
                new InMemoryOperationLog(),
                clock,
                () -> new OperationId("op-" + ids.incrementAndGet()),
                Thread.ofPlatform().factory(),
                _ -> {},
                Duration.ofSeconds(5));
        var kept = new InMemoryPlanStore();
        var plans = new Plans(databases, Map.of(NAME, PlanProperties.of(terms)), kept, new PlanParser(), clock);
        var useCases = new BackupUseCases(
                databases,
                runner,
                plans,
                kept,
                engine.snapshots(),
                engine.checks(),
                FileArchives.in(root.resolve("unpacking"), engine.forms(), PathRestrictions.NONE),
                new UploadRules(1L << 30, UnpackLimits.NONE),
                engine.liveDatabases(),
                engine.trials(),
                clock,
                failPoints);
        return new UseCasesFixture(useCases, runner, store);
    }

    Operation backUp() throws InterruptedException {
        return ended(useCases.create().start(NAME.value(), ANN));
    }

    Operation backUp(String name) throws InterruptedException {
        return ended(useCases.createNamed().start(NAME.value(), new BackupKey(name), ANN));
    }

    Operation restore(String name) throws InterruptedException {
        return ended(useCases.restore(new InMemoryPlanStore())
                .start(NAME.value(), name, RestoreBackup.Allowed.NOTHING, ANN));
    }

    Backup find(String name) {
        return store.find(new BackupKey(name)).orElseThrow();
    }

    private Operation ended(Outcome<Operation> started) throws InterruptedException {
        return switch (started) {
            case Outcome.Done<Operation>(Operation operation) -> runner.awaitEnd(operation.id());
            case Outcome.Refused<Operation>(var problem) -> throw new AssertionError(problem.toString());
        };
    }

    @Override
    public void close() {
        runner.close();
    }
}
