package dev.holdfast.http.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.holdfast.application.access.AdministerAccounts.Change;
import dev.holdfast.application.access.AdministerAccounts.NewToken;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.http.access.AccessServerFixture;
import dev.holdfast.http.access.Exchange;
import java.time.Duration;
import java.util.Base64;
import java.util.Date;
import java.util.Optional;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What dialects give to one on behalf of another, or while nobody had to show who they are. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class IssuedTokensTest {
    private static final String POCKETBASE = "/pocketbase/api/collections/_superusers";
    private static final String SETTINGS = "/pocketbase/api/settings";
    private static final String KEYS = "/dispatcharr/api/accounts/api-keys/";
    private static final String SCHEDULE = "/dispatcharr/api/backups/schedule/";
    private static final String ANN = "{\"identity\":\"ann\",\"password\":\"password of ann\"}";
    private static final String ANN_ELSEWHERE = ANN.replace("identity", "username");
    private static final String TEN_YEARS = "{\"duration\":315360000}";

    private DialectServer server = DialectServer.start(true);

    @AfterEach
    void stop() {
        server.close();
    }

    private String serviceToken(String name, Duration validity) {
        return server.http.administer.createToken(name, Role.ADMIN, Optional.of(validity))
                        instanceof Change.Made<NewToken>(NewToken made)
                ? "Authorization: Bearer " + made.text()
                : "";
    }

    private Exchange post(String path, String body, String... headers) {
        return Exchange.post(server.http.port, path, body, headers);
    }

    private int status(String path, String header) {
        return server.http.get(path, header).status();
    }

    private String signIn() {
        return bearer(post(POCKETBASE + "/auth-with-password", ANN).member("token"));
    }

    private static String bearer(String token) {
        return "Authorization: Bearer " + token;
    }

    private String impersonated(String by) {
        String id = post(POCKETBASE + "/auth-with-password", ANN).member("id");
        Exchange answer = post(POCKETBASE + "/impersonate/" + id, TEN_YEARS, by);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        return bearer(answer.member("token"));
    }

    @Test
    void a_token_that_a_service_token_asked_for_ends_when_that_is_revoked() {
        String script = serviceToken("script", Duration.ofDays(1));
        String token = impersonated(script);
        String exchanged = impersonated(token);
        String file = post("/pocketbase/api/files/token", "", token).member("token");
        String opened = "/pocketbase/api/backups/nothing.zip?token=" + file;
        assertThat(status(SETTINGS, token)).isEqualTo(200);
        assertThat(status(SETTINGS, exchanged)).isEqualTo(200);

        server.http.administer.revokeToken("script");
        assertThat(status(SETTINGS, token)).isEqualTo(401);
        assertThat(status(SETTINGS, exchanged)).isEqualTo(401);
        assertThat(server.http.get(opened).status()).isEqualTo(401);

        // Another one of the same name, made later, is another one.
        server.http.clock.advance(Duration.ofSeconds(1));
        serviceToken("script", Duration.ofDays(1));
        assertThat(status(SETTINGS, token)).isEqualTo(401);
        assertThat(status(SETTINGS, exchanged)).isEqualTo(401);
    }

    @Test
    void it_ends_no_later_than_the_service_token() throws Exception {
        String token = impersonated(serviceToken("script", Duration.ofDays(1)));

        String payload = token.split("\\.", -1)[1];
        assertThat(new String(Base64.getUrlDecoder().decode(payload), UTF_8))
                .contains("\"exp\":"
                        + server.http.clock.instant().plus(Duration.ofDays(1)).getEpochSecond());
        server.http.clock.advance(Duration.ofDays(1).plusSeconds(1));
        assertThat(status(SETTINGS, token)).isEqualTo(401);
    }

    @Test
    void one_that_a_user_asked_for_outlives_the_sign_in_but_not_the_password_nor_the_role() {
        server.http.administer.addUser("zoe", Role.ADMIN, "password of zoe");
        String zoe = bearer(post(POCKETBASE + "/auth-with-password", ANN.replace("ann", "zoe"))
                .member("token"));
        String token = impersonated(zoe);

        server.http.clock.advance(Duration.ofDays(300));
        assertThat(status(SETTINGS, zoe)).isEqualTo(401);
        assertThat(status(SETTINGS, token)).isEqualTo(200);

        server.http.administer.setPassword("zoe", "another password");
        assertThat(status(SETTINGS, token)).isEqualTo(401);
    }

    @Test
    void it_is_in_the_audit() {
        impersonated(serviceToken("script", Duration.ofDays(1)));

        assertThat(server.kept.newest(10))
                .containsExactly(new AuditEntry(
                        server.http.clock.instant(),
                        "script",
                        "token.impersonate",
                        new DatabaseName("pocketbase"),
                        "a token of ann until 2026-03-02T10:00:00Z"));
    }

    @Test
    void a_key_that_a_service_token_made_for_a_user_ends_with_the_service_token() {
        String script = serviceToken("script", Duration.ofDays(1));
        var id = new CRC32();
        id.update("ann".getBytes(UTF_8));
        String body = "{\"user_id\":" + (id.getValue() & 0x7fffffff) + "}";
        String key = "X-API-Key: " + post(KEYS + "generate/", body, script).member("key");
        assertThat(status(SCHEDULE, key)).isEqualTo(200);

        server.http.administer.revokeToken("script");
        assertThat(status(SCHEDULE, key)).isEqualTo(401);
        assertThat(server.http.get(KEYS, server.http.bearer("ann")).body()).contains("\"key\":null");
    }

    @Test
    void what_was_given_while_access_control_was_off_is_worth_nothing_once_it_is_on() {
        server = server.restarted(false);
        String signedIn = signIn();
        String lasting = impersonated("X-Nobody: x");
        String file = post("/pocketbase/api/files/token", "", signedIn).member("token");
        String jobOps = bearer(post("/jobops/api/auth/login", ANN_ELSEWHERE).member("token"));
        Exchange dispatcharr = post("/dispatcharr/api/accounts/token/", ANN_ELSEWHERE);
        var id = new CRC32();
        id.update("ann".getBytes(UTF_8));
        String key = "X-API-Key: "
                + post(KEYS + "generate/", "{\"user_id\":" + (id.getValue() & 0x7fffffff) + "}")
                        .member("key");
        assertThat(status(SETTINGS, lasting)).isEqualTo(200);

        server = server.restarted(true);
        assertThat(status(SETTINGS, signIn())).isEqualTo(200);
        assertThat(status(SETTINGS, signedIn)).isEqualTo(401);
        assertThat(status(SETTINGS, lasting)).isEqualTo(401);
        assertThat(server.http
                        .get("/pocketbase/api/backups/nothing.zip?token=" + file)
                        .status())
                .isEqualTo(403);
        assertThat(status("/jobops/api/settings", jobOps)).isEqualTo(401);
        assertThat(status(SCHEDULE, bearer(dispatcharr.member("access")))).isEqualTo(401);
        assertThat(post(
                                "/dispatcharr/api/accounts/token/refresh/",
                                "{\"refresh\":\"" + dispatcharr.member("refresh") + "\"}")
                        .status())
                .isEqualTo(401);
        assertThat(status(SCHEDULE, key)).isEqualTo(401);
    }

    private String mark(String user) {
        return "user "
                + server.http
                        .accounts
                        .findAccount(new AccountName(user))
                        .orElseThrow()
                        .passwordMark();
    }

    @Test
    void a_key_that_an_earlier_version_kept_depends_on_the_admin_who_asked_for_it() {
        server.http.administer.addUser("zoe", Role.ADMIN, "password of zoe");
        String salt = "00112233445566778899aabbccddeeff";
        String kept = "{\"ann\":{\"salt\":\"" + salt + "\",\"by\":\"zoe\",\"byMark\":\"" + mark("zoe")
                + "\"},\"otto\":\"" + salt + "\"}";
        server.documents.keep(new DatabaseName("dispatcharr"), "dispatcharr.api-keys", kept);
        String ofAnn =
                "X-API-Key: " + server.http.get(KEYS, server.http.bearer("ann")).member("key");
        String ofOtto = "X-API-Key: "
                + server.http.get(KEYS, server.http.bearer("otto")).member("key");
        assertThat(status(SCHEDULE, ofAnn)).isEqualTo(200);

        server.http.administer.removeUser("zoe");
        assertThat(status(SCHEDULE, ofAnn)).isEqualTo(401);
        assertThat(status(KEYS, ofOtto)).isEqualTo(200);
    }

    @Test
    void a_token_of_an_earlier_version_depends_on_the_admin_who_asked_for_it() throws Exception {
        server.http.administer.addUser("zoe", Role.ADMIN, "password of zoe");
        var claims = new JWTClaimsSet.Builder()
                .issuer("holdfast-pocketbase-auth")
                .claim("holder", "ann")
                .claim("holderMark", mark("ann"))
                .claim("issuedBy", "zoe")
                .claim("issuedByMark", mark("zoe"))
                .claim("refreshable", false)
                .expirationTime(Date.from(server.http.clock.instant().plusSeconds(600)));
        var jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256)
                        .type(new JOSEObjectType("pocketbase-auth+jwt"))
                        .build(),
                claims.build());
        jwt.sign(new MACSigner(AccessServerFixture.SECRET));
        String token = bearer(jwt.serialize());
        String exchanged = impersonated(token);
        assertThat(status(SETTINGS, token)).isEqualTo(200);
        assertThat(status(SETTINGS, exchanged)).isEqualTo(200);

        server.http.administer.removeUser("zoe");
        assertThat(status(SETTINGS, token)).isEqualTo(401);
        assertThat(status(SETTINGS, exchanged)).isEqualTo(401);
    }
}
