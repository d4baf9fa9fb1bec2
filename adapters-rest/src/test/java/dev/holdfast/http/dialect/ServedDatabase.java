package dev.holdfast.http.dialect;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.application.backup.BackupUseCases;
import dev.holdfast.application.backup.CreateBackup;
import dev.holdfast.application.backup.CreateNamedBackup;
import dev.holdfast.application.backup.DeleteBackup;
import dev.holdfast.application.backup.FindBackup;
import dev.holdfast.application.backup.ListBackups;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.application.backup.PruneBackups;
import dev.holdfast.application.backup.RestoreBackup;
import dev.holdfast.application.backup.UploadBackup;
import dev.holdfast.application.backup.UploadRules;
import dev.holdfast.application.check.ImageChecks.Finding;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.database.SourceOverrides;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.InMemoryOperationLog;
import dev.holdfast.application.operation.OperationEvents;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.application.plan.PlanParser;
import dev.holdfast.application.plan.PlanProperties;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.planned.PlanScheduler;
import dev.holdfast.application.restore.RestoreDrills.Tried;
import dev.holdfast.application.settings.DialectDocuments;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.InMemoryBackupStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.http.access.Beans;
import dev.holdfast.http.upload.UploadLimits;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A database that is a text, and the real use cases over it, with all in memory and ports that fail when told to. */
public final class ServedDatabase implements AutoCloseable {
    public static final int MOST_UPLOADED = 1_000_000;

    public final SettableClock clock;
    public final TextDatabase text;
    public final InMemoryBackupStore store = new InMemoryBackupStore();
    public final DocumentsInMemory documents = new DocumentsInMemory();
    public final Plans plans;
    public final BackupUseCases useCases;
    public final OperationRunner runner;

    public final Failing<BackupStore> askedStore = new Failing<>(BackupStore.class, store);
    public final Failing<OperationLog> askedLog = new Failing<>(OperationLog.class, new InMemoryOperationLog());
    public final Failing<DialectDocuments> askedDocuments = new Failing<>(DialectDocuments.class, documents);
    public final Failing<Operations> askedOperations;
    public final Failing<PlanService> askedPlans;

    private final Database database;
    private final Function<DialectDocuments, SourceOverrides> choices;
    private final Databases databases;
    /** Plans, documents and the audit. */
    public final InMemoryPlanStore kept = new InMemoryPlanStore();

    private final PlanScheduler planned;

    public ServedDatabase(Database database, TextDatabase text, Instant begin) {
        this(database, text, begin, Map.of(), _ -> SourceOverrides.NONE);
    }

    /**
     * @param terms what the settings say of its plan
     * @param choices what clients choose, as documents tell it
     */
    public ServedDatabase(
            Database database,
            TextDatabase text,
            Instant begin,
            Map<String, String> terms,
            Function<DialectDocuments, SourceOverrides> choices) {
        this.database = database;
        this.text = text;
        clock = new SettableClock(begin);
        this.choices = choices;
        databases = databases(database, choices, askedStore.port(), askedDocuments.port());
        plans = new Plans(databases, Map.of(database.name(), PlanProperties.of(terms)), kept, new PlanParser(), clock);
        var ids = new AtomicInteger();
        runner = new OperationRunner(
                askedLog.port(),
                clock,
                () -> new OperationId("op-" + ids.incrementAndGet()),
                Thread.ofVirtual().factory(),
                OperationEvents.NONE,
                Duration.ofSeconds(5));
        askedOperations = new Failing<>(Operations.class, runner);
        askedPlans = new Failing<>(PlanService.class, PlanService.using(plans, kept, askedLog.port(), clock));
        useCases = new BackupUseCases(
                databases,
                runner,
                plans,
                kept,
                text,
                (image, depth, work) -> new Finding.Sound(depth),
                text,
                new UploadRules(MOST_UPLOADED, UnpackLimits.NONE),
                text,
                (image, recorded, work) -> new Tried.Proven(Optional.empty()),
                clock,
                FailPoints.NONE);
        planned = new PlanScheduler(
                databases,
                plans,
                kept,
                runner,
                useCases.create(),
                useCases.expire(),
                useCases.verify(),
                useCases.drill(),
                notice -> {},
                clock);
    }

    private static Databases databases(
            Database database,
            Function<DialectDocuments, SourceOverrides> choices,
            BackupStore store,
            DialectDocuments documents) {
        return new Databases(List.of(new RegisteredDatabase(database, store)), choices.apply(documents));
    }

    /** All that dialects ask for, but for what access control needs. */
    public void addTo(Beans beans) {
        beans.add(UploadLimits.class, new UploadLimits(MOST_UPLOADED, Duration.ofSeconds(10)));
        beans.add(
                Databases.class,
                databases(
                        database,
                        choices,
                        beans.port(BackupStore.class, askedStore.port()),
                        beans.port(DialectDocuments.class, askedDocuments.port())));
        beans.add(Operations.class, askedOperations.port());
        beans.add(PlanService.class, askedPlans.port());
        beans.add(CreateBackup.class, useCases.create());
        beans.add(CreateNamedBackup.class, useCases.createNamed());
        beans.add(ListBackups.class, useCases.list());
        beans.add(FindBackup.class, useCases.find());
        beans.add(OpenBackup.class, useCases.open());
        beans.add(DeleteBackup.class, useCases.delete());
        beans.add(RestoreBackup.class, useCases.restore(kept));
        beans.add(UploadBackup.class, useCases.upload());
        beans.add(PruneBackups.class, useCases.expire());
        beans.add(Audit.class, kept);
        beans.add(DialectDocuments.class, askedDocuments.port());
        beans.add(SecureRandom.class, new SecureRandom());
    }

    /** Puts a file there, as Holdfast or, if its origin is external, somebody else would have. */
    public Backup put(String name, Origin origin, Layout layout, long size) {
        var backup = new Backup(
                new BackupKey(name),
                database.name(),
                size,
                clock.instant(),
                Optional.empty(),
                origin,
                layout,
                origin == Origin.EXTERNAL
                        ? new Verification.Unchecked()
                        : new Verification.Passed(Depth.QUICK, clock.instant()),
                false,
                Backup.Labels.NONE);
        store.add(backup);
        return backup;
    }

    /** Looks at the plan, goes on to this moment, looks again, and lets what begins end. */
    public void at(String instant) throws InterruptedException {
        planned.look();
        clock.advance(Duration.between(clock.instant(), Instant.parse(instant)));
        for (int i = 0; i < 4; i++) {
            planned.look();
            settle();
        }
    }

    public void settle() throws InterruptedException {
        for (Operation operation : running()) {
            runner.awaitEnd(operation.id());
        }
    }

    public List<Operation> running() {
        return operations(OperationState.RUNNING);
    }

    /** In this state, newest first. */
    public List<Operation> operations(OperationState state) {
        var filter = new OperationLog.Filter(Optional.empty(), Optional.of(state));
        return runner.list(filter, 0, "") instanceof Outcome.Done<Operations.Page>(var page)
                ? page.operations()
                : List.of();
    }

    /** Has every port work, and snapshots and restores end. */
    public void recover() {
        List.of(askedStore, askedLog, askedDocuments, askedOperations, askedPlans)
                .forEach(Failing::recover);
        text.recover();
    }

    @Override
    public void close() {
        runner.close();
    }
}
