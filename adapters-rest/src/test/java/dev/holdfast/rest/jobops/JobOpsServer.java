package dev.holdfast.rest.jobops;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.AccountsInMemory;
import dev.holdfast.application.access.AdministerAccounts;
import dev.holdfast.application.access.PlainHashing;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.access.SignIn;
import dev.holdfast.application.archive.Limits;
import dev.holdfast.application.archive.PlainArchives;
import dev.holdfast.application.backup.BackupUseCases;
import dev.holdfast.application.backup.CreateBackup;
import dev.holdfast.application.backup.DeleteBackup;
import dev.holdfast.application.backup.ListBackups;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.application.backup.UploadRules;
import dev.holdfast.application.check.ImageChecks.Finding;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.InMemoryOperationLog;
import dev.holdfast.application.operation.OperationEvents;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.operation.Work;
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.application.plan.PlainCronLines;
import dev.holdfast.application.plan.PlanReader;
import dev.holdfast.application.plan.PlanStatus;
import dev.holdfast.application.plan.PlanTerms;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.planned.PlannedWork;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.application.restore.RestoreTrials.Tried;
import dev.holdfast.application.settings.Documents;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.application.snapshot.Snapshots.Taken;
import dev.holdfast.application.store.InMemoryBackupStore;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.BackupKey;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.DatabaseName;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.naming.Profile;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationId;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.rest.dialect.Dialect;
import dev.holdfast.rest.dialect.Dialects;
import dev.holdfast.rest.security.AccessControl;
import dev.holdfast.rest.security.JwtSecret;
import io.micronaut.context.ApplicationContext;
import io.micronaut.context.RuntimeBeanDefinition;
import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.runtime.server.EmbeddedServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The dialect over the real use cases, with a store in memory and a database that is a text. Users are ann (admin), otto
 * (operator) and vic (viewer), whose passwords are "password of NAME".
 */
final class JobOpsServer implements AutoCloseable {
    static final Instant BEGIN = Instant.parse("2026-02-15T10:20:30.123Z");
    static final Path MISSING = Path.of("/nowhere/at/all/jobs.db");

    private static final DatabaseName JOBS = new DatabaseName("jobs");
    private static final JsonMapper JSON = JsonMapper.createDefault();
    private static final String CONTENT = "a database";

    final SettableClock clock = new SettableClock(BEGIN);
    final InMemoryBackupStore store = new InMemoryBackupStore();
    final Map<String, String> documents = new ConcurrentHashMap<>();
    final AccountsInMemory accounts = new AccountsInMemory();
    final AdministerAccounts administer =
            AdministerAccounts.using(accounts, new PlainHashing(), clock, new SecureRandom());
    final Plans plans;
    final CreateBackup createBackup;
    final OpenBackup openBackup;
    private final PlannedWork planned;
    private final OperationRunner runner;
    private final EmbeddedServer server;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** What the next snapshots come to. */
    volatile Optional<Problem> trouble = Optional.empty();

    /** What asking for accounts or kept documents comes to. */
    volatile Optional<RuntimeException> outage = Optional.empty();

    /** Snapshots wait for it. */
    volatile CountDownLatch gate = new CountDownLatch(0);

    /** How the server is set up. */
    record Setting(boolean auth, boolean demo, boolean root, boolean users) {
        static final Setting OPEN = new Setting(false, false, false, true);

        static final Setting CLOSED = new Setting(true, false, false, true);

        Setting inDemo() {
            return new Setting(auth, true, root, users);
        }

        Setting atTheRoot() {
            return new Setting(auth, demo, true, users);
        }

        Setting withoutUsers() {
            return new Setting(auth, demo, root, false);
        }
    }

    JobOpsServer(Setting setting) {
        this(setting, Map.of());
    }

    /** @param planned what the settings say of the database's plan */
    JobOpsServer(Setting setting, Map<String, String> planned) {
        this(setting, planned, Optional.empty());
    }

    /** @param patience with other operations and with bodies that do not come; empty for the usual one */
    JobOpsServer(Setting setting, Map<String, String> planned, Optional<Duration> patience) {
        if (setting.users()) {
            administer.addUser("ann", Role.ADMIN, "password of ann");
            administer.addUser("otto", Role.OPERATOR, "password of otto");
            administer.addUser("vic", Role.VIEWER, "password of vic");
        }
        var databases = new Databases(
                List.of(new RegisteredDatabase(new Database(JOBS, Source.of(MISSING), Profile.JOBOPS, "jobs"), store)));
        var kept = new InMemoryPlanStore();
        plans = new Plans(
                databases, Map.of(JOBS, PlanTerms.of(planned)), kept, new PlanReader(new PlainCronLines()), clock);
        var log = new InMemoryOperationLog();
        var ids = new AtomicInteger();
        runner = new OperationRunner(
                log,
                clock,
                () -> new OperationId("op-" + ids.incrementAndGet()),
                Thread.ofVirtual().factory(),
                OperationEvents.NONE,
                Duration.ofSeconds(5));
        var useCases = new BackupUseCases(
                databases,
                runner,
                plans,
                kept,
                (source, work) -> snapshot(),
                (image, depth, work) -> new Finding.Sound(depth),
                new PlainArchives(),
                new UploadRules(1_000_000, Limits.NONE),
                new NothingLive(),
                (image, recorded, work) -> new Tried.Proven(Optional.empty()),
                clock,
                FailPoints.NONE);
        createBackup = useCases.create();
        openBackup = useCases.open();
        this.planned = new PlannedWork(
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
        var context = ApplicationContext.builder()
                .properties(Map.of("micronaut.server.port", -1, "micronaut.server.host", "127.0.0.1"))
                .build();
        context.registerSingleton(
                AccessControl.class,
                new AccessControl(
                        setting.auth(),
                        JwtSecret.given("0123456789abcdef0123456789abcdef"),
                        Duration.ofHours(1),
                        Optional.empty()));
        context.registerSingleton(
                Dialects.class,
                new Dialects(
                        setting.root() ? Optional.of(Dialect.JOBOPS) : Optional.empty(),
                        Map.of(Dialect.JOBOPS, JOBS),
                        setting.demo()));
        context.registerSingleton(Accounts.class, whileThereIsNoOutage(Accounts.class, accounts));
        context.registerSingleton(AdministerAccounts.class, administer);
        context.registerSingleton(SignIn.class, SignIn.using(accounts, new PlainHashing(), clock));
        context.registerSingleton(InstantSource.class, clock);
        context.registerSingleton(Databases.class, databases);
        context.registerSingleton(Operations.class, runner);
        context.registerSingleton(PlanStatus.class, PlanStatus.using(plans, kept, log, clock));
        context.registerSingleton(CreateBackup.class, useCases.create());
        context.registerSingleton(ListBackups.class, useCases.list());
        context.registerSingleton(DeleteBackup.class, useCases.delete());
        context.registerSingleton(Documents.class, whileThereIsNoOutage(Documents.class, new DocumentsInMemory()));
        patience.ifPresent(it -> waitNoLongerThan(it, context));
        context.start();
        server = context.getBean(EmbeddedServer.class).start();
    }

    private static void waitNoLongerThan(Duration patience, ApplicationContext context) {
        context.registerBeanDefinition(RuntimeBeanDefinition.builder(
                        Bodies.class, () -> new Bodies(context.getBean(JsonMapper.class), patience))
                .replaces(Bodies.class)
                .singleton(true)
                .build());
        context.registerBeanDefinition(RuntimeBeanDefinition.builder(
                        ManualBackups.class,
                        () -> new ManualBackups(
                                context.getBean(CreateBackup.class),
                                context.getBean(Operations.class),
                                context.getBean(JobOpsDatabase.class),
                                context.getBean(BackupList.class),
                                patience))
                .replaces(ManualBackups.class)
                .singleton(true)
                .build());
    }

    private <T> T whileThereIsNoOutage(Class<T> port, T usual) {
        return port.cast(Proxy.newProxyInstance(
                port.getClassLoader(), new Class<?>[] {port}, (Object _, Method method, Object[] arguments) -> {
                    outage.ifPresent(it -> {
                        throw it;
                    });
                    return method.invoke(usual, arguments);
                }));
    }

    private Taken snapshot() {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return trouble.<Taken>map(Taken.Refused::new).orElseGet(() -> new Taken.Pinned(new Pinned()));
    }

    private record Pinned() implements Snapshot {
        @Override
        public List<Image> images() {
            return List.of(new Text());
        }

        @Override
        public void close() {
            // It holds nothing.
        }
    }

    private record Text() implements Image {
        @Override
        public long size() {
            return CONTENT.length();
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(CONTENT.getBytes(UTF_8));
        }
    }

    private static final class NothingLive implements LiveDatabases {
        @Override
        public <K> Outcome<Optional<K>> replace(Source source, NewContent content, Keeper<K> keeper, Work work) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isUnfinished(Source source) {
            return false;
        }

        @Override
        public List<String> unfinishedBeside(Collection<Source> known) {
            return List.of();
        }

        @Override
        public <K> List<Settlement> settle(Source source, Keeper<K> keeper) {
            throw new UnsupportedOperationException();
        }
    }

    private final class DocumentsInMemory implements Documents {
        @Override
        public Optional<String> find(DatabaseName database, String name) {
            return Optional.ofNullable(documents.get(database + "/" + name));
        }

        @Override
        public void keep(DatabaseName database, String name, String content) {
            documents.put(database + "/" + name, content);
        }
    }

    int port() {
        return server.getPort();
    }

    /** Puts a file there, as JobOps itself or Holdfast would have. */
    Backup put(String name, Origin origin, long size) {
        var key = new BackupKey(name);
        var backup = new Backup(
                key,
                JOBS,
                size,
                clock.instant(),
                Optional.empty(),
                origin,
                Layout.SQLITE,
                origin == Origin.EXTERNAL
                        ? new Verification.Unchecked()
                        : new Verification.Passed(Depth.QUICK, clock.instant()),
                false,
                Backup.Labels.NONE);
        store.add(backup);
        return backup;
    }

    /** Looks at the plan, goes on to this moment, looks again, and lets what begins end. */
    void at(String instant) throws InterruptedException {
        planned.look();
        clock.advance(Duration.between(clock.instant(), Instant.parse(instant)));
        for (int i = 0; i < 4; i++) {
            planned.look();
            settle();
        }
    }

    private void settle() throws InterruptedException {
        for (Operation operation : running()) {
            runner.awaitEnd(operation.id());
        }
    }

    List<Operation> running() {
        return operations(OperationState.RUNNING);
    }

    /** In this state, newest first. */
    List<Operation> operations(OperationState state) {
        var filter = new OperationLog.Filter(Optional.empty(), Optional.of(state));
        return runner.list(filter, 0, "") instanceof Outcome.Done<Operations.Page>(var page)
                ? page.operations()
                : List.of();
    }

    void cancel(Operation operation) {
        runner.cancel(operation.id().value());
    }

    /** An answer, and its body as JSON. */
    record Answer(int status, JsonNode json, HttpHeaders headers, String text) {
        /** What stands behind a path of names and numbers such as {@code data.backups.0.type}. */
        @Nullable
        Object at(String path) {
            return find(json, path)
                    .map(JsonNode::getValue)
                    .map(it -> it instanceof Long number ? (Object) number.intValue() : it)
                    .orElseGet(() -> find(json, path).isPresent() ? null : "absent");
        }

        JsonNode node(String path) {
            return find(json, path).orElseThrow(() -> new AssertionError("no " + path + " in " + text));
        }

        List<String> filenames() {
            return StreamSupport.stream(node("data.backups").values().spliterator(), false)
                    .map(it -> find(it, "filename").orElseThrow().getStringValue())
                    .toList();
        }

        String header(String name) {
            return headers.firstValue(name).orElse("");
        }
    }

    static Optional<JsonNode> find(JsonNode tree, String path) {
        Optional<JsonNode> found = Optional.of(tree);
        for (String step : path.split("\\.", -1)) {
            found = found.map(it -> step.matches("\\d+") ? it.get(Integer.parseInt(step)) : it.get(step));
        }
        return found;
    }

    /** Below the dialect's prefix. */
    Answer call(String method, String path, String body, String... headers) throws Exception {
        return send(method, "/jobops" + path, body, headers);
    }

    Answer get(String path, String... headers) throws Exception {
        return call("GET", path, "", headers);
    }

    Answer json(String method, String path, String body, String... headers) throws Exception {
        var all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("Content-Type", "application/json"));
        return call(method, path, body, all.toArray(String[]::new));
    }

    Answer send(String method, String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + port() + path))
                .timeout(Duration.ofSeconds(30))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
        return new Answer(response.statusCode(), parsed(response.body()), response.headers(), response.body());
    }

    private static JsonNode parsed(String text) throws IOException {
        return text.startsWith("{")
                ? JSON.readValue(text.getBytes(UTF_8), Argument.of(JsonNode.class))
                : JsonNode.createObjectNode(Map.of());
    }

    /** The header that a signed-in user of this name sends. */
    String[] as(String name) throws Exception {
        Answer answer = json(
                "POST", "/api/auth/login", "{\"username\":\"" + name + "\",\"password\":\"password of " + name + "\"}");
        return new String[] {"Authorization", "Bearer " + answer.at("data.token")};
    }

    @Override
    public void close() {
        gate.countDown();
        http.close();
        server.getApplicationContext().close();
        runner.close();
    }
}
