package dev.holdfast.rest.dispatcharr;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.AccountsInMemory;
import dev.holdfast.application.access.AdministerAccounts;
import dev.holdfast.application.access.PlainHashing;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.access.SignIn;
import dev.holdfast.application.archive.Limits;
import dev.holdfast.application.backup.BackupUseCases;
import dev.holdfast.application.backup.CreateBackup;
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
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.application.plan.PlainCronLines;
import dev.holdfast.application.plan.PlanReader;
import dev.holdfast.application.plan.PlanStatus;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.planned.PlannedWork;
import dev.holdfast.application.restore.RestoreTrials.Tried;
import dev.holdfast.application.settings.Documents;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.InMemoryBackupStore;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.BackupKey;
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
import dev.holdfast.rest.dialect.Dialect;
import dev.holdfast.rest.dialect.Dialects;
import dev.holdfast.rest.dialect.DocumentsInMemory;
import dev.holdfast.rest.dialect.Failing;
import dev.holdfast.rest.dialect.TextDatabase;
import dev.holdfast.rest.security.AccessControl;
import dev.holdfast.rest.security.JwtSecret;
import dev.holdfast.rest.upload.UploadLimits;
import io.micronaut.context.ApplicationContext;
import io.micronaut.core.type.Argument;
import io.micronaut.json.JsonMapper;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.runtime.server.EmbeddedServer;
import java.io.IOException;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The dialect over the real use cases, at the root, with a settable clock, a database that is a text, and ports that fail
 * when they are told to. Users are ann (admin) and otto (operator), whose passwords are "password of NAME".
 */
final class ContractServer implements AutoCloseable {
    static final Instant BEGIN = Instant.parse("2026-02-15T10:20:30.123456Z");
    static final int MOST_UPLOADED = 1_000_000;
    static final DatabaseName TV = new DatabaseName("tv");
    static final Path BACKUPS = Path.of("/nowhere/backups");
    private static final Source SOURCE = Source.of(Path.of("/nowhere/dispatcharr.db"));
    private static final JsonMapper JSON = JsonMapper.createDefault();

    final SettableClock clock = new SettableClock(BEGIN);
    private final AccountsInMemory accounts = new AccountsInMemory();
    final AdministerAccounts administer =
            AdministerAccounts.using(accounts, new PlainHashing(), clock, new SecureRandom());
    final InMemoryBackupStore store = new InMemoryBackupStore();
    final TextDatabase database =
            new TextDatabase(Map.of(Layout.DISPATCHARR_ZIP, "PK", Layout.DISPATCHARR_TAR_GZ, "\u001f\u008b"));
    final Failing<BackupStore> stores = new Failing<>(BackupStore.class, store);
    final Failing<OperationLog> log = new Failing<>(OperationLog.class, new InMemoryOperationLog());
    final Failing<Documents> documents = new Failing<>(Documents.class, new DocumentsInMemory());
    final Failing<Operations> operations;
    final Failing<PlanStatus> plans;
    private final PlannedWork planned;
    private final OperationRunner runner;
    private final EmbeddedServer server;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final boolean auth;
    private Instant signedIn = Instant.MIN;
    private String access = "";

    /** Why directories cannot belong to the backups. */
    volatile Optional<String> refusal = Optional.empty();

    /** @param auth whether access control is on */
    ContractServer(boolean auth) {
        this.auth = auth;
        administer.addUser("ann", Role.ADMIN, "password of ann");
        administer.addUser("otto", Role.OPERATOR, "password of otto");
        var dialects = new Dialects(Optional.of(Dialect.DISPATCHARR), Map.of(Dialect.DISPATCHARR, TV), false);
        var databases = new Databases(
                List.of(new RegisteredDatabase(new Database(TV, SOURCE, Profile.DISPATCHARR, "tv"), stores.port())),
                DirectoryChoice.keptIn(documents.port(), dialects));
        var kept = new InMemoryPlanStore();
        var plansOfAll = new Plans(databases, Map.of(), kept, new PlanReader(new PlainCronLines()), clock);
        var ids = new AtomicInteger();
        runner = new OperationRunner(
                log.port(),
                clock,
                () -> new OperationId("op-" + ids.incrementAndGet()),
                Thread.ofVirtual().factory(),
                OperationEvents.NONE,
                Duration.ofSeconds(5));
        operations = new Failing<>(Operations.class, runner);
        plans = new Failing<>(PlanStatus.class, PlanStatus.using(plansOfAll, kept, log.port(), clock));
        var useCases = new BackupUseCases(
                databases,
                runner,
                plansOfAll,
                kept,
                database,
                (image, depth, work) -> new Finding.Sound(depth),
                database,
                new UploadRules(MOST_UPLOADED, Limits.NONE),
                database,
                (image, recorded, work) -> new Tried.Proven(Optional.empty()),
                clock,
                FailPoints.NONE);
        planned = new PlannedWork(
                databases,
                plansOfAll,
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
                        auth,
                        JwtSecret.given("0123456789abcdef0123456789abcdef"),
                        Duration.ofHours(1),
                        Optional.empty()));
        context.registerSingleton(Dialects.class, dialects);
        context.registerSingleton(UploadLimits.class, new UploadLimits(MOST_UPLOADED, Duration.ofSeconds(10)));
        context.registerSingleton(Accounts.class, accounts);
        context.registerSingleton(SignIn.class, SignIn.using(accounts, new PlainHashing(), clock));
        context.registerSingleton(InstantSource.class, clock);
        context.registerSingleton(Databases.class, databases);
        context.registerSingleton(Operations.class, operations.port());
        context.registerSingleton(PlanStatus.class, plans.port());
        context.registerSingleton(CreateBackup.class, useCases.create());
        context.registerSingleton(ListBackups.class, useCases.list());
        context.registerSingleton(FindBackup.class, useCases.find());
        context.registerSingleton(OpenBackup.class, useCases.open());
        context.registerSingleton(DeleteBackup.class, useCases.delete());
        context.registerSingleton(RestoreBackup.class, useCases.restore());
        context.registerSingleton(UploadBackup.class, useCases.upload());
        context.registerSingleton(ExpireBackups.class, useCases.expire());
        context.registerSingleton(Documents.class, documents.port());
        context.registerSingleton(SecureRandom.class, new SecureRandom());
        context.registerSingleton(DispatcharrPlaces.class, new Places());
        context.start();
        server = context.getBean(EmbeddedServer.class).start();
    }

    private final class Places implements DispatcharrPlaces {
        @Override
        public Path backups() {
            return BACKUPS;
        }

        @Override
        public Optional<String> refusal(List<Path> extra) {
            return extra.isEmpty() ? Optional.empty() : refusal;
        }
    }

    /** Has every port work, and snapshots and restores end. */
    void recover() {
        List.of(stores, log, documents, operations, plans).forEach(Failing::recover);
        database.release();
        database.trouble = Optional.empty();
        database.finding = Optional.empty();
    }

    byte[] archive() {
        return database.archive(Layout.DISPATCHARR_ZIP);
    }

    /** Puts a file there, as somebody else would have. */
    void put(String name) {
        store.add(new Backup(
                new BackupKey(name),
                TV,
                archive().length,
                clock.instant(),
                Optional.empty(),
                Origin.EXTERNAL,
                name.endsWith(".tar.gz") ? Layout.DISPATCHARR_TAR_GZ : Layout.DISPATCHARR_ZIP,
                new Verification.Unchecked(),
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
        var running = new OperationLog.Filter(Optional.empty(), Optional.of(OperationState.RUNNING));
        if (runner.list(running, 0, "") instanceof Outcome.Done<Operations.Page>(var page)) {
            for (Operation operation : page.operations()) {
                runner.awaitEnd(operation.id());
            }
        }
    }

    record Answer(int status, String text, HttpHeaders headers) {
        JsonNode json() throws IOException {
            return JSON.readValue(text.getBytes(UTF_8), Argument.of(JsonNode.class));
        }

        /** The text at a path of names and numbers with dots in between. */
        String at(String path) throws IOException {
            JsonNode node = json();
            for (String step : path.split("\\.", -1)) {
                node = Optional.ofNullable(step.matches("\\d+") ? node.get(Integer.parseInt(step)) : node.get(step))
                        .orElseThrow(() -> new AssertionError(path + ": " + text));
            }
            return node.isNull() ? "null" : node.coerceStringValue();
        }

        String header(String name) {
            return headers.firstValue(name).orElse("");
        }
    }

    Answer send(String method, String path, BodyPublisher body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + server.getPort() + path))
                .timeout(Duration.ofSeconds(30))
                .method(method, body);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString(ISO_8859_1));
        return new Answer(response.statusCode(), response.body(), response.headers());
    }

    Answer send(String method, String path, String body, String... headers) throws Exception {
        return send(method, path, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body), headers);
    }

    /** With what the web client sends; signed in anew where time has gone by. */
    Answer call(String method, String path, String body) throws Exception {
        return send(method, path, body, asAnn("Content-Type", "application/json"));
    }

    Answer get(String path) throws Exception {
        return call("GET", path, "");
    }

    Answer upload(String path, String filename, byte[] content) throws Exception {
        String form = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + filename + "\"\r\n\r\n"
                + new String(content, ISO_8859_1) + "\r\n--b--\r\n";
        return send(
                "POST",
                path,
                BodyPublishers.ofByteArray(form.getBytes(ISO_8859_1)),
                asAnn("Content-Type", "multipart/form-data; boundary=b"));
    }

    private String[] asAnn(String... headers) throws Exception {
        var all = new ArrayList<>(List.of(headers));
        if (auth) {
            if (!signedIn.equals(clock.instant())) {
                access = signIn("ann").at("access");
                signedIn = clock.instant();
            }
            all.addAll(List.of("Authorization", "Bearer " + access));
        }
        return all.toArray(String[]::new);
    }

    Answer signIn(String name) throws Exception {
        Answer answer = send(
                "POST",
                "/api/accounts/token/",
                "{\"username\":\"" + name + "\",\"password\":\"password of " + name + "\"}",
                "Content-Type",
                "application/json");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer;
    }

    /** What a task came to that has been begun: its state as clients poll it. */
    Answer ended(Answer started) throws Exception {
        assertThat(started.status()).as(started.text()).isEqualTo(202);
        runner.awaitEnd(new OperationId(started.at("task_id")));
        return polled(started);
    }

    /** With the token alone. */
    Answer polled(Answer started) throws Exception {
        return send("GET", "/api/backups/status/" + started.at("task_id") + "/?token=" + started.at("task_token"), "");
    }

    /** @return the backup's name */
    String create() throws Exception {
        return ended(call("POST", "/api/backups/create/", "")).at("result.filename");
    }

    /** Begins a job and waits for its end. @return the job */
    Answer finished(Answer started) throws Exception {
        assertThat(started.status()).as(started.text()).isEqualTo(202);
        runner.awaitEnd(new OperationId(started.at("celery_task_id")));
        return get("/api/backups/jobs/" + started.at("id") + "/");
    }

    @Override
    public void close() {
        recover();
        http.close();
        server.getApplicationContext().close();
        runner.close();
    }
}
