package dev.holdfast.dialects.jobops;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.application.access.AccountsInMemory;
import dev.holdfast.application.access.AdministerAccounts;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.backup.CreateBackup;
import dev.holdfast.application.database.SourceOverrides;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.store.InMemoryBackupStore;
import dev.holdfast.dialects.jobops.backup.BackupList;
import dev.holdfast.dialects.jobops.backup.ManualBackups;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.http.access.AccessServerFixture;
import dev.holdfast.http.access.Beans;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.Dialects;
import dev.holdfast.http.dialect.HttpCalls;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import dev.holdfast.http.dialect.ServedDatabase;
import dev.holdfast.http.dialect.TextDatabase;
import io.micronaut.context.ApplicationContext;
import io.micronaut.context.RuntimeBeanDefinition;
import io.micronaut.json.JsonMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/**
 * The dialect over the real use cases, with a store in memory and a database that is a text. Users are ann (admin), otto
 * (operator) and vic (viewer), whose passwords are "password of NAME".
 */
final class JobOpsServerFixture implements AutoCloseable {
    static final Instant BEGIN = Instant.parse("2026-02-15T10:20:30.123Z");
    static final Path MISSING = Path.of("/nowhere/at/all/jobs.db");
    static final DatabaseName JOBS = new DatabaseName("jobs");

    final ServedDatabase database;
    final SettableClock clock;
    final InMemoryBackupStore store;
    final AccountsInMemory accounts;
    final AdministerAccounts administer;
    private final AccessServerFixture server;
    private final HttpCalls calls;

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

    JobOpsServerFixture(Setting setting) {
        this(setting, Map.of());
    }

    /** @param planned what the settings say of the database's plan */
    JobOpsServerFixture(Setting setting, Map<String, String> planned) {
        this(setting, planned, Optional.empty());
    }

    /** @param patience with other operations and with bodies that do not come; empty for the usual one */
    JobOpsServerFixture(Setting setting, Map<String, String> planned, Optional<Duration> patience) {
        database = new ServedDatabase(
                new Database(JOBS, Source.of(MISSING), Profile.JOBOPS, "jobs"),
                new TextDatabase(Map.of(Layout.SQLITE, "")),
                BEGIN,
                planned,
                _ -> SourceOverrides.NONE);
        clock = database.clock;
        store = database.store;
        var dialects = new Dialects(
                setting.root() ? Optional.of(Dialect.JOBOPS) : Optional.empty(),
                Map.of(Dialect.JOBOPS, JOBS),
                setting.demo());
        server = setting.users() && patience.isEmpty()
                ? AccessServerFixture.shared(
                        setting.auth(), AccessServerFixture.EVERYBODY, clock, dialects, Profile.JOBOPS, database::addTo)
                : AccessServerFixture.start(
                        setting.auth(),
                        setting.users() ? AccessServerFixture.EVERYBODY : List.of(),
                        clock,
                        dialects,
                        (context, _) -> {
                            database.addTo(Beans.of(context));
                            patience.ifPresent(it -> waitNoLongerThan(it, context));
                        });
        accounts = server.accounts;
        administer = server.administer;
        calls = new HttpCalls(server.port, UTF_8);
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

    int port() {
        return server.port;
    }

    /** What asking for accounts or kept documents comes to from now on. */
    void fail(RuntimeException trouble) {
        server.askedAccounts.fail(trouble);
        database.askedDocuments.fail(trouble);
    }

    /** Puts a file there, as JobOps itself or Holdfast would have. */
    Backup put(String name, Origin origin, long size) {
        return database.put(name, origin, Layout.SQLITE, size);
    }

    /** The names in an answer that lists backups. */
    static List<String> filenames(Answer answer) {
        return StreamSupport.stream(answer.node("data.backups").values().spliterator(), false)
                .map(it -> HttpCalls.find(it, "filename").orElseThrow().getStringValue())
                .toList();
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
        return calls.send(method, path, HttpCalls.body(body), headers);
    }

    /** The header that a signed-in user of this name sends. */
    String[] as(String name) throws Exception {
        Answer answer = json(
                "POST", "/api/auth/login", "{\"username\":\"" + name + "\",\"password\":\"password of " + name + "\"}");
        return new String[] {"Authorization", "Bearer " + answer.value("data.token")};
    }

    @Override
    public void close() {
        database.recover();
        calls.close();
        database.close();
        server.close();
    }
}
