package dev.holdfast.http.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.access.AdministerAccounts.Change;
import dev.holdfast.application.access.AdministerAccounts.NewToken;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.ServiceToken;
import dev.holdfast.domain.access.User;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.http.access.Exchange;
import dev.holdfast.testkit.TestScale;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every kind of credential that one account can obtain with another's authority, through all exchanges up to a depth of
 * three: it ends with each account that it depends on, and with no other. anton lends to anna, anna to bert, bert to carl.
 */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class BorrowedAuthorityTest {
    private static final List<String> ACCOUNTS = List.of("anton", "anna", "bert", "carl");
    private static final String SUPERUSERS = "/pocketbase/api/collections/_superusers";
    private static final String DISPATCHARR = "/dispatcharr/api/accounts/";
    private static final String GENERATE = DISPATCHARR + "api-keys/generate/";
    private static final String ME = DISPATCHARR + "users/me/";

    private final DialectServer server = DialectServer.start(true);
    private final Map<String, String> ids = new HashMap<>();
    private int round;

    @AfterEach
    void stop() {
        server.close();
    }

    @BeforeEach
    void begin() {
        accounts();
    }

    /** The same names each time, with other passwords. */
    private void accounts() {
        round++;
        server.http.clock.advance(Duration.ofMillis(1));
        for (String name : ACCOUNTS) {
            remove(name);
            add(name, Role.ADMIN);
        }
        server.http.administer.revokeToken("script");
    }

    private void add(String name, Role role) {
        server.http.accounts.addUser(
                new User(new AccountName(name), role, server.http.clock.instant()), "plain:" + password(name));
    }

    private void remove(String name) {
        server.http.accounts.removeUser(new AccountName(name));
    }

    private String password(String name) {
        return "password " + round + " of " + name;
    }

    enum End {
        REMOVED,
        ANOTHER_ROLE,
        ANOTHER_PASSWORD
    }

    private void end(String name, End how) {
        if (name.equals("script")) {
            server.http.administer.revokeToken(name);
            if (how == End.ANOTHER_ROLE) {
                server.http.clock.advance(Duration.ofMillis(1));
                server.http.accounts.addToken(
                        new ServiceToken(
                                new AccountName(name), Role.OPERATOR, server.http.clock.instant(), Optional.empty()),
                        "%064x".formatted(round));
            }
            return;
        }
        switch (how) {
            case REMOVED -> remove(name);
            case ANOTHER_ROLE -> {
                remove(name);
                add(name, Role.OPERATOR);
            }
            case ANOTHER_PASSWORD -> server.http.administer.setPassword(name, "another " + password(name));
        }
    }

    private enum Kind {
        BEARER,
        POCKETBASE,
        POCKETBASE_FILES,
        POCKETBASE_BACKUP,
        DISPATCHARR_ACCESS,
        DISPATCHARR_REFRESH,
        DISPATCHARR_KEY,
        DISPATCHARR_LINK,
        JOBOPS,
        NATIVE_LINK
    }

    /** @param path how it was obtained, for a person */
    private record Credential(Kind kind, String text, String holder, List<String> lenders, String path) {
        boolean isLink() {
            return switch (kind) {
                case POCKETBASE_FILES, POCKETBASE_BACKUP, DISPATCHARR_LINK, NATIVE_LINK -> true;
                default -> false;
            };
        }

        /** Of a holder who is none any more it says 403, as PocketBase does. */
        boolean isPocketBaseLink() {
            return kind == Kind.POCKETBASE_FILES || kind == Kind.POCKETBASE_BACKUP;
        }

        /** Of the same holder. */
        Credential then(Kind next, String newText) {
            return new Credential(next, newText, holder, lenders, path + " > " + next);
        }

        Credential lentTo(String other, Kind next, String newText) {
            List<String> all = other.equals(holder)
                    ? lenders
                    : Stream.concat(lenders.stream(), Stream.of(holder)).toList();
            return new Credential(next, newText, other, all, path + " > " + next + " of " + other);
        }

        String header() {
            return kind == Kind.DISPATCHARR_KEY ? "X-API-Key: " + text : "Authorization: Bearer " + text;
        }
    }

    private Exchange post(String path, String body, String... headers) {
        Exchange answer = Exchange.post(server.http.port, path, body, headers);
        assertThat(answer.status()).as(path + " " + answer).isBetween(200, 201);
        return answer;
    }

    private static Credential first(Kind kind, String text, String holder) {
        return new Credential(kind, text, holder, List.of(), kind + " of " + holder);
    }

    private Credential signIn(Kind kind, String name) {
        String body = "{\"username\":\"" + name + "\",\"password\":\"" + password(name) + "\"}";
        return switch (kind) {
            case BEARER -> first(kind, post("/api/v1/auth/login", body).member("access_token"), name);
            case POCKETBASE ->
                first(
                        kind,
                        post(SUPERUSERS + "/auth-with-password", body.replace("username", "identity"))
                                .member("token"),
                        name);
            case DISPATCHARR_ACCESS ->
                first(kind, post(DISPATCHARR + "token/", body).member("access"), name);
            case DISPATCHARR_REFRESH ->
                first(kind, post(DISPATCHARR + "token/", body).member("refresh"), name);
            case JOBOPS -> first(kind, post("/jobops/api/auth/login", body).member("token"), name);
            default -> throw new IllegalArgumentException("kind: " + kind + " (expected: one of a sign-in)");
        };
    }

    private Credential serviceToken() {
        return switch (server.http.administer.createToken("script", Role.ADMIN, Optional.empty())) {
            case Change.Made<NewToken>(NewToken made) -> first(Kind.BEARER, made.text(), "script");
            case Change.Refused<NewToken>(var reason) -> throw new AssertionError(reason.detail());
        };
    }

    private List<Credential> signIns() {
        return List.of(
                serviceToken(),
                signIn(Kind.BEARER, "anton"),
                signIn(Kind.POCKETBASE, "anton"),
                signIn(Kind.DISPATCHARR_ACCESS, "anton"),
                signIn(Kind.DISPATCHARR_REFRESH, "anton"),
                signIn(Kind.JOBOPS, "anton"));
    }

    /** All that its bearer can obtain with it without ending another one. */
    private List<Credential> exchanged(Credential by) {
        return switch (by.kind()) {
            case BEARER -> {
                var all = new ArrayList<>(ofPocketBase(by));
                all.add(by.then(Kind.DISPATCHARR_LINK, dispatcharrLink(by)));
                all.add(by.then(
                        Kind.NATIVE_LINK,
                        post("/api/v1/backup/kept.zip/download-token?database=pocketbase", "", by.header())
                                .member("token")));
                yield all;
            }
            case POCKETBASE -> ofPocketBase(by);
            case DISPATCHARR_ACCESS, DISPATCHARR_KEY -> List.of(by.then(Kind.DISPATCHARR_LINK, dispatcharrLink(by)));
            case DISPATCHARR_REFRESH ->
                List.of(by.then(
                        Kind.DISPATCHARR_ACCESS,
                        post(DISPATCHARR + "token/refresh/", "{\"refresh\":\"" + by.text() + "\"}")
                                .member("access")));
            case JOBOPS, POCKETBASE_FILES, POCKETBASE_BACKUP, DISPATCHARR_LINK, NATIVE_LINK -> List.of();
        };
    }

    private String dispatcharrLink(Credential by) {
        Exchange answer = server.http.get("/dispatcharr/api/backups/kept.zip/download-token/", by.header());
        assertThat(answer.status()).as(by.path() + answer).isEqualTo(200);
        return answer.member("token");
    }

    private List<Credential> ofPocketBase(Credential by) {
        var all = new ArrayList<Credential>();
        all.add(by.then(
                Kind.POCKETBASE_FILES,
                post("/pocketbase/api/files/token", "", by.header()).member("token")));
        all.add(by.then(
                Kind.POCKETBASE_BACKUP,
                post("/pocketbase/api/backups/kept.zip/download-token", "", by.header())
                        .member("token")));
        if (by.kind() == Kind.POCKETBASE) {
            all.add(by.then(
                    Kind.POCKETBASE,
                    post(SUPERUSERS + "/auth-refresh", "", by.header()).member("token")));
        }
        for (String other : targets(by)) {
            String id = pocketBaseId(other);
            all.add(by.lentTo(
                    other,
                    Kind.POCKETBASE,
                    post(SUPERUSERS + "/impersonate/" + id, "{\"duration\":86400}", by.header())
                            .member("token")));
        }
        return all;
    }

    /** The same for a name at all times. */
    private String pocketBaseId(String name) {
        return ids.computeIfAbsent(name, _ -> {
            String body = "{\"identity\":\"" + name + "\",\"password\":\"" + password(name) + "\"}";
            return post(SUPERUSERS + "/auth-with-password", body).member("id");
        });
    }

    /** The holder, and the account after them. */
    private static List<String> targets(Credential by) {
        int next = ACCOUNTS.indexOf(by.holder()) + 1;
        var targets = new ArrayList<String>();
        if (next > 0) {
            targets.add(by.holder());
        }
        if (next < ACCOUNTS.size()) {
            targets.add(next == 0 ? "anna" : ACCOUNTS.get(next));
        }
        return targets;
    }

    private Credential key(Credential by, String of) {
        var id = new CRC32();
        id.update(of.getBytes(UTF_8));
        String body = "{\"user_id\":" + (id.getValue() & 0x7fffffff) + "}";
        return by.lentTo(
                of, Kind.DISPATCHARR_KEY, post(GENERATE, body, by.header()).member("key"));
    }

    private int status(Credential shown) {
        return switch (shown.kind()) {
            case BEARER -> server.http.get("/api/v1/databases", shown.header()).status() == 401 ? 401 : 200;
            case POCKETBASE ->
                server.http.get("/pocketbase/api/settings", shown.header()).status();
            case POCKETBASE_FILES, POCKETBASE_BACKUP ->
                server.http
                        .get("/pocketbase/api/backups/kept.zip?token=" + shown.text())
                        .status();
            case DISPATCHARR_ACCESS, DISPATCHARR_KEY ->
                server.http.get(ME, shown.header()).status();
            case DISPATCHARR_REFRESH ->
                Exchange.post(
                                server.http.port,
                                DISPATCHARR + "token/refresh/",
                                "{\"refresh\":\"" + shown.text() + "\"}")
                        .status();
            case DISPATCHARR_LINK ->
                server.http
                        .get("/dispatcharr/api/backups/kept.zip/download/?token=" + shown.text())
                        .status();
            case JOBOPS ->
                server.http.get("/jobops/api/settings", shown.header()).status();
            case NATIVE_LINK ->
                server.http
                        .get("/api/v1/backup/kept.zip/download?database=pocketbase&token=" + shown.text())
                        .status();
        };
    }

    private void assertAlive(List<Credential> all) {
        for (Credential each : all) {
            assertThat(status(each)).as(each.path()).isEqualTo(200);
        }
    }

    private void assertEnded(List<Credential> all, String account, End how) {
        for (Credential each : all) {
            boolean own = each.holder().equals(account);
            if (own
                    && how == End.ANOTHER_ROLE
                    && !each.isLink()
                    && !each.lenders().contains(account)) {
                continue; // their own sign-ins go on with the new role
            }
            boolean lent = each.lenders().contains(account);
            int expected = own && !lent && each.isPocketBaseLink() ? 403 : own || lent ? 401 : 200;
            assertThat(status(each))
                    .as(account + " " + how + ": " + each.path())
                    .isEqualTo(expected);
        }
    }

    private List<Credential> tree(List<Credential> signIns, int most) {
        var all = new ArrayList<>(signIns);
        List<Credential> latest = signIns;
        for (int depth = 0; depth < most; depth++) {
            latest = latest.stream().flatMap(it -> exchanged(it).stream()).toList();
            all.addAll(latest);
        }
        return all;
    }

    @ParameterizedTest
    @EnumSource
    void what_is_exchanged_ends_with_each_account_that_it_depends_on(End how) {
        for (String account : List.of("script", "anton", "anna")) {
            accounts();
            // Three exchanges once; what follows from two says the same for the other ways to end.
            int most = account.equals("anton") && how == End.REMOVED ? 3 : TestScale.of(2, 3);
            List<Credential> all = tree(signIns(), most);
            assertThat(all.stream().map(Credential::kind).distinct()).hasSizeGreaterThan(8);
            assertAlive(all);

            end(account, how);
            assertEnded(all, account, how);
        }
    }

    /** A user has one key, so that each way to one is gone by itself. */
    @ParameterizedTest
    @EnumSource
    void an_api_key_that_a_key_made_ends_with_each_account_that_it_depends_on(End how) {
        List<List<Integer>> ways = List.of(
                List.of(1),
                List.of(1, 0),
                List.of(1, 1),
                List.of(1, 0, 0),
                List.of(1, 0, 1),
                List.of(1, 1, 0),
                List.of(1, 1, 1));
        for (List<Integer> way : ways) {
            for (String lender : List.of("script", "anton")) {
                for (String account : List.of(lender, "anna")) {
                    accounts();
                    Credential made = lender.equals("script")
                            ? serviceToken()
                            : signIn(way.size() % 2 == 0 ? Kind.BEARER : Kind.DISPATCHARR_ACCESS, lender);
                    int holder = 0;
                    for (int step : way) {
                        holder += step;
                        made = key(made, ACCOUNTS.get(holder));
                    }
                    List<Credential> all = Stream.concat(Stream.of(made), exchanged(made).stream())
                            .toList();
                    assertAlive(all);

                    end(account, how);
                    assertEnded(all, account, how);
                }
            }
        }
    }

    @Test
    void a_key_made_with_a_borrowed_key_ends_with_the_admin_who_lent_it_and_is_in_the_audit() {
        Credential own = key(signIn(Kind.DISPATCHARR_ACCESS, "anna"), "anna");
        Credential lent = key(signIn(Kind.DISPATCHARR_ACCESS, "anton"), "anna");
        Credential escaped = key(lent, "anna");
        assertThat(status(own)).isEqualTo(401);
        assertThat(server.http.get(ME, escaped.header()).body()).contains("\"user_level\":10");

        remove("anton");
        assertThat(status(escaped)).isEqualTo(401);
        assertThat(server.kept.newest(3))
                .containsExactly(
                        entry("anna", "a key of anna in place of the one before, with the authority of anton"),
                        entry("anton", "a key of anna in place of the one before"),
                        entry("anna", "a key of anna"));
    }

    private AuditEntry entry(String who, String detail) {
        Instant now = server.http.clock.instant();
        return new AuditEntry(now, who, "api-key.generate", new DatabaseName("dispatcharr"), detail);
    }

    @Test
    void a_borrowed_key_does_not_show_a_key_that_outlives_it() {
        Credential lent = key(signIn(Kind.DISPATCHARR_ACCESS, "anton"), "anna");
        String me = server.http.get(ME, lent.header()).body();
        assertThat(me).contains("\"api_key\":\"" + lent.text() + "\"");

        Credential impersonated = exchanged(signIn(Kind.POCKETBASE, "anton")).getLast();
        assertThat(impersonated.holder()).isEqualTo("anna");
        assertThat(Exchange.get(server.http.port, ME, impersonated.header()).status())
                .as("a token of one dialect is none in another")
                .isEqualTo(401);
    }

    @Test
    void a_link_opens_the_bytes_it_was_given_for_and_no_later_backup_of_that_name() {
        Credential bearer = signIn(Kind.BEARER, "anton");
        Credential files = exchanged(bearer).getFirst();
        List<Credential> links = exchanged(bearer).stream()
                .filter(Credential::isLink)
                .filter(it -> it.kind() != files.kind())
                .toList();
        assertThat(links).hasSize(3);
        assertAlive(links);
        assertThat(server.backup.reads.get())
                .as("read for the name once, then for the answers")
                .isLessThan(8);

        server.backup.content = "PK two";
        for (Credential link : links) {
            assertThat(status(link)).as(link.path()).isEqualTo(link.kind() == Kind.NATIVE_LINK ? 401 : 403);
        }
        assertThat(status(files)).as("PocketBase's own file token").isEqualTo(200);
        server.backup.content = "PK one";
        assertAlive(links);
    }

    @Test
    void the_token_of_one_backup_opens_no_other() {
        String token = exchanged(signIn(Kind.POCKETBASE, "anton")).get(1).text();

        assertThat(server.http
                        .get("/pocketbase/api/backups/other.zip?token=" + token)
                        .status())
                .isEqualTo(403);
        assertThat(server.http
                        .get("/pocketbase/api/settings", "Authorization: " + token)
                        .status())
                .isEqualTo(401);
    }
}
