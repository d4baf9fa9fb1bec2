package dev.holdfast.bootstrap.server;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.AccessControl;
import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.AdministerAccounts;
import dev.holdfast.application.access.PasswordHashing;
import dev.holdfast.application.access.SignIn;
import dev.holdfast.application.access.token.Identification;
import dev.holdfast.application.archive.Archives;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.application.audit.AuditTrail;
import dev.holdfast.application.audit.AuditedUseCases;
import dev.holdfast.application.audit.CurrentCaller;
import dev.holdfast.application.audit.ListAudit;
import dev.holdfast.application.backup.BackupUseCases;
import dev.holdfast.application.backup.CreateBackup;
import dev.holdfast.application.backup.CreateNamedBackup;
import dev.holdfast.application.backup.DeleteBackup;
import dev.holdfast.application.backup.FindBackup;
import dev.holdfast.application.backup.ListBackups;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.application.backup.PruneBackups;
import dev.holdfast.application.backup.RestoreBackup;
import dev.holdfast.application.backup.ResumeRetention;
import dev.holdfast.application.backup.RunRestoreDrill;
import dev.holdfast.application.backup.UpdateBackup;
import dev.holdfast.application.backup.UploadBackup;
import dev.holdfast.application.backup.UploadRules;
import dev.holdfast.application.backup.VerifyBackup;
import dev.holdfast.application.connection.ConnectionLimits;
import dev.holdfast.application.connection.OpenConnections;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.filesystem.BoundedStore;
import dev.holdfast.application.filesystem.CallLimits;
import dev.holdfast.application.filesystem.FileSystems;
import dev.holdfast.application.location.ConfirmLocation;
import dev.holdfast.application.location.KnownLocation;
import dev.holdfast.application.location.LocatedDrills;
import dev.holdfast.application.location.LocationNotices;
import dev.holdfast.application.location.Locations;
import dev.holdfast.application.notice.HangNotices;
import dev.holdfast.application.notice.Notifier;
import dev.holdfast.application.notice.OperationNotifications;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.PlanParser;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.application.plan.PlanStore;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.planned.PlanScheduler;
import dev.holdfast.application.restore.Recovery;
import dev.holdfast.application.settings.DialectDocuments;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.stores.ConfirmStore;
import dev.holdfast.bootstrap.settings.Settings;
import dev.holdfast.bootstrap.settings.Settings.DatabaseSettings;
import dev.holdfast.bootstrap.settings.SettingsBoundaries;
import dev.holdfast.bootstrap.settings.SettingsPlaces;
import dev.holdfast.bootstrap.start.DataDirectory;
import dev.holdfast.bootstrap.start.SettingsFiles;
import dev.holdfast.bootstrap.start.StartupException;
import dev.holdfast.bootstrap.timer.AuditTimer;
import dev.holdfast.bootstrap.timer.FileSystemWatch;
import dev.holdfast.bootstrap.timer.HistoryTrimming;
import dev.holdfast.bootstrap.timer.LocationWatch;
import dev.holdfast.bootstrap.timer.PlanTimer;
import dev.holdfast.catalogue.Catalogue;
import dev.holdfast.dialects.dispatcharr.settings.DirectoryChoice;
import dev.holdfast.dialects.dispatcharr.settings.DispatcharrPlaces;
import dev.holdfast.domain.database.Database;
import dev.holdfast.files.archive.FileArchives;
import dev.holdfast.grpc.access.CurrentGrpcCaller;
import dev.holdfast.grpc.access.GrpcAccess;
import dev.holdfast.grpc.server.GrpcSettings;
import dev.holdfast.http.access.CurrentHttpCaller;
import dev.holdfast.http.dialect.Dialects;
import dev.holdfast.http.upload.UploadLimits;
import dev.holdfast.notify.webhook.Webhooks;
import dev.holdfast.rest.monitoring.Metrics;
import dev.holdfast.rest.monitoring.Readiness;
import dev.holdfast.security.Argon2PasswordHashing;
import dev.holdfast.security.IdentityProvider;
import dev.holdfast.security.JwtSecret;
import dev.holdfast.security.TokenSettings;
import dev.holdfast.sqlite.SqliteEngine;
import dev.holdfast.sqlite.file.SqliteSettings;
import io.micronaut.context.BeanProvider;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Primary;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.TaskScheduler;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;

/** Which adapter plays which port. The only place that knows both sides; domain and application carry no annotation. */
@Factory
final class Wiring {
    private static final long USUAL_DESCRIPTORS = 1_024;

    private static final Duration REPORTED_HANG = Duration.ofSeconds(5);
    /** Who makes the first admin, for the audit. */
    private static final String START = "server start";

    private static final int MOST_UNFOLDED = 20;
    private static final int MOST_MEMBERS = 1_000_000;
    private static final int MOST_RATIO = 200;

    /** Before the framework's own clock. */
    @Primary
    @Singleton
    InstantSource clock() {
        return InstantSource.system();
    }

    @Singleton
    SecureRandom random() {
        return new SecureRandom();
    }

    @Singleton
    OpenConnections openConnections() {
        long descriptors = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : 0;
        return new OpenConnections(ConnectionLimits.of(
                descriptors > 0 ? descriptors : USUAL_DESCRIPTORS,
                Runtime.getRuntime().maxMemory()));
    }

    @Singleton
    @Bean(preDestroy = "close")
    Catalogue catalogue(DataDirectory data, Settings settings) {
        return Catalogue.open(data.catalogue(), settings.audit());
    }

    @Singleton
    OperationLog operationLog(Catalogue catalogue) {
        return catalogue.operations();
    }

    @Singleton
    Accounts accounts(Catalogue catalogue) {
        return catalogue.accounts();
    }

    @Singleton
    PasswordHashing passwordHashing(SecureRandom random) {
        return Argon2PasswordHashing.using(random);
    }

    @Singleton
    SignIn signIn(Accounts accounts, PasswordHashing hashing, AuditTrail audit, InstantSource clock) {
        return SignIn.using(accounts, hashing, clock).auditedIn(audit, clock);
    }

    @Singleton
    AdministerAccounts administerAccounts(
            Accounts accounts, PasswordHashing hashing, AuditTrail audit, InstantSource clock, SecureRandom random) {
        return AdministerAccounts.using(accounts, hashing, clock, random).auditedIn(audit, clock, START);
    }

    @Singleton
    AccessControl accessControl(Settings settings) {
        return new AccessControl(
                settings.auth().enabled(), settings.auth().jwksUrl().isPresent());
    }

    @Singleton
    TokenSettings tokenSettings(Settings settings, DataDirectory data, SecureRandom random) {
        Settings.Auth auth = settings.auth();
        return new TokenSettings(
                auth.jwtSecret().map(JwtSecret::given).orElseGet(() -> keptSecret(data, random)),
                auth.tokenLifetime(),
                auth.jwksUrl().map(it -> new IdentityProvider(it, auth.issuer(), auth.audience())));
    }

    @Singleton
    UploadLimits uploadLimits(Settings settings) {
        return new UploadLimits(settings.maxUpload(), UploadLimits.USUAL_SILENCE);
    }

    @Singleton
    Dialects dialects(Settings settings) {
        return settings.dialects();
    }

    private static JwtSecret keptSecret(DataDirectory data, SecureRandom random) {
        try {
            return JwtSecret.keptIn(data.root(), random);
        } catch (IOException e) {
            throw new StartupException("holdfast.auth.jwt-secret: " + e.getMessage());
        }
    }

    @Singleton
    SqliteEngine engine(
            Settings settings,
            DataDirectory data,
            Catalogue catalogue,
            LocalStores stores,
            InstantSource clock,
            FailPoints failPoints) {
        try {
            var sqlite = new SqliteSettings(data.scratch(), settings.busyTimeout())
                    .with(SettingsFiles.known(
                            settings, data, catalogue, it -> stores.of(it).folders()));
            return SqliteEngine.using(sqlite, clock, failPoints);
        } catch (IOException e) {
            throw new StartupException("holdfast.data-dir: " + data.scratch()
                    + " (expected: a directory that can be written; " + e.getMessage() + ")");
        }
    }

    @Singleton
    Locations locations(Settings settings, DataDirectory data, Catalogue catalogue, LocalStores stores) {
        return new Locations(
                catalogue.locations(),
                SettingsFiles.places(
                        settings, data, catalogue, it -> stores.of(it).folders()));
    }

    /** A file system that hangs holds up the watch no longer than an operation. */
    @Singleton
    @Bean(preDestroy = "close")
    LocationWatch locationWatch(
            TaskScheduler scheduler,
            Settings settings,
            Locations locations,
            FileSystems fileSystems,
            Notifier notices,
            InstantSource clock) {
        return new LocationWatch(
                scheduler,
                new LocationNotices(
                        (name, source) -> fileSystems.source(name).read(() -> locations.problem(name, source)),
                        notices,
                        settings.databases().stream()
                                .collect(Collectors.toMap(DatabaseSettings::name, DatabaseSettings::source)),
                        clock));
    }

    @Singleton
    ConfirmLocation confirmLocation(Settings settings, Locations locations, Audit audit, InstantSource clock) {
        return ConfirmLocation.using(SettingsFiles.databases(settings), locations, audit, clock);
    }

    @Singleton
    Databases databases(Settings settings, DialectDocuments documents, LocalStores stores, FileSystems fileSystems) {
        return new Databases(
                settings.databases().stream()
                        .map(it -> register(it, stores.of(it.name()), fileSystems))
                        .toList(),
                DirectoryChoice.keptIn(documents, settings.dialects()));
    }

    @Singleton
    LocalStores localStores(
            Settings settings,
            FileSystems fileSystems,
            DataDirectory data,
            Catalogue catalogue,
            SecureRandom random,
            InstantSource clock,
            FailPoints failPoints) {
        return LocalStores.of(
                settings,
                fileSystems,
                path -> catalogue.locations().find(path).map(KnownLocation::resolved),
                data.serverId(random),
                catalogue.stores(),
                random,
                clock,
                failPoints);
    }

    @Singleton
    ConfirmStore confirmStore(
            Databases databases, LocalStores stores, FileSystems fileSystems, Audit audit, InstantSource clock) {
        return ConfirmStore.using(
                name -> databases
                        .find(name)
                        .then(it -> Outcome.done(it.database().name())),
                (database, confirmed) -> fileSystems
                        .store(database)
                        .change(() -> stores.of(database).confirm(confirmed)),
                audit,
                clock);
    }

    @Singleton
    DispatcharrPlaces dispatcharrPlaces(
            Settings settings,
            DataDirectory data,
            LocalStores stores,
            FileSystems fileSystems,
            DialectDocuments documents,
            Catalogue catalogue) {
        return new SettingsPlaces(
                settings,
                data.root(),
                stores.folders(),
                stores::of,
                fileSystems,
                DirectoryChoice.keptIn(documents, settings.dialects()),
                SettingsFiles.accepted(catalogue));
    }

    @Singleton
    FileSystems fileSystems(Settings settings, InstantSource clock) {
        var fileSystems = new FileSystems(CallLimits.USUAL, clock, FileSystemWatch::ask, FileSystemWatch::mounts);
        settings.databases().forEach(it -> fileSystems.add(database(it), it.backupDirectory()));
        return fileSystems;
    }

    @Singleton
    @Bean(preDestroy = "close")
    FileSystemWatch fileSystemWatch(
            TaskScheduler scheduler,
            FileSystems fileSystems,
            OperationRunner operations,
            Notifier notices,
            Settings settings,
            InstantSource clock) {
        return new FileSystemWatch(
                scheduler,
                fileSystems,
                operations,
                new HangNotices(
                        fileSystems,
                        notices,
                        settings.databases().stream()
                                .map(DatabaseSettings::name)
                                .toList(),
                        clock,
                        REPORTED_HANG));
    }

    private static Database database(DatabaseSettings settings) {
        return new Database(
                settings.name(),
                settings.source(),
                settings.profile(),
                settings.prefix(),
                settings.layout(),
                settings.compression());
    }

    private static RegisteredDatabase register(DatabaseSettings settings, BackupStore store, FileSystems fileSystems) {
        return new RegisteredDatabase(database(settings), new BoundedStore(store, fileSystems.store(settings.name())));
    }

    @Singleton
    AfterRestore afterRestore(Settings settings) {
        return new AfterRestore(settings.databases());
    }

    /**
     * Platform threads: SQLite's native calls hold the thread that carries them for seconds, and a carrier so held would
     * be missing to the requests' virtual threads.
     */
    @Singleton
    @Bean(preDestroy = "close")
    OperationRunner runner(
            Settings settings,
            OperationLog log,
            InstantSource clock,
            SecureRandom random,
            Metrics metrics,
            OperationNotifications notices,
            AfterRestore afterRestore,
            FileSystems fileSystems,
            AuditTrail audit) {
        var lines = new OperationLines();
        return new OperationRunner(
                log,
                clock,
                new TimeOrderedIds(clock, random),
                Thread.ofPlatform().daemon().factory(),
                ended -> {
                    audit.ended(ended);
                    lines.ended(ended);
                    metrics.ended(ended);
                    notices.ended(ended);
                    afterRestore.ended(ended);
                },
                settings.stopGrace(),
                fileSystems);
    }

    @Singleton
    @Bean(preDestroy = "close")
    Webhooks webhooks(Settings settings, InstantSource clock, SecureRandom random, Metrics metrics) {
        var ids = new TimeOrderedIds(clock, random);
        return Webhooks.to(settings.webhooks(), settings.pings(), clock, () -> "msg_" + ids.get(), random, metrics);
    }

    @Singleton
    OperationNotifications operationNotices(Notifier notices, OperationLog log, Databases databases) {
        return OperationNotifications.to(
                notices,
                log,
                databases.all().stream().map(it -> it.database().name()).toList());
    }

    @Singleton
    Metrics metrics(Databases databases) {
        return Metrics.of(databases);
    }

    @Singleton
    Readiness readiness(
            Databases databases,
            ListDatabases listDatabases,
            SqliteEngine engine,
            Locations locations,
            OperationRunner operations,
            FileSystems fileSystems,
            DataDirectory data,
            InstantSource clock,
            @Named(TaskExecutors.BLOCKING) ExecutorService threads) {
        return Readiness.of(
                databases,
                listDatabases,
                database -> fileSystems
                        .source(database.name())
                        .read(() -> engine.liveDatabases()
                                .findUnfinished(database.source())
                                .or(() -> locations
                                        .problem(database.name(), database.source())
                                        .or(() -> operations.heldBack(database.name()))
                                        .map(it -> it.code().id()))),
                data.root(),
                clock,
                threads);
    }

    @Singleton
    Recovery recovery(
            Databases databases, OperationLog log, SqliteEngine engine, BackupUseCases useCases, InstantSource clock) {
        return new Recovery(databases, log, engine.liveDatabases(), useCases.safetyBackups(), clock);
    }

    @Singleton
    BackupUseCases useCases(
            Databases databases,
            OperationRunner runner,
            Plans plans,
            PlanStore planStore,
            SqliteEngine engine,
            Archives archives,
            Settings settings,
            InstantSource clock,
            FailPoints failPoints) {
        return new BackupUseCases(
                databases,
                runner,
                plans,
                planStore,
                engine.snapshots(),
                engine.checks(),
                archives,
                uploadRules(settings),
                engine.liveDatabases(),
                engine.trials(),
                clock,
                failPoints);
    }

    /** A SQLite database of text becomes a tenth of its size, one that was emptied a thousandth. */
    private static UploadRules uploadRules(Settings settings) {
        return new UploadRules(
                settings.maxUpload(), new UnpackLimits(settings.maxUpload() * MOST_UNFOLDED, MOST_MEMBERS, MOST_RATIO));
    }

    @Singleton
    Archives archives(
            Settings settings, DataDirectory data, Catalogue catalogue, SqliteEngine engine, LocalStores stores) {
        try {
            return FileArchives.in(
                    data.unpacking(),
                    engine.forms(),
                    new SettingsBoundaries(
                            settings,
                            data.root(),
                            SettingsFiles.accepted(catalogue),
                            it -> stores.of(it).folders()));
        } catch (IOException e) {
            throw new StartupException("holdfast.data-dir: " + data.unpacking()
                    + " (expected: a directory that can be written; " + e.getMessage() + ")");
        }
    }

    @Singleton
    UploadBackup uploadBackup(BackupUseCases useCases) {
        return useCases.upload();
    }

    @Singleton
    PlanStore planStore(Catalogue catalogue, AuditedUseCases audited) {
        return audited.plans(catalogue.plans());
    }

    @Singleton
    CurrentCaller currentCaller() {
        var http = new CurrentHttpCaller();
        var grpc = new CurrentGrpcCaller();
        return () -> http.find().or(grpc::find);
    }

    @Singleton
    @Bean(typed = {AuditTrail.class, Audit.class, ListAudit.class})
    AuditTrail audit(Catalogue catalogue, CurrentCaller callers) {
        return new AuditTrail(catalogue.audit(), callers);
    }

    @Singleton
    @Bean(preDestroy = "close")
    AuditTimer auditTimer(TaskScheduler scheduler, AuditTrail trail, Catalogue catalogue, InstantSource clock) {
        return new AuditTimer(scheduler, trail, catalogue.audit(), clock);
    }

    @Singleton
    AuditedUseCases auditedUseCases(AuditTrail trail, CurrentCaller callers, InstantSource clock) {
        return new AuditedUseCases(trail, callers, clock);
    }

    @Singleton
    Plans plans(Settings settings, Databases databases, PlanStore store, InstantSource clock) {
        return new Plans(databases, settings.plans(), store, new PlanParser(), clock);
    }

    @Singleton
    PlanService planStatus(Plans plans, PlanStore store, OperationLog log, InstantSource clock) {
        return PlanService.using(plans, store, log, clock);
    }

    @Singleton
    PlanScheduler plannedWork(
            Databases databases,
            Plans plans,
            PlanStore store,
            OperationRunner runner,
            BackupUseCases useCases,
            Notifier notices,
            FileSystems fileSystems,
            InstantSource clock) {
        return new PlanScheduler(
                databases,
                plans,
                store,
                runner,
                useCases.create(),
                useCases.expire(),
                useCases.verify(),
                useCases.drill(),
                notices,
                clock,
                fileSystems);
    }

    @Singleton
    @Bean(preDestroy = "close")
    PlanTimer planTimer(TaskScheduler scheduler, PlanScheduler work) {
        return new PlanTimer(scheduler, work::look);
    }

    @Singleton
    RunRestoreDrill drillRestore(BackupUseCases useCases, Databases databases, Locations locations) {
        return new LocatedDrills(useCases.drill(), databases, locations);
    }

    @Singleton
    PruneBackups expireBackups(BackupUseCases useCases) {
        return useCases.expire();
    }

    @Singleton
    ResumeRetention resumeRetention(BackupUseCases useCases, Audit audit) {
        return useCases.resumeRetention(audit);
    }

    @Singleton
    CreateBackup createBackup(BackupUseCases useCases) {
        return useCases.create();
    }

    @Singleton
    CreateNamedBackup createNamedBackup(BackupUseCases useCases) {
        return useCases.createNamed();
    }

    @Singleton
    DialectDocuments documents(Catalogue catalogue) {
        return catalogue.documents();
    }

    @Singleton
    RestoreBackup restoreBackup(BackupUseCases useCases, Audit audit, AuditedUseCases audited) {
        return audited.restore(useCases.restore(audit));
    }

    @Singleton
    VerifyBackup verifyBackup(BackupUseCases useCases) {
        return useCases.verify();
    }

    @Singleton
    ListBackups listBackups(BackupUseCases useCases) {
        return useCases.list();
    }

    @Singleton
    FindBackup findBackup(BackupUseCases useCases) {
        return useCases.find();
    }

    @Singleton
    OpenBackup openBackup(BackupUseCases useCases) {
        return useCases.open();
    }

    @Singleton
    UpdateBackup updateBackup(BackupUseCases useCases, AuditedUseCases audited) {
        return audited.update(useCases.update());
    }

    @Singleton
    DeleteBackup deleteBackup(BackupUseCases useCases, AuditedUseCases audited) {
        return audited.delete(useCases.delete());
    }

    @Singleton
    GrpcSettings grpcSettings(Settings settings) {
        return settings.grpc();
    }

    /** The same identification as the HTTP server's. */
    @Singleton
    GrpcAccess grpcAccess(Settings settings, BeanProvider<Identification> identification) {
        return new GrpcAccess(settings.auth().enabled() ? Optional.of(identification.get()) : Optional.empty());
    }

    @Singleton
    dev.holdfast.grpc.service.UseCases grpcUseCases(
            BackupUseCases useCases,
            OperationRunner operations,
            ListDatabases databases,
            PlanService plans,
            UpdateBackup update,
            DeleteBackup delete,
            RestoreBackup restore,
            AuditedUseCases audited,
            ResumeRetention resumeRetention,
            RunRestoreDrill drill,
            ConfirmStore confirmStore,
            ConfirmLocation confirmLocation,
            Audit audit) {
        return new dev.holdfast.grpc.service.UseCases(
                useCases.create(),
                useCases.list(),
                useCases.find(),
                update,
                delete,
                restore,
                useCases.verify(),
                drill,
                audited.open(useCases.open()),
                useCases.upload(),
                operations,
                databases,
                plans,
                useCases.expire(),
                resumeRetention,
                confirmStore,
                confirmLocation,
                audit);
    }

    @Singleton
    ListDatabases listDatabases(
            Databases databases, OperationLog log, PlanService plans, FileSystems fileSystems, InstantSource clock) {
        return ListDatabases.using(
                databases,
                log,
                plans,
                (database, file) -> fileSystems.source(database.name()).read(() -> sizeOf(file)),
                clock);
    }

    @Singleton
    @Bean(preDestroy = "close")
    HistoryTrimming historyTrimming(TaskScheduler scheduler, OperationLog log, Settings settings, InstantSource clock) {
        return new HistoryTrimming(scheduler, log, settings.history(), clock);
    }

    private static Optional<Long> sizeOf(Path file) {
        try {
            return Files.isRegularFile(file) ? Optional.of(Files.size(file)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
