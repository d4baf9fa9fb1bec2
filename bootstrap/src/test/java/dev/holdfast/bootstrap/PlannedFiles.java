package dev.holdfast.bootstrap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.archive.PathRestrictions;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.application.backup.BackupUseCases;
import dev.holdfast.application.backup.RestoreBackup;
import dev.holdfast.application.backup.UploadRules;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.notice.Notification;
import dev.holdfast.application.notice.OperationNotifications;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.application.overview.ListDatabases.Overview;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.application.plan.PlanParser;
import dev.holdfast.application.plan.PlanProperties;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.planned.PlanScheduler;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.catalogue.Catalogue;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.domain.retention.RetentionDecision;
import dev.holdfast.domain.retention.RetentionPause;
import dev.holdfast.files.archive.FileArchives;
import dev.holdfast.files.archive.layout.LayoutDetector;
import dev.holdfast.sqlite.SqliteEngine;
import dev.holdfast.sqlite.file.SqliteSettings;
import dev.holdfast.store.directory.LocalStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A server without its network: real databases, stores and catalogue, a plan, and a clock that the test moves. */
final class PlannedFiles implements AutoCloseable {
    static final Requester ANN = new Requester("ann", Optional.empty());
    static final Instant START = Instant.parse("2026-04-13T00:00:30Z");

    final Path root;
    final SettableClock clock = new SettableClock(START);
    final List<Notification> notices = new CopyOnWriteArrayList<>();
    private final AtomicInteger ids = new AtomicInteger();
    private final Profile profile;
    private final Map<DatabaseName, PlanProperties> plansByName = new HashMap<>();

    private Catalogue catalogue;
    private OperationRunner runner;
    private Databases databases;
    private Plans plans;
    private PlanService status;
    private ListDatabases overview;
    private BackupUseCases useCases;
    private PlanScheduler work;

    /** @param plan of each database, whose schedule is hourly */
    PlannedFiles(Path root, Profile profile, Map<String, Map<String, String>> plan) throws IOException {
        this.root = root;
        this.profile = profile;
        for (Map.Entry<String, Map<String, String>> it : plan.entrySet()) {
            var terms = new HashMap<>(it.getValue());
            terms.put("schedule.kind", "hourly");
            terms.put("recheck_every", "never");
            plansByName.put(new DatabaseName(it.getKey()), PlanProperties.of(terms));
            Files.createDirectories(source(it.getKey()).resolveSibling(""));
        }
        start();
    }

    static PlannedFiles of(Path root, Map<String, String> plan) throws IOException {
        return new PlannedFiles(root, Profile.NATIVE, Map.of("app", plan));
    }

    Path source(String name) {
        return root.resolve(name).resolve(profile == Profile.POCKETBASE ? "data.db" : name + ".db");
    }

    Path catalogueFile() {
        return root.resolve("holdfast.db");
    }

    private void start() throws IOException {
        catalogue = Catalogue.open(catalogueFile());
        databases = new Databases(plansByName.keySet().stream()
                .map(name -> {
                    var database = new Database(name, Source.of(source(name.value())), profile, "app");
                    return new RegisteredDatabase(
                            database,
                            LocalStore.in(
                                    root.resolve("backups").resolve(name.value()),
                                    "server",
                                    name,
                                    database.naming(),
                                    Set.of(source(name.value())),
                                    clock,
                                    FailPoints.NONE,
                                    LayoutDetector::archive));
                })
                .toList());
        plans = new Plans(databases, plansByName, catalogue.plans(), new PlanParser(), clock);
        var reports = OperationNotifications.to(notices::add, catalogue.operations(), plansByName.keySet());
        runner = new OperationRunner(
                catalogue.operations(),
                clock,
                () -> new OperationId("op-%05d".formatted(ids.incrementAndGet())),
                Thread.ofPlatform().daemon().factory(),
                reports,
                Duration.ofSeconds(5));
        SqliteEngine engine = SqliteEngine.using(
                new SqliteSettings(root.resolve("scratch"), Duration.ofSeconds(10)), clock, FailPoints.NONE);
        useCases = new BackupUseCases(
                databases,
                runner,
                plans,
                catalogue.plans(),
                engine.snapshots(),
                engine.checks(),
                FileArchives.in(root.resolve("unpacking"), engine.forms(), PathRestrictions.NONE),
                new UploadRules(1 << 24, new UnpackLimits(1 << 26, 1000, 1000)),
                engine.liveDatabases(),
                engine.trials(),
                clock,
                FailPoints.NONE);
        status = PlanService.using(plans, catalogue.plans(), catalogue.operations(), clock);
        overview = ListDatabases.using(databases, catalogue.operations(), status, (_, _) -> Optional.of(1L), clock);
        work = new PlanScheduler(
                databases,
                plans,
                catalogue.plans(),
                runner,
                useCases.create(),
                useCases.expire(),
                useCases.verify(),
                useCases.drill(),
                notices::add,
                clock);
        work.look();
    }

    private void stop() {
        runner.close();
        catalogue.close();
    }

    void restart() throws IOException {
        stop();
        start();
    }

    void restartWithoutCatalogue() throws IOException {
        stop();
        for (String end : List.of("", "-wal", "-shm", "-journal")) {
            Files.deleteIfExists(root.resolve("holdfast.db" + end));
        }
        start();
    }

    /** An hour later: the planned backups are made, then retention does its work. */
    void hour() throws InterruptedException {
        clock.advance(Duration.ofHours(1));
        for (int i = 0; i < 3; i++) {
            work.look();
            for (Operation operation : catalogue.operations().unfinished()) {
                runner.awaitEnd(operation.id());
            }
        }
    }

    void hours(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            hour();
        }
    }

    Operation ended(Outcome<Operation> started) throws InterruptedException {
        assertThat(started).isInstanceOf(Outcome.Done.class);
        return runner.awaitEnd(((Outcome.Done<Operation>) started).value().id());
    }

    Operation backUp() throws InterruptedException {
        clock.advance(Duration.ofSeconds(1));
        return ended(useCases.create().start("app", ANN));
    }

    Operation expire() throws InterruptedException {
        return ended(useCases.expire().start("app", ANN));
    }

    void restore(Backup backup) throws InterruptedException {
        clock.advance(Duration.ofSeconds(1));
        Operation restore = ended(useCases.restore(catalogue.audit())
                .start("app", backup.key().value(), RestoreBackup.Allowed.NOTHING, ANN));
        assertThat(restore.state()).as("%s", restore.failure()).isEqualTo(OperationState.SUCCEEDED);
    }

    Operation upload(String filename, byte[] content) throws InterruptedException {
        return ended(useCases.upload().start("app", filename, new ByteArrayInputStream(content), content.length, ANN));
    }

    void resume() {
        assertThat(useCases.resumeRetention(catalogue.audit()).resume("app", "ann"))
                .isEqualTo(Outcome.done(new DatabaseName("app")));
    }

    void change(String name, String value) {
        assertThat(plans.change("app", Map.of(name, Optional.of(value)), "ann")).isInstanceOf(Outcome.Done.class);
    }

    List<Backup> list() {
        return list("app");
    }

    /** Newest first. */
    List<Backup> list(String database) {
        return store(database).list();
    }

    BackupStore store(String database) {
        return databases.all().stream()
                .filter(it -> it.database().name().value().equals(database))
                .findFirst()
                .orElseThrow()
                .store();
    }

    List<RetentionDecision> preview() {
        return ((Outcome.Done<List<RetentionDecision>>) useCases.expire().preview("app", Map.of())).value();
    }

    Optional<RetentionPause> pause() {
        return pause("app");
    }

    Optional<RetentionPause> pause(String database) {
        return ((Outcome.Done<PlanService.View>) status.find(database)).value().retentionPaused();
    }

    Overview overview() {
        return overview.list().getFirst();
    }

    List<AuditEntry> audit() {
        return catalogue.audit().newest(100);
    }

    long events(Notification.Kind kind) {
        return notices.stream().filter(it -> it.kind() == kind).count();
    }

    void sql(String statements) throws IOException, InterruptedException {
        sql("app", statements);
    }

    /** Run by a process of its own, which has ended when this returns. */
    void sql(String name, String statements) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sqlite3", "-batch", source(name).toString(), statements)
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    @Override
    public void close() {
        stop();
    }
}
