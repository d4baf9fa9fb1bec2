package dev.holdfast.bootstrap.server;

import dev.holdfast.application.access.AdministerAccounts;
import dev.holdfast.application.access.AdministerAccounts.Change;
import dev.holdfast.application.access.AdministerAccounts.Reason;
import dev.holdfast.application.audit.AuditTrail;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.filesystem.FileSystems;
import dev.holdfast.application.location.Locations;
import dev.holdfast.application.notice.OperationNotifications;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.restore.Recovery;
import dev.holdfast.application.settings.DialectDocuments;
import dev.holdfast.bootstrap.settings.ServiceLinks;
import dev.holdfast.bootstrap.settings.Settings;
import dev.holdfast.bootstrap.settings.Settings.DatabaseSettings;
import dev.holdfast.bootstrap.start.BoundAddresses;
import dev.holdfast.bootstrap.start.DataDirectory;
import dev.holdfast.bootstrap.start.FailAt;
import dev.holdfast.bootstrap.start.GrpcStart;
import dev.holdfast.bootstrap.start.HardLinks;
import dev.holdfast.bootstrap.start.Heartbeat;
import dev.holdfast.bootstrap.start.HttpListeners;
import dev.holdfast.bootstrap.start.SampleDatabase;
import dev.holdfast.bootstrap.start.SettingsFiles;
import dev.holdfast.bootstrap.start.Starts;
import dev.holdfast.bootstrap.start.StartupException;
import dev.holdfast.bootstrap.start.UnsharedFileSystems;
import dev.holdfast.bootstrap.timer.AuditTimer;
import dev.holdfast.bootstrap.timer.FileSystemWatch;
import dev.holdfast.bootstrap.timer.HistoryTrimming;
import dev.holdfast.bootstrap.timer.LocationWatch;
import dev.holdfast.bootstrap.timer.PlanTimer;
import dev.holdfast.catalogue.Catalogue;
import dev.holdfast.catalogue.CatalogueException;
import dev.holdfast.dialects.dispatcharr.settings.DirectoryChoice;
import dev.holdfast.dialects.dispatcharr.settings.DispatcharrPlaces;
import dev.holdfast.domain.access.User;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.grpc.server.GrpcServer;
import dev.holdfast.rest.monitoring.Metrics;
import dev.holdfast.security.TokenSettings;
import dev.holdfast.sqlite.file.SourceAccess;
import io.micronaut.context.ApplicationContext;
import io.micronaut.http.server.exceptions.ServerStartupException;
import io.micronaut.runtime.graceful.GracefulShutdownManager;
import io.micronaut.runtime.server.EmbeddedServer;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running server: owns the lock on the data directory, the beans and the sockets, and closes them in order. */
public final class Server implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);

    private static final Duration ANSWERS = Duration.ofSeconds(3);

    private final AutoCloseable lock;
    private final Optional<Heartbeat> heartbeat;
    private final ApplicationContext context;
    private final EmbeddedServer http;
    private final GrpcServer grpc;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CountDownLatch stopped = new CountDownLatch(1);

    private Server(
            AutoCloseable lock,
            Optional<Heartbeat> heartbeat,
            ApplicationContext context,
            EmbeddedServer http,
            GrpcServer grpc) {
        this.lock = lock;
        this.heartbeat = heartbeat;
        this.context = context;
        this.http = http;
        this.grpc = grpc;
    }

    /**
     * @param say tells whoever started it what they should know, in whole lines
     * @throws StartupException if it cannot run as it is set up
     */
    public static Server start(Settings settings, Map<String, String> environment, Consumer<String> say) {
        DataDirectory data = DataDirectory.at(settings.dataDir());
        AutoCloseable lock = data.lock();
        @Nullable ApplicationContext context = null;
        Optional<Heartbeat> heartbeat = Optional.empty();
        try {
            heartbeat = data.heartbeat(new SecureRandom());
            data.loadSqlite();
            ServiceLinks.warning(environment).ifPresent(LOG::warn);
            warnOf(() -> UnsharedFileSystems.ofDataDirectory(settings.dataDir()));
            warnOf(() -> HardLinks.warnings(HardLinks.PROTECTION));
            ApplicationContext started = MicronautContext.start(settings, data, FailAt.from(environment), ANSWERS);
            context = started;
            settings.requireApart(SettingsFiles.accepted(context.getBean(Catalogue.class)));
            firstAdmin(context.getBean(AdministerAccounts.class), settings, environment, say);
            // Now rather than with the first request, so that what is wrong with them stops the start.
            context.getBean(TokenSettings.class);
            warnOfChoices(settings, context);
            OperationNotifications notices = context.getBean(OperationNotifications.class);
            Recovery.Pass recovery = context.getBean(Recovery.class).begin();
            Locations.Beginning locations = beginning(settings, context);
            var starts = new Starts(context.getBean(FileSystems.class), context.getBean(OperationRunner.class), it -> {
                prepare(it.database(), settings, locations, say);
                return recovery.recover(it);
            });
            starts.begin(context.getBean(Databases.class));
            Thread.ofPlatform().daemon().name("other-restores").start(recovery::warnOfOthers);
            List<Operation> cutOff = new ArrayList<>(starts.await());
            cutOff.addAll(recovery.endOthers());
            cutOff.forEach(notices::ended);
            context.getBean(HistoryTrimming.class).start();
            AuditTrail audit = context.getBean(AuditTrail.class);
            audit.catchUp(context.getBean(OperationLog.class));
            context.getBean(AuditTimer.class).start();
            Metrics metrics = context.getBean(Metrics.class);
            metrics.recall(context.getBean(ListDatabases.class));
            metrics.watch(context.getBean(OperationRunner.class));
            metrics.watch(context.getBean(ListDatabases.class), context.getBean(InstantSource.class));
            // First: the framework would start it with the HTTP server, which keeps its port when that fails.
            GrpcServer grpc = context.getBean(GrpcServer.class);
            GrpcStart.start(grpc, settings.grpc());
            EmbeddedServer http = context.getBean(EmbeddedServer.class).start();
            requireNoOtherAddress(settings, grpc, context.getBean(HttpListeners.class));
            // Whoever is told now may ask this server at once.
            AfterRestore afterRestore = context.getBean(AfterRestore.class);
            cutOff.forEach(afterRestore::ended);
            starts.releaseLater(it -> {
                audit.ended(it);
                notices.ended(it);
                afterRestore.ended(it);
            });
            context.getBean(FileSystemWatch.class).start();
            context.getBean(LocationWatch.class).start();
            context.getBean(PlanTimer.class).start();
            say.accept("Holdfast serves " + http.getURI() + " and " + grpc.address() + " (data in " + settings.dataDir()
                    + ").");
            var server = new Server(lock, heartbeat, context, http, grpc);
            heartbeat.ifPresent(it -> it.whenLost(server::close));
            return server;
        } catch (RuntimeException | Error e) {
            closeQuietly(context);
            closeQuietly(heartbeat.orElse(null));
            closeQuietly(lock);
            throw explained(e, settings);
        }
    }

    private static void requireNoOtherAddress(Settings settings, GrpcServer grpc, HttpListeners http) {
        var bound = new ArrayList<SocketAddress>(http.bound());
        bound.addAll(grpc.bound());
        BoundAddresses.require(BoundAddresses.of(settings), bound);
    }

    private static RuntimeException explained(Throwable e, Settings settings) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof StartupException refused) {
                return refused;
            }
            if (cause instanceof CatalogueException catalogue) {
                return new StartupException("holdfast.data-dir: " + catalogue.getMessage());
            }
            if (cause instanceof ProblemException known
                    && known.problem() instanceof Problem.InsufficientStorage full) {
                return new StartupException("holdfast.data-dir: " + full.detail());
            }
            if (cause instanceof ServerStartupException startup) {
                return new StartupException(
                        "holdfast.http.port: " + settings.httpPort() + " (expected: a port that is free on "
                                + settings.httpHost() + "; " + startup.getMessage() + ")");
            }
        }
        if (e instanceof Error error) {
            throw error;
        }
        return (RuntimeException) e;
    }

    private static Locations.Beginning beginning(Settings settings, ApplicationContext context) {
        return context.getBean(Locations.class)
                .begin(
                        settings.databases().stream()
                                .collect(Collectors.toMap(DatabaseSettings::name, DatabaseSettings::source)),
                        context.getBean(Audit.class),
                        context.getBean(InstantSource.class));
    }

    /** What touches the files of a database before anything else does. May hang. */
    private static void prepare(
            Database database, Settings settings, Locations.Beginning locations, Consumer<String> say) {
        settings.databases().stream()
                .filter(it -> it.name().equals(database.name()))
                .forEach(it -> {
                    makeSample(it, say);
                    locations.begin(it.name());
                    warnOf(() -> UnsharedFileSystems.of(it));
                });
        warnOfFiles(database);
    }

    private static void makeSample(DatabaseSettings database, Consumer<String> say) {
        if (database.sampleIfMissing() && SampleDatabase.makeIfMissing(database.file())) {
            say.accept("There was no " + database.file() + ": made a small sample database there.");
        }
    }

    /** The operator learns before the first backup or restore what its paths and rights would refuse. May hang. */
    private static void warnOfFiles(Database database) {
        Path main = database.source().main();
        if (Files.exists(main) && !Files.isRegularFile(main)) {
            LOG.warn("database {}: there is no file {} to back up now", database.name(), main);
            return;
        }
        for (Path file : database.source().databaseFiles()) {
            SourceAccess.toRead(file)
                    .ifPresentOrElse(
                            it -> LOG.warn("database {}: {}", database.name(), it.detail()),
                            () -> SourceAccess.tooLong(file)
                                    .ifPresent(it -> LOG.warn(
                                            "database {}: {} Until then backups are made, and a restore is refused.",
                                            database.name(),
                                            it.detail())));
        }
    }

    private static void warnOf(Callable<List<String>> warnings) {
        try {
            warnings.call().forEach(LOG::warn);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            LOG.warn("The list of mounted file systems cannot be read", e);
        }
    }

    private static void warnOfChoices(Settings settings, ApplicationContext context) {
        DirectoryChoice.remarks(
                        context.getBean(DialectDocuments.class),
                        settings.dialects(),
                        settings.databases().stream()
                                .map(DatabaseSettings::name)
                                .toList(),
                        context.getBean(DispatcharrPlaces.class))
                .forEach(LOG::warn);
    }

    private static void firstAdmin(
            AdministerAccounts accounts, Settings settings, Map<String, String> environment, Consumer<String> say) {
        String name = environment.get("HOLDFAST_ADMIN_USERNAME");
        String password = environment.get("HOLDFAST_ADMIN_PASSWORD");
        if (name == null && password == null) {
            if (settings.auth().enabled() && accounts.users().isEmpty()) {
                say.accept("Nobody can sign in yet: ./holdfast user add NAME --role admin --data-dir "
                        + settings.dataDir());
            }
            return;
        }
        if (name == null || password == null) {
            throw new StartupException(
                    "HOLDFAST_ADMIN_USERNAME and HOLDFAST_ADMIN_PASSWORD: one is set (expected: both)");
        }
        switch (accounts.addFirstAdmin(name, password)) {
            case Change.Made<Optional<User>>(Optional<User> made) ->
                made.ifPresent(it -> say.accept("Made the first admin, " + it.name() + "."));
            case Change.Refused<Optional<User>>(Reason reason) ->
                throw new StartupException("HOLDFAST_ADMIN_USERNAME and HOLDFAST_ADMIN_PASSWORD: " + reason.detail());
        }
    }

    public URI http() {
        return http.getURI();
    }

    public void awaitStop() throws InterruptedException {
        stopped.await();
    }

    /**
     * Says over gRPC's health that it serves no more, takes no new operations, lets those that run finish or cancels them, then takes no more requests: clients that
     * wait for an operation get its end.
     */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        LOG.info("stopping");
        grpc.announceStop();
        // The timer of the file systems goes on: operations that end need it. So does that of the audit, which records
        // them.
        context.getBean(PlanTimer.class).close();
        context.getBean(LocationWatch.class).close();
        context.getBean(HistoryTrimming.class).close();
        context.getBean(OperationRunner.class).close();
        grpc.close();
        awaitAnswers();
        closeQuietly(context);
        closeQuietly(heartbeat.orElse(null));
        closeQuietly(lock);
        stopped.countDown();
    }

    /** Whoever waited for an operation's end is just being told. Streams of events do not end by themselves. */
    private void awaitAnswers() {
        try {
            var _ = context.getBean(GracefulShutdownManager.class)
                    .shutdownGracefully()
                    .toCompletableFuture()
                    .get(ANSWERS.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("Not all answers were taken before the stop", e);
        }
    }

    private static void closeQuietly(@Nullable AutoCloseable resource) {
        if (resource == null) {
            return;
        }
        try {
            resource.close();
        } catch (Exception e) {
            LOG.warn("while stopping", e);
        }
    }
}
