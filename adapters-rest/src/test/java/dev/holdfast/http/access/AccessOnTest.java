package dev.holdfast.http.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.holdfast.application.access.Account;
import dev.holdfast.application.access.AdministerAccounts.Change;
import dev.holdfast.application.access.AdministerAccounts.NewToken;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class AccessOnTest {
    private static final String VIEWER = "/api/probe/viewer";

    private final AccessServerFixture server = AccessServerFixture.on();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void a_sign_in_gives_a_token_that_opens_what_the_role_opens() {
        Exchange login = server.login("ann", "password of ann");

        assertThat(login.status()).isEqualTo(200);
        assertThat(login.body()).contains("\"token_type\":\"Bearer\"").contains("\"expires_in\":3600");
        assertThat(login.header("Cache-Control")).contains("no-store");
        assertThat(server.get(VIEWER, "Authorization: bearer " + login.member("access_token"))
                        .body())
                .isEqualTo("ann [viewer, operator, admin]");
    }

    @ParameterizedTest
    @CsvSource({
        "vic, 200, 403, 403",
        "otto, 200, 200, 403",
        "ann, 200, 200, 200",
    })
    void each_role_does_what_the_one_before_does(String name, int viewer, int operator, int admin) {
        String bearer = server.bearer(name);

        assertThat(List.of("viewer", "operator", "admin"))
                .map(it -> server.get("/api/probe/" + it, bearer).status())
                .containsExactly(viewer, operator, admin);
        assertThat(server.get("/api/probe/admin", server.bearer("vic")).member("code"))
                .isEqualTo("permission-denied");
    }

    @Test
    void a_wrong_password_is_a_problem_that_does_not_tell_whether_there_is_such_a_name() {
        Exchange known = server.login("ann", "wrong");
        Exchange unknown = server.login("nobody", "wrong");

        assertThat(known.status()).isEqualTo(401);
        assertThat(known.member("code")).isEqualTo("unauthenticated");
        assertThat(known.header("Content-Type").orElseThrow()).startsWith("application/problem+json");
        assertThat(known.header("WWW-Authenticate")).contains("Bearer");
        assertThat(unknown.body()).isEqualTo(known.body());
        assertThat(unknown.status()).isEqualTo(401);
    }

    @Test
    void too_many_wrong_passwords_are_answered_with_how_long_to_wait() {
        for (int i = 0; i < 5; i++) {
            assertThat(server.login("ann", "wrong").status()).isEqualTo(401);
        }
        Exchange sixth = server.login("ann", "password of ann");

        assertThat(sixth.status()).isEqualTo(429);
        assertThat(sixth.member("code")).isEqualTo("too-many-attempts");
        assertThat(sixth.header("Retry-After")).contains("900");
    }

    @Test
    void an_address_that_a_header_claims_does_not_count() {
        String body = "{\"username\":\"ann\",\"password\":\"wrong\"}";
        for (int i = 0; i < 5; i++) {
            Exchange.post(
                    server.port,
                    "/api/v1/auth/login",
                    body,
                    "X-Forwarded-For: 192.0.2." + i,
                    "Forwarded: for=192.0.2." + i);
        }

        assertThat(server.login("ann", "password of ann").status()).isEqualTo(429);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"username\":\"ann\"}",
                "{\"username\":null,\"password\":\"x\"}",
                "[",
                "{\"username\":{}}",
                ""
            })
    void a_sign_in_that_is_no_sign_in_is_the_clients_mistake(String body) {
        Exchange answer = Exchange.post(server.port, "/api/v1/auth/login", body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("Content-Type").orElseThrow()).startsWith("application/problem+json");
    }

    @Test
    void who_says_nothing_is_told_how_to_sign_in() {
        Exchange answer = server.get(VIEWER);

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.member("code")).isEqualTo("unauthenticated");
        assertThat(answer.header("WWW-Authenticate")).contains("Bearer");
    }

    @Test
    void a_route_that_says_nothing_of_roles_is_closed() {
        assertThat(server.get("/api/probe/forgotten").status()).isEqualTo(401);
        assertThat(server.get("/api/probe/forgotten", server.bearer("ann")).status())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nowhere",
                "/login",
                "/logout",
                "/keys",
                "/oauth/access_token",
                "/token_info",
                "/beans",
                "/env",
                "/health"
            })
    void an_address_outside_of_the_api_that_does_not_exist_gets_404_with_and_without_credentials(String path) {
        assertThat(server.get(path).status()).isEqualTo(404);
        assertThat(server.get(path, "Authorization: Bearer x").status()).isEqualTo(404);
        assertThat(server.get(path, server.bearer("ann")).status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/nowhere", "/api/v1/nowhere"})
    void what_does_not_exist_in_the_api_is_hidden_from_strangers_and_shown_to_users(String path) {
        assertThat(server.get(path).status()).isEqualTo(401);
        assertThat(server.get(path, server.bearer("ann")).status()).isEqualTo(404);
    }

    @Test
    void another_method_of_an_address_that_exists_needs_a_token() {
        assertThat(Exchange.post(server.port, "/api/probe/viewer", "{}").status())
                .isEqualTo(401);
        assertThat(Exchange.post(server.port, "/metrics", "{}").status()).isEqualTo(401);
    }

    @Test
    void a_token_ends_when_its_time_is_over() {
        String bearer = server.bearer("ann");

        server.clock.advance(Duration.ofMinutes(59));
        assertThat(server.get(VIEWER, bearer).status()).isEqualTo(200);
        server.clock.advance(Duration.ofMinutes(2));
        Exchange late = server.get(VIEWER, bearer);
        assertThat(late.status()).isEqualTo(401);
        assertThat(late.header("WWW-Authenticate")).contains("Bearer error=\"invalid_token\"");
    }

    @Test
    void a_removed_user_is_out_at_once_and_stays_out_when_the_name_is_given_again() {
        String bearer = server.bearer("otto");
        server.administer.removeUser("otto");
        assertThat(server.get(VIEWER, bearer).status()).isEqualTo(401);

        server.administer.addUser("otto", Role.ADMIN, "another password");
        assertThat(server.get(VIEWER, bearer).status()).isEqualTo(401);
    }

    @Test
    void another_password_ends_the_tokens_of_that_user_and_of_nobody_else() {
        String before = server.bearer("otto");
        String another = server.bearer("vic");

        server.administer.setPassword("otto", "another password");

        assertThat(server.get(VIEWER, before).status()).isEqualTo(401);
        assertThat(server.get(VIEWER, another).status()).isEqualTo(200);
        String after = server.login("otto", "another password").member("access_token");
        assertThat(server.get(VIEWER, "Authorization: Bearer " + after).status())
                .isEqualTo(200);
    }

    @Test
    void the_role_is_the_accounts_not_the_tokens() throws Exception {
        String forgedRole =
                signed(claims("vic").claim("roles", List.of("admin")), AccessServerFixture.SECRET, JWSAlgorithm.HS256);

        assertThat(server.get("/api/probe/viewer", "Authorization: Bearer " + forgedRole)
                        .body())
                .isEqualTo("vic [viewer]");
    }

    @Test
    void a_service_token_works_until_it_is_revoked() {
        NewToken created = switch (server.administer.createToken("nightly", Role.OPERATOR, Optional.empty())) {
            case Change.Made<NewToken>(NewToken token) -> token;
            case Change.Refused<NewToken> refused -> throw new AssertionError(refused);
        };
        String bearer = "Authorization: Bearer " + created.text();

        assertThat(server.get(VIEWER, bearer).body()).isEqualTo("nightly [viewer, operator]");
        server.administer.revokeToken("nightly");
        assertThat(server.get(VIEWER, bearer).status()).isEqualTo(401);
    }

    @Test
    void a_token_is_taken_from_the_header_only() {
        String token = server.login("ann", "password of ann").member("access_token");

        assertThat(server.get(VIEWER + "?token=" + token).status()).isEqualTo(401);
        assertThat(server.get(VIEWER + "?access_token=" + token).status()).isEqualTo(401);
        assertThat(server.get(VIEWER, "Cookie: JWT=" + token).status()).isEqualTo(401);
        assertThat(server.get(VIEWER, "Authorization: Bearer x", "Authorization: Bearer " + token)
                        .status())
                .isEqualTo(401);
    }

    @Test
    void a_name_and_a_password_instead_of_a_token_are_refused() {
        String basic = Base64.getEncoder().encodeToString("ann:password of ann".getBytes(StandardCharsets.UTF_8));

        assertThat(server.get(VIEWER, "Authorization: Basic " + basic).status()).isEqualTo(401);
    }

    @Test
    void forged_tokens_are_refused() throws Exception {
        String good = signed(claims("ann"), AccessServerFixture.SECRET, JWSAlgorithm.HS256);
        assertThat(status(good)).isEqualTo(200); // what follows differs from this in one thing each

        assertThat(status(new PlainJWT(claims("ann").build()).serialize())).isEqualTo(401);
        assertThat(status(withHeader(good, "{\"alg\":\"none\"}"))).isEqualTo(401);
        assertThat(status(withHeader(good, "{\"alg\":\"NONE\"}"))).isEqualTo(401);
        assertThat(status(good.substring(0, good.lastIndexOf('.') + 1))).isEqualTo(401);
        assertThat(status(good.substring(0, good.length() - 2))).isEqualTo(401);
        assertThat(status(good.substring(0, good.lastIndexOf('.')))).isEqualTo(401);
        assertThat(status("." + good)).isEqualTo(401);
        assertThat(status(signed(claims("ann"), "another secret, just as long as that one", JWSAlgorithm.HS256)))
                .isEqualTo(401);
        assertThat(status(signed(claims("ann"), AccessServerFixture.SECRET.repeat(2), JWSAlgorithm.HS512)))
                .isEqualTo(401);
        assertThat(status(signed(claims("ann").expirationTime(at(-1)), AccessServerFixture.SECRET, JWSAlgorithm.HS256)))
                .isEqualTo(401);
        assertThat(status(signed(claims("ann").expirationTime(null), AccessServerFixture.SECRET, JWSAlgorithm.HS256)))
                .isEqualTo(401);
        assertThat(status(signed(claims("ann").issueTime(null), AccessServerFixture.SECRET, JWSAlgorithm.HS256)))
                .isEqualTo(401);
        assertThat(status(signed(claims("ann").notBeforeTime(at(60)), AccessServerFixture.SECRET, JWSAlgorithm.HS256)))
                .isEqualTo(401);
        assertThat(status(
                        signed(claims("ann").claim("pwd_mark", null), AccessServerFixture.SECRET, JWSAlgorithm.HS256)))
                .isEqualTo(401);
        assertThat(status(signed(
                        claims("ann").claim("pwd_mark", passwordMark("vic")),
                        AccessServerFixture.SECRET,
                        JWSAlgorithm.HS256)))
                .isEqualTo(401);
        assertThat(status(signed(claims("ann").issuer("another"), AccessServerFixture.SECRET, JWSAlgorithm.HS256)))
                .isEqualTo(401);
        assertThat(status(signed(claims("nobody"), AccessServerFixture.SECRET, JWSAlgorithm.HS256)))
                .isEqualTo(401);
        assertThat(status(signed(claims("../ann"), AccessServerFixture.SECRET, JWSAlgorithm.HS256)))
                .isEqualTo(401);
        assertThat(status("")).isEqualTo(401);
        assertThat(status("hft_")).isEqualTo(401);
        assertThat(status("hft_" + "A".repeat(43))).isEqualTo(401);
        assertThat(status(withHeader(good, "[".repeat(2000)))).isEqualTo(401);
    }

    private int status(String token) {
        return server.get(VIEWER, "Authorization: Bearer " + token).status();
    }

    private JWTClaimsSet.Builder claims(String subject) {
        return new JWTClaimsSet.Builder()
                .issuer("holdfast")
                .subject(subject)
                .claim("pwd_mark", passwordMark(subject))
                .issueTime(at(0))
                .expirationTime(at(60));
    }

    private String passwordMark(String subject) {
        return Optional.of(subject)
                .filter(AccountName::isValid)
                .flatMap(it -> server.accounts.findAccount(new AccountName(it)))
                .map(Account::passwordMark)
                .orElse("none");
    }

    private Date at(long seconds) {
        return Date.from(server.clock.instant().plusSeconds(seconds));
    }

    private static String signed(JWTClaimsSet.Builder claims, String secret, JWSAlgorithm algorithm) throws Exception {
        var token = new SignedJWT(new JWSHeader(algorithm), claims.build());
        token.sign(new MACSigner(secret));
        return token.serialize();
    }

    private static String withHeader(String token, String header) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(header.getBytes(StandardCharsets.UTF_8))
                + token.substring(token.indexOf('.'));
    }
}
