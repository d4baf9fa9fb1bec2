package dev.holdfast.dialects.dispatcharr;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.access.AdministerAccounts;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.store.InMemoryBackupStore;
import dev.holdfast.dialects.dispatcharr.settings.DirectoryChoice;
import dev.holdfast.dialects.dispatcharr.settings.DispatcharrPlaces;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.http.access.AccessServerFixture;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.Dialects;
import dev.holdfast.http.dialect.HttpCalls;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import dev.holdfast.http.dialect.ServedDatabase;
import dev.holdfast.http.dialect.TextDatabase;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The dialect over the real use cases, at the root, with a settable clock, a database that is a text, and ports that fail
 * when they are told to. Users are ann (admin) and otto (operator), whose passwords are "password of NAME".
 */
final class DispatcharrServerFixture implements AutoCloseable {
    static final Instant BEGIN = Instant.parse("2026-02-15T10:20:30.123456Z");
    static final DatabaseName TV = new DatabaseName("tv");
    static final Path BACKUPS = Path.of("/nowhere/backups");
    private static final Source SOURCE = Source.of(Path.of("/nowhere/dispatcharr.db"));

    final ServedDatabase database;
    final SettableClock clock;
    final InMemoryBackupStore store;
    final AdministerAccounts administer;
    private final AccessServerFixture server;
    private final HttpCalls calls;
    private final boolean auth;
    private Instant signedIn = Instant.MIN;
    private String access = "";

    /** Where new backups go. */
    volatile Path chosen = BACKUPS;

    /** The folder of the last choice that was taken back. */
    volatile Optional<Path> undone = Optional.empty();

    /** Why directories cannot belong to the backups. */
    volatile Optional<String> refusal = Optional.empty();

    /** @param auth whether access control is on */
    DispatcharrServerFixture(boolean auth) {
        this.auth = auth;
        var dialects = new Dialects(Optional.of(Dialect.DISPATCHARR), Map.of(Dialect.DISPATCHARR, TV), false);
        database = new ServedDatabase(
                new Database(TV, SOURCE, Profile.DISPATCHARR, "tv"),
                new TextDatabase(Map.of(Layout.DISPATCHARR_ZIP, "PK", Layout.DISPATCHARR_TAR_GZ, "\u001f\u008b")),
                BEGIN,
                Map.of(),
                documents -> DirectoryChoice.keptIn(documents, dialects));
        clock = database.clock;
        store = database.store;
        server = AccessServerFixture.shared(
                auth, List.of(Role.ADMIN, Role.OPERATOR), clock, dialects, Profile.DISPATCHARR, beans -> {
                    database.addTo(beans);
                    beans.add(DispatcharrPlaces.class, new Places());
                });
        administer = server.administer;
        // A character for each byte, as archives come back.
        calls = new HttpCalls(server.port, ISO_8859_1);
    }

    private final class Places implements DispatcharrPlaces {
        @Override
        public Path backups() {
            return BACKUPS;
        }

        @Override
        public Path chosen() {
            return chosen;
        }

        /** Below the backup directory alone. */
        @Override
        public Choice choose(String text) {
            Path folder = BACKUPS.resolve(text).normalize();
            if (text.equals("full")) {
                return new Choice.Inaccessible("The disk is full.");
            }
            return folder.startsWith(BACKUPS)
                    ? new Choice.Open(() -> chosen = folder, () -> undone = Optional.of(folder))
                    : new Choice.Forbidden("Backups do not go there.");
        }

        @Override
        public Optional<String> refusal(List<Path> extra) {
            return extra.isEmpty() ? Optional.empty() : refusal;
        }
    }

    byte[] archive() {
        return database.text.archive(Layout.DISPATCHARR_ZIP);
    }

    /** Puts a file there, as somebody else would have. */
    void put(String name) {
        Layout layout = name.endsWith(".tar.gz") ? Layout.DISPATCHARR_TAR_GZ : Layout.DISPATCHARR_ZIP;
        database.put(name, Origin.EXTERNAL, layout, archive().length);
    }

    Answer send(String method, String path, BodyPublisher body, String... headers) throws Exception {
        return calls.send(method, path, body, headers);
    }

    Answer send(String method, String path, String body, String... headers) throws Exception {
        return send(method, path, HttpCalls.body(body), headers);
    }

    /** With what the web client sends; signed in anew where time has gone by. */
    Answer call(String method, String path, String body) throws Exception {
        return send(method, path, body, asAnn("Content-Type", "application/json"));
    }

    Answer get(String path) throws Exception {
        return call("GET", path, "");
    }

    Answer upload(String path, String filename, byte[] content) throws Exception {
        return send(
                "POST",
                path,
                BodyPublishers.ofByteArray(HttpCalls.form(filename, content)),
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
        database.runner.awaitEnd(new OperationId(started.at("task_id")));
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
        database.runner.awaitEnd(new OperationId(started.at("celery_task_id")));
        return get("/api/backups/jobs/" + started.at("id") + "/");
    }

    @Override
    public void close() {
        database.recover();
        calls.close();
        database.close();
        server.close();
    }
}
