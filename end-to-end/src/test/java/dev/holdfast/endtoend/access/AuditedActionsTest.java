package dev.holdfast.endtoend.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.GrpcApi;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the audit says of each action, over REST, gRPC, the dialects and the command line. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class AuditedActionsTest {
    private static final String PASSWORD = "correct horse battery";
    private static final String OTHER_PASSWORD = "staple of the second";
    private static final String JSON = "application/json";

    private final Set<String> secrets = new HashSet<>(List.of(PASSWORD, OTHER_PASSWORD));
    private Path directory;
    private ServerProcess server;
    private Client client;
    private String admin = "";
    private String token = "";
    private String dispatcharr = "";

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary;
        Files.createDirectory(directory.resolve("place"));
        for (String name : List.of("shop", "jobs", "tv", "pb", "place/moved")) {
            Bank.create(directory.resolve(name + ".db"), "DELETE", 0);
        }
        server = ServerProcess.start(Options.in(directory.resolve("data"))
                .config(directory.resolve("holdfast.yml"), """
                        holdfast:
                          auth: {enabled: true}
                          databases:
                            shop: {file: "%1$s/shop.db"}
                            jobs: {file: "%1$s/jobs.db", profile: jobops}
                            tv: {file: "%1$s/tv.db", profile: dispatcharr}
                            pb: {file: "%1$s/pb.db", profile: pocketbase}
                            moved: {file: "%1$s/place/moved.db"}
                          dialects:
                            jobops: {database: jobs}
                            dispatcharr: {database: tv}
                            pocketbase: {database: pb}
                        """.formatted(directory))
                .env("HOLDFAST_ADMIN_USERNAME", "root")
                .env("HOLDFAST_ADMIN_PASSWORD", PASSWORD));
        client = new Client(server.address());
        token = command("", "token", "create", "--name", "job", "--role", "admin")
                .strip();
        secrets.add(token);
        admin = "Bearer " + login("root", PASSWORD).text("access_token");
        secrets.add(admin.substring("Bearer ".length()));
    }

    @AfterAll
    void stop() throws Exception {
        client.close();
        server.close();
    }

    private String command(String input, String... arguments) throws Exception {
        return Command.run(directory.resolve("data"), input, arguments);
    }

    private Answer login(String name, String password) throws Exception {
        return client.send(
                "POST",
                "/api/v1/auth/login",
                "{\"username\":\"" + name + "\",\"password\":\"" + password + "\"}",
                "Content-Type",
                JSON);
    }

    private Answer call(String method, String path, String body) throws Exception {
        return client.send(method, path, body, "Content-Type", JSON, "Authorization", admin);
    }

    private List<JsonNode> entries() throws Exception {
        List<JsonNode> entries = new ArrayList<>();
        String page = "";
        do {
            JsonNode answer = call("GET", "/api/v1/audit?page_size=50&page_token=" + page, "")
                    .json();
            answer.path("entries").forEach(entries::add);
            page = answer.path("next_page_token").asText();
        } while (!page.isEmpty());
        assertThat(entries.toString()).doesNotContain(secrets);
        return entries;
    }

    /** What one request does, and what is in the audit because of it. */
    private interface Request {
        void send() throws Exception;
    }

    private JsonNode entryOf(Request request) throws Exception {
        int before = entries().size();
        request.send();
        List<JsonNode> after = entries();
        assertThat(after).as(after.toString()).hasSize(before + 1);
        return after.getFirst();
    }

    private static void expect(JsonNode entry, Map<String, String> members) {
        members.forEach((name, value) ->
                assertThat(entry.path(name).asText()).as(name + " of " + entry).isEqualTo(value));
    }

    private static void expect(JsonNode entry, String who, String action, String database, String object) {
        expect(
                entry,
                Map.of(
                        "who", who,
                        "address", "127.0.0.1",
                        "action", action,
                        "database", database,
                        "object", object,
                        "outcome", "succeeded",
                        "count", "1"));
    }

    private String backUp(String database) throws Exception {
        return call("POST", "/api/v1/backup?database=" + database, "").text("filename");
    }

    @Test
    void the_start_and_commands_are_recorded_without_an_address() throws Exception {
        expect(
                entries().getLast(),
                Map.of("who", "server start", "action", "user.add", "object", "root", "address", "null"));
        JsonNode added =
                entryOf(() -> command(OTHER_PASSWORD, "user", "add", "otto", "--role", "operator", "--password-stdin"));
        expect(added, Map.of("who", "command line", "action", "user.add", "object", "otto", "detail", "role operator"));
        JsonNode password = entryOf(() -> command("another of otto's", "user", "password", "otto", "--password-stdin"));
        secrets.add("another of otto's");
        expect(password, Map.of("who", "command line", "action", "user.password", "object", "otto"));

        String otto = "Bearer " + login("otto", "another of otto's").text("access_token");
        String name = backUp("shop");
        JsonNode refused = entryOf(() -> {
            for (String path : List.of(name, "other.db", "third.db")) {
                assertThat(client.delete("/api/v1/backup/" + path + "?database=shop", "Authorization", otto)
                                .status())
                        .isEqualTo(403);
            }
        });
        expect(
                refused,
                Map.of(
                        "who", "otto",
                        "action", "call",
                        "object", "DELETE /api/v1/backup/" + name,
                        "outcome", "permission-denied",
                        "count", "3"));
        JsonNode removed = entryOf(() -> command("", "user", "remove", "otto"));
        expect(removed, Map.of("who", "command line", "action", "user.remove", "object", "otto"));
    }

    @Test
    void each_call_over_rest_is_one_entry_of_its_account() throws Exception {
        String name = backUp("shop");
        String path = "/api/v1/backup/" + name;
        String of = "?database=shop";
        expect(entryOf(() -> call("PATCH", path + of, "{\"pinned\":true}")), "root", "backup.pin", "shop", name);
        JsonNode refused =
                entryOf(() -> assertThat(call("DELETE", path + of, "").status()).isEqualTo(409));
        expect(refused, Map.of("action", "backup.delete", "object", name, "outcome", "backup-pinned"));
        expect(entryOf(() -> call("PATCH", path + of, "{\"pinned\":false}")), "root", "backup.unpin", "shop", name);
        expect(
                entryOf(() -> call("PATCH", path + of, "{\"labels\":{\"why\":\"x\"}}")),
                "root",
                "backup.label",
                "shop",
                name);
        expect(
                entryOf(() -> assertThat(
                                call("POST", path + "/restore" + of, "").status())
                        .isEqualTo(200)),
                "root",
                "restore",
                "shop",
                name);
        JsonNode ranges = entryOf(() -> {
            for (int i = 0; i < 20; i++) {
                assertThat(client.text(
                                path + "/download" + of, "Authorization", admin, "Range", "bytes=" + i + "-" + i))
                        .hasSize(1);
            }
        });
        expect(ranges, Map.of("who", "root", "action", "backup.download", "object", name, "count", "20"));
        expect(
                entryOf(() -> call("PATCH", "/api/v1/backup/plan?database=shop", "{\"retention\":{\"last\":7}}")),
                Map.of("who", "root", "action", "plan.change", "database", "shop", "address", "127.0.0.1"));
        expect(
                entryOf(() -> assertThat(call("DELETE", path + of, "").status()).isEqualTo(200)),
                "root",
                "backup.delete",
                "shop",
                name);
        assertThat(entryOf(() -> call("DELETE", path + of, "")).path("outcome").asText())
                .isEqualTo("backup-not-found");
    }

    @Test
    void a_restore_in_the_background_gets_its_outcome_when_it_ends() throws Exception {
        String name = backUp("shop");
        JsonNode entry = entryOf(() -> {
            Answer started = client.post(
                    "/api/v1/backup/" + name + "/restore?database=shop",
                    "Authorization",
                    admin,
                    "Prefer",
                    "respond-async",
                    "Idempotency-Key",
                    "once");
            assertThat(started.status()).isEqualTo(202);
            String operation = started.header("Location");
            while (call("GET", operation, "").text("state").equals("running")) {
                Thread.onSpinWait();
            }
            client.post(
                    "/api/v1/backup/" + name + "/restore?database=shop",
                    "Authorization",
                    admin,
                    "Idempotency-Key",
                    "once");
        });
        expect(entry, "root", "restore", "shop", name);
    }

    @Test
    void sign_ins_are_recorded_and_failed_ones_counted() throws Exception {
        command(OTHER_PASSWORD, "user", "add", "vera", "--role", "viewer", "--password-stdin");
        JsonNode entry = entryOf(() -> login("vera", OTHER_PASSWORD));
        expect(entry, Map.of("who", "vera", "action", "sign-in", "outcome", "succeeded", "address", "127.0.0.1"));
        int before = entries().size();
        for (int i = 0; i < 3; i++) {
            assertThat(login("vera", OTHER_PASSWORD).status()).isEqualTo(200);
        }
        assertThat(entries()).hasSize(before).first().satisfies(it -> expect(it, Map.of("who", "vera", "count", "4")));
        String strange = "n".repeat(300);
        JsonNode failed = entryOf(() -> {
            for (int i = 0; i < 4; i++) {
                assertThat(login(strange, "a guess of a stranger").status()).isEqualTo(401);
            }
        });
        secrets.add("a guess of a stranger");
        expect(
                failed,
                Map.of(
                        "who", "n".repeat(200),
                        "action", "sign-in",
                        "outcome", "unauthenticated",
                        "count", "4",
                        "database", "null"));
    }

    @Test
    void calls_over_grpc_are_recorded_as_those_over_rest() throws Exception {
        try (var grpc = new GrpcApi(server.grpcPort(), token)) {
            String name = backUp("shop");
            expect(entryOf(() -> grpc.update("shop", name, true, Map.of())), Map.of("action", "backup.pin"));
            expect(entryOf(() -> grpc.update("shop", name, false, Map.of())), Map.of("action", "backup.unpin"));
            expect(entryOf(() -> grpc.download("shop", name, 0, "")), "job", "backup.download", "shop", name);
            expect(entryOf(() -> grpc.restore("shop", name, false)), "job", "restore", "shop", name);
            expect(entryOf(() -> grpc.delete("shop", name)), "job", "backup.delete", "shop", name);
        }
    }

    @Test
    void changes_over_a_dialect_are_recorded_with_the_account() throws Exception {
        expect(
                entryOf(() -> assertThat(call("PATCH", "/jobops/api/settings", "{\"backupHour\":5}")
                                .status())
                        .isEqualTo(200)),
                Map.of("who", "root", "action", "settings.change", "database", "jobs", "address", "127.0.0.1"));
        expect(
                entryOf(() -> call("PATCH", "/jobops/api/settings", "{\"backupEnabled\":true}")),
                Map.of("who", "root", "action", "plan.change", "database", "jobs", "address", "127.0.0.1"));
        command(OTHER_PASSWORD, "user", "add", "theo", "--role", "viewer", "--password-stdin");
        JsonNode signedIn = entryOf(() -> {
            Answer answer = client.send(
                    "POST",
                    "/dispatcharr/api/accounts/token/",
                    "{\"username\":\"theo\",\"password\":\"" + OTHER_PASSWORD + "\"}",
                    "Content-Type",
                    JSON);
            dispatcharr = "Bearer " + answer.text("access");
        });
        secrets.add(dispatcharr.substring("Bearer ".length()));
        expect(signedIn, Map.of("who", "theo", "action", "sign-in", "outcome", "succeeded"));
        expect(
                entryOf(this::generateKey),
                Map.of("who", "theo", "action", "api-key.generate", "database", "tv", "detail", "a key of theo"));
        JsonNode replaced = entryOf(() -> {
            for (int i = 0; i < 30; i++) {
                generateKey();
            }
        });
        expect(replaced, Map.of("who", "theo", "action", "api-key.generate", "count", "30"));
        JsonNode revoked = entryOf(
                () -> assertThat(client.post("/dispatcharr/api/accounts/api-keys/revoke/", "Authorization", dispatcharr)
                                .status())
                        .isEqualTo(200));
        expect(revoked, Map.of("who", "theo", "action", "api-key.revoke", "database", "tv"));
    }

    private void generateKey() throws Exception {
        Answer answer = client.post("/dispatcharr/api/accounts/api-keys/generate/", "Authorization", dispatcharr);
        assertThat(answer.status()).isEqualTo(201);
        secrets.add(answer.text("key"));
    }

    @Test
    void a_download_by_a_link_of_a_dialect_is_recorded_with_the_account_that_asked_for_the_link() throws Exception {
        command(OTHER_PASSWORD, "user", "add", "dora", "--role", "admin", "--password-stdin");
        Answer signedIn = client.send(
                "POST",
                "/dispatcharr/api/accounts/token/",
                "{\"username\":\"dora\",\"password\":\"" + OTHER_PASSWORD + "\"}",
                "Content-Type",
                JSON);
        String admin = "Bearer " + secret(signedIn.text("access"));
        String name = backUp("tv");
        JsonNode download = entryOf(() -> {
            String path = "/dispatcharr/api/backups/" + name;
            String link = client.get(path + "/download-token/", "Authorization", admin)
                    .text("token");
            secrets.add(link);
            assertThat(client.text(path + "/download/?token=" + link)).isNotEmpty();
        });
        expect(download, "dora", "backup.download", "tv", name);
    }

    @Test
    void calls_over_the_api_of_pocketbase_are_recorded_with_the_account_that_a_token_is_of() throws Exception {
        command(OTHER_PASSWORD, "user", "add", "petra", "--role", "admin", "--password-stdin");
        String superusers = "/pocketbase/api/collections/_superusers/";
        List<Answer> answers = new ArrayList<>();
        JsonNode signedIn = entryOf(() -> answers.add(client.send(
                "POST",
                superusers + "auth-with-password",
                "{\"identity\":\"petra\",\"password\":\"" + OTHER_PASSWORD + "\"}",
                "Content-Type",
                JSON)));
        expect(signedIn, Map.of("who", "petra", "action", "sign-in", "outcome", "succeeded"));
        String root = secret(answers.getFirst().text("token"));
        String id = answers.getFirst().json().path("record").path("id").asText();
        JsonNode lasting = entryOf(() -> secret(client.send(
                        "POST",
                        superusers + "impersonate/" + id,
                        "{\"duration\":7200}",
                        "Content-Type",
                        JSON,
                        "Authorization",
                        root)
                .text("token")));
        expect(lasting, Map.of("who", "petra", "action", "token.impersonate", "outcome", "succeeded"));
        String name = backUp("pb");
        JsonNode download = entryOf(() -> {
            String file = secret(client.post("/pocketbase/api/files/token", "Authorization", root)
                    .text("token"));
            assertThat(client.text("/pocketbase/api/backups/" + name + "?token=" + file))
                    .isNotEmpty();
        });
        expect(download, "petra", "backup.download", "pb", name);
        JsonNode deleted =
                entryOf(() -> assertThat(client.delete("/pocketbase/api/backups/" + name, "Authorization", root)
                                .status())
                        .isEqualTo(204));
        expect(deleted, "petra", "backup.delete", "pb", name);
    }

    private String secret(String text) {
        assertThat(text).hasSizeGreaterThan(20);
        secrets.add(text);
        return text;
    }

    @Test
    void confirmations_are_recorded() throws Exception {
        Path place = directory.resolve("place");
        Files.move(place, directory.resolve("elsewhere"));
        Files.createSymbolicLink(place, directory.resolve("elsewhere"));
        String accepted = directory.toRealPath().resolve("elsewhere/moved.db").toString();
        JsonNode location = entryOf(() -> {
            assertThat(call("POST", "/api/v1/backup?database=moved", "").text("code"))
                    .isEqualTo("location-changed");
            Answer answer = call(
                    "POST", "/api/v1/databases/moved/confirm-location", "{\"resolved_path\":\"" + accepted + "\"}");
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        });
        expect(location, Map.of("who", "root", "action", "location.confirm", "database", "moved"));
        JsonNode store = entryOf(() -> assertThat(call("POST", "/api/v1/stores/local/confirm?database=shop", "")
                        .status())
                .isEqualTo(200));
        expect(store, Map.of("who", "root", "action", "store.confirm", "database", "shop"));
    }

    @Test
    void service_tokens_are_recorded_without_what_opens_them() throws Exception {
        JsonNode created = entryOf(() -> secret(command("", "token", "create", "--name", "night", "--role", "operator")
                .strip()));
        expect(
                created,
                Map.of("who", "command line", "action", "token.create", "object", "night", "detail", "role operator"));
        JsonNode revoked = entryOf(() -> command("", "token", "revoke", "night"));
        expect(revoked, Map.of("who", "command line", "action", "token.revoke", "object", "night"));
    }
}
