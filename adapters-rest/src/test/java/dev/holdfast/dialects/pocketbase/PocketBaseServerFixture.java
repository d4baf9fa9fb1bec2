package dev.holdfast.dialects.pocketbase;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.access.AdministerAccounts;
import dev.holdfast.application.access.AdministerAccounts.NewToken;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.store.InMemoryBackupStore;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.http.access.AccessServerFixture;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.Dialects;
import dev.holdfast.http.dialect.HttpCalls;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import dev.holdfast.http.dialect.ServedDatabase;
import dev.holdfast.http.dialect.TextDatabase;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The dialect over the real use cases, at the root, with a settable clock, a database that is a text, and archives that
 * are a zip's first four bytes before it. Users are ann (admin) and otto (operator), whose
 * passwords are "password of NAME".
 */
final class PocketBaseServerFixture implements AutoCloseable {
    static final Instant BEGIN = Instant.parse("2024-01-15T12:00:00.123Z");
    private static final DatabaseName PB = new DatabaseName("pb");
    private static final Source SOURCE = Source.of(Path.of("/nowhere/at/all/data.db"));
    private static final Map<Layout, String> HEADS = Map.of(Layout.POCKETBASE_ZIP, "PK\3\4");

    static final byte[] ARCHIVE = new TextDatabase(HEADS).archive(Layout.POCKETBASE_ZIP);

    final ServedDatabase database;
    final SettableClock clock;
    final InMemoryBackupStore store;
    private final AccessServerFixture server;
    private final HttpCalls calls;

    /** Of somebody who is no superuser. */
    final String operatorsToken;

    PocketBaseServerFixture() {
        this(true, "Acme");
    }

    /** @param closed whether access control is on */
    PocketBaseServerFixture(boolean closed, String prefix) {
        database = new ServedDatabase(
                new Database(PB, SOURCE, Profile.POCKETBASE, prefix), new TextDatabase(HEADS), BEGIN);
        clock = database.clock;
        store = database.store;
        server = AccessServerFixture.shared(
                closed,
                List.of(Role.ADMIN, Role.OPERATOR),
                clock,
                new Dialects(Optional.of(Dialect.POCKETBASE), Map.of(Dialect.POCKETBASE, PB), false),
                prefix,
                database::addTo);
        operatorsToken = token(server.administer, Role.OPERATOR);
        calls = new HttpCalls(server.port, UTF_8);
    }

    private static String token(AdministerAccounts administer, Role role) {
        return switch (administer.createToken("job-of-" + role.id(), role, Optional.empty())) {
            case AdministerAccounts.Change.Made<NewToken>(NewToken made) -> made.text();
            case AdministerAccounts.Change.Refused<NewToken>(var reason) ->
                throw new IllegalStateException(reason.detail());
        };
    }

    /** Puts a file there, as somebody else would have. */
    void put(String name, Origin origin) {
        put(name, origin, ARCHIVE.length);
    }

    void put(String name, Origin origin, int size) {
        database.put(name, origin, Layout.POCKETBASE_ZIP, size);
    }

    /** Waits until one of this kind runs. */
    void awaitRunning(OperationKind kind) {
        for (long end = System.nanoTime() + 30_000_000_000L; System.nanoTime() < end; ) {
            if (database.running().stream().anyMatch(it -> it.kind() == kind)) {
                return;
            }
        }
        throw new AssertionError("nothing of this kind runs: " + kind);
    }

    int port() {
        return server.port;
    }

    /** Every answer has what all have: the headers, JSON as PocketBase writes it, and errors of its shape. */
    Answer send(String method, String path, BodyPublisher body, String... headers) throws Exception {
        Answer answer = calls.send(method, path, body, headers);
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
        return send(method, path, HttpCalls.body(body), headers);
    }

    /** A download's body, which comes as it is read. */
    InputStream open(String path) throws Exception {
        return calls.open(path);
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
        database.recover();
        calls.close();
        database.close();
        server.close();
    }
}
