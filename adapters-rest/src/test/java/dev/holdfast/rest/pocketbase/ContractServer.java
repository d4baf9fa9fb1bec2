package dev.holdfast.rest.pocketbase;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.AccountsInMemory;
import dev.holdfast.application.access.AdministerAccounts;
import dev.holdfast.application.access.AdministerAccounts.NewToken;
import dev.holdfast.application.access.PlainHashing;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.access.SignIn;
import dev.holdfast.application.archive.Archives;
import dev.holdfast.application.archive.Contents;
import dev.holdfast.application.archive.Limits;
import dev.holdfast.application.archive.Unpacking;
import dev.holdfast.application.backup.BackupUseCases;
import dev.holdfast.application.backup.CreateBackup;
import dev.holdfast.application.backup.CreateNamedBackup;
import dev.holdfast.application.backup.DeleteBackup;
import dev.holdfast.application.backup.ExpireBackups;
import dev.holdfast.application.backup.FindBackup;
import dev.holdfast.application.backup.ListBackups;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.application.backup.RestoreBackup;
import dev.holdfast.application.backup.UploadBackup;
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
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.application.plan.PlainCronLines;
import dev.holdfast.application.plan.PlanReader;
import dev.holdfast.application.plan.PlanStatus;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.planned.PlannedWork;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.application.restore.RestoreTrials.Tried;
import dev.holdfast.application.settings.Documents;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.application.snapshot.Snapshots.Taken;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.application.store.BackupStore;
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
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.rest.dialect.Dialect;
import dev.holdfast.rest.dialect.Dialects;
import dev.holdfast.rest.security.AccessControl;
import dev.holdfast.rest.security.JwtSecret;
import dev.holdfast.rest.upload.UploadLimits;
import io.micronaut.context.ApplicationContext;
import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.runtime.server.EmbeddedServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The dialect over the real use cases, at the root, with a settable clock, a store in memory that fails when it is told
 * to, and archives that are a zip's first four bytes before a text. Users are ann (admin) and otto (operator), whose
 * passwords are "password of NAME".
 */
final class ContractServer implements AutoCloseable {
    static final Instant BEGIN = Instant.parse("2024-01-15T12:00:00.123Z");
    static final int MOST_UPLOADED = 1_000_000;
    static final byte[] ARCHIVE = "PK\3\4a database".getBytes(ISO_8859_1);

    private static final DatabaseName PB = new DatabaseName("pb");
    private static final Source SOURCE = Source.of(Path.of("/nowhere/at/all/data.db"));
    private static final JsonMapper JSON = JsonMapper.createDefault();

    final SettableClock clock = new SettableClock(BEGIN);
    final InMemoryBackupStore store = new InMemoryBackupStore();
    private final Map<String, String> documents = new ConcurrentHashMap<>();
    private final PlannedWork planned;
    private final OperationRunner runner;

    /** Of somebody who is no superuser. */
    final String operatorsToken;

    private final EmbeddedServer server;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** What the next snapshots come to. */
    volatile Optional<Problem> trouble = Optional.empty();

    /** What every call of the store comes to. */
    volatile @Nullable RuntimeException storeTrouble;

    /** Snapshots and restores begin, and wait until there is no more of it. */
    volatile CountDownLatch gate = new CountDownLatch(0);

    ContractServer() {
        this(true, "Acme");
    }

    /** @param closed whether access control is on */
    ContractServer(boolean closed, String prefix) {
        var accounts = new AccountsInMemory();
        var administer = AdministerAccounts.using(accounts, new PlainHashing(), clock, new SecureRandom());
        administer.addUser("ann", Role.ADMIN, "password of ann");
        administer.addUser("otto", Role.OPERATOR, "password of otto");
        operatorsToken = token(administer, Role.OPERATOR);
        var databases = new Databases(
                List.of(new RegisteredDatabase(new Database(PB, SOURCE, Profile.POCKETBASE, prefix), failing(store))));
        var kept = new InMemoryPlanStore();
        var plans = new Plans(databases, Map.of(), kept, new PlanReader(new PlainCronLines()), clock);
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
                new HeadedArchives(),
                new UploadRules(MOST_UPLOADED, Limits.NONE),
                new WaitingDatabases(),
                (image, recorded, work) -> new Tried.Proven(Optional.empty()),
                clock,
                FailPoints.NONE);
        planned = new PlannedWork(
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
                        closed,
                        JwtSecret.given("0123456789abcdef0123456789abcdef"),
                        Duration.ofHours(1),
                        Optional.empty()));
        context.registerSingleton(
                Dialects.class, new Dialects(Optional.of(Dialect.POCKETBASE), Map.of(Dialect.POCKETBASE, PB), false));
        context.registerSingleton(UploadLimits.class, new UploadLimits(MOST_UPLOADED, Duration.ofSeconds(10)));
        context.registerSingleton(Accounts.class, accounts);
        context.registerSingleton(SignIn.class, SignIn.using(accounts, new PlainHashing(), clock));
        context.registerSingleton(InstantSource.class, clock);
        context.registerSingleton(Databases.class, databases);
        context.registerSingleton(Operations.class, runner);
        context.registerSingleton(PlanStatus.class, PlanStatus.using(plans, kept, log, clock));
        context.registerSingleton(CreateBackup.class, useCases.create());
        context.registerSingleton(CreateNamedBackup.class, useCases.createNamed());
        context.registerSingleton(ListBackups.class, useCases.list());
        context.registerSingleton(FindBackup.class, useCases.find());
        context.registerSingleton(OpenBackup.class, useCases.open());
        context.registerSingleton(DeleteBackup.class, useCases.delete());
        context.registerSingleton(RestoreBackup.class, useCases.restore());
        context.registerSingleton(UploadBackup.class, useCases.upload());
        context.registerSingleton(ExpireBackups.class, useCases.expire());
        context.registerSingleton(Audit.class, kept);
        context.registerSingleton(Documents.class, new DocumentsInMemory());
        context.start();
        server = context.getBean(EmbeddedServer.class).start();
    }

    private static String token(AdministerAccounts administer, Role role) {
        return switch (administer.createToken("job-of-" + role.id(), role, Optional.empty())) {
            case AdministerAccounts.Change.Made<NewToken>(NewToken made) -> made.text();
            case AdministerAccounts.Change.Refused<NewToken>(var reason) ->
                throw new IllegalStateException(reason.detail());
        };
    }

    private BackupStore failing(BackupStore whole) {
        Class<?>[] types = {BackupStore.class};
        return (BackupStore) Proxy.newProxyInstance(getClass().getClassLoader(), types, (proxy, method, arguments) -> {
            RuntimeException now = storeTrouble;
            if (now != null) {
                throw now;
            }
            try {
                return method.invoke(whole, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    private void await() {
        try {
            assertThat(gate.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Taken snapshot() {
        await();
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
            return ARCHIVE.length;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(ARCHIVE);
        }
    }

    private static final class HeadedArchives implements Archives {
        @Override
        public Written write(Layout layout, Contents contents, OutputStream out, Work work) {
            try {
                out.write(ARCHIVE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return new Written(Optional.empty(), List.of());
        }

        @Override
        public Optional<Layout> recognise(Artifact artifact) {
            try (InputStream in = artifact.open(0)) {
                return new String(in.readNBytes(4), ISO_8859_1).equals("PK\3\4")
                        ? Optional.of(Layout.POCKETBASE_ZIP)
                        : Optional.empty();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Unpacking unpack(
                Artifact archive, Layout layout, Source source, Extent extent, Limits limits, Work work) {
            return new Unpacking.Unpacked(new OnePart(new Unpacking.DatabasePart(source.main(), archive)));
        }
    }

    private record OnePart(Unpacking.DatabasePart part) implements Unpacking.Parts {
        @Override
        public List<Unpacking.DatabasePart> databases() {
            return List.of(part);
        }

        @Override
        public List<Unpacking.DirectoryPart> directories() {
            return List.of();
        }

        @Override
        public Optional<String> remark() {
            return Optional.empty();
        }

        @Override
        public Optional<String> obstacle() {
            return Optional.empty();
        }

        @Override
        public void close() {
            // The archive is somebody else's.
        }
    }

    private final class WaitingDatabases implements LiveDatabases {
        @Override
        public <K> Outcome<Optional<K>> replace(Source source, NewContent content, Keeper<K> keeper, Work work) {
            await();
            return Outcome.done(Optional.empty());
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

    /** Puts a file there, as somebody else would have. */
    void put(String name, Origin origin) {
        put(name, origin, ARCHIVE.length);
    }

    void put(String name, Origin origin, int size) {
        store.add(new Backup(
                new BackupKey(name),
                PB,
                size,
                clock.instant(),
                Optional.empty(),
                origin,
                Layout.POCKETBASE_ZIP,
                origin == Origin.EXTERNAL
                        ? new Verification.Unchecked()
                        : new Verification.Passed(Depth.QUICK, clock.instant()),
                false,
                Backup.Labels.NONE));
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

    void settle() throws InterruptedException {
        for (Operation operation : running()) {
            runner.awaitEnd(operation.id());
        }
    }

    private List<Operation> running() {
        var running = new OperationLog.Filter(Optional.empty(), Optional.of(OperationState.RUNNING));
        return runner.list(running, 0, "") instanceof Outcome.Done<Operations.Page>(var page)
                ? page.operations()
                : List.of();
    }

    /** Waits until one of this kind runs. */
    void awaitRunning(OperationKind kind) {
        for (long end = System.nanoTime() + 30_000_000_000L; System.nanoTime() < end; ) {
            if (running().stream().anyMatch(it -> it.kind() == kind)) {
                return;
            }
        }
        throw new AssertionError("nothing of this kind runs: " + kind);
    }

    record Answer(int status, String text, HttpHeaders headers) {
        JsonNode json() throws IOException {
            return JSON.readValue(text.getBytes(UTF_8), Argument.of(JsonNode.class));
        }

        /** The text at a path of names with dots in between. */
        String at(String path) throws IOException {
            JsonNode node = json();
            for (String name : path.split("\\.", -1)) {
                node = Optional.ofNullable(node.get(name)).orElseThrow(() -> new AssertionError(path + ": " + text));
            }
            return node.coerceStringValue();
        }

        String header(String name) {
            return headers.firstValue(name).orElse("");
        }
    }

    int port() {
        return server.getPort();
    }

    /** Every answer has what all have: the headers, JSON as PocketBase writes it, and errors of its shape. */
    Answer send(String method, String path, BodyPublisher body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + server.getPort() + path))
                .timeout(Duration.ofSeconds(30))
                .method(method, body);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
        var answer = new Answer(response.statusCode(), response.body(), response.headers());
        assertThat(answer.header("X-XSS-Protection")).isEqualTo("1; mode=block");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.header("X-Frame-Options")).isEqualTo("SAMEORIGIN");
        assertThat(answer.headers().allValues("Vary")).containsExactly("Origin");
        if (answer.header("Content-Type").startsWith("application/json")) {
            assertThat(answer.header("Content-Type")).isEqualTo("application/json");
            assertThat(answer.text()).matches("(?s)|[^\n].*[^\n]\n");
        }
        if (answer.status() >= 400 && !method.equals("HEAD")) {
            assertThat(answer.header("Content-Type")).isEqualTo("application/json");
            assertThat(answer.text())
                    .matches("\\{\"data\":\\{.*},\"message\":\"\\p{Lu}.*[.?!]\",\"status\":" + answer.status() + "}\n");
        }
        return answer;
    }

    Answer send(String method, String path, String body, String... headers) throws Exception {
        return send(method, path, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body), headers);
    }

    /** A download's body, which comes as it is read. */
    InputStream open(String path) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://localhost:" + server.getPort() + path))
                .build();
        HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    /** The token of a sign-in. */
    String signIn(String identity) throws Exception {
        Answer answer = send(
                "POST",
                "/api/collections/_superusers/auth-with-password",
                "{\"identity\":\"" + identity + "\",\"password\":\"password of " + identity + "\"}",
                "Content-Type",
                "application/json");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.at("token");
    }

    @Override
    public void close() {
        gate.countDown();
        http.shutdownNow();
        server.getApplicationContext().close();
        runner.close();
    }
}
