package dev.holdfast.rest.v1;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.holdfast.application.access.AdministerAccounts.Change;
import dev.holdfast.application.access.AdministerAccounts.NewToken;
import dev.holdfast.application.backup.FindBackup;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.domain.access.Role;
import dev.holdfast.http.access.AccessServerFixture;
import dev.holdfast.http.access.Exchange;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class AccessByDownloadTokenTest {
    private static final String ONE = "/api/v1/backup/" + OneBackupUseCases.NAME;
    private static final String DOWNLOAD = ONE + "/download";

    private final OneBackupUseCases fake = new OneBackupUseCases();
    private final AccessServerFixture server = AccessServerFixture.start(true, (context, _) -> {
        context.registerSingleton(FindBackup.class, fake.findBackup());
        context.registerSingleton(OpenBackup.class, fake.openBackup());
    });

    @BeforeEach
    void reset() {
        fake.reset();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Exchange ask(String... headers) {
        return Exchange.post(server.port, ONE + "/download-token", "", headers);
    }

    private String token(String bearer) {
        return ask(bearer).member("token");
    }

    private int download(String token, String... headers) {
        return server.get(DOWNLOAD + "?token=" + token, headers).status();
    }

    private static String text(String bearer) {
        return bearer.substring("Authorization: Bearer ".length());
    }

    @Test
    void who_may_download_may_have_a_token_and_it_is_enough() {
        assertThat(ask().status()).isEqualTo(401);
        assertThat(ask(server.bearer("vic")).status()).isEqualTo(403);
        assertThat(server.get(DOWNLOAD).status()).isEqualTo(401);
        assertThat(download(token(server.bearer("otto")))).isEqualTo(200);
        assertThat(download(token(server.bearer("ann")))).isEqualTo(200);
        assertThat(Exchange.send(
                                server.port,
                                List.of(
                                        "HEAD " + DOWNLOAD + "?token=" + token(server.bearer("otto")) + " HTTP/1.1",
                                        "Host: localhost",
                                        "Connection: close"),
                                "")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void a_download_token_opens_nothing_but_the_download() {
        String token = token(server.bearer("ann"));

        for (String path : List.of(ONE, "/api/v1/backup", "/api/v1/operations", "/api/probe/viewer", "/metrics")) {
            assertThat(server.get(path + "?token=" + token).status()).as(path).isEqualTo(401);
            assertThat(server.get(path, "Authorization: Bearer " + token).status())
                    .as(path)
                    .isEqualTo(401);
        }
        assertThat(server.get(DOWNLOAD, "Authorization: Bearer " + token).status())
                .isEqualTo(401);
        for (String method : List.of("POST", "PUT", "DELETE", "PATCH")) {
            assertThat(Exchange.send(
                                    server.port,
                                    List.of(
                                            method + " " + DOWNLOAD + "?token=" + token + " HTTP/1.1",
                                            "Host: localhost",
                                            "Connection: close"),
                                    "")
                            .status())
                    .as(method)
                    .isEqualTo(401);
        }
        assertThat(Exchange.post(server.port, ONE + "/download-token?token=" + token, "")
                        .status())
                .isEqualTo(401);
    }

    @Test
    void an_access_token_and_a_service_token_are_nothing_in_an_address() {
        assertThat(download(text(server.bearer("ann")))).isEqualTo(401);
        assertThat(download(create("nightly", Role.ADMIN).text())).isEqualTo(401);
    }

    @Test
    void a_wrong_token_is_refused_although_the_header_would_do() {
        Exchange answer = server.get(DOWNLOAD + "?token=x", server.bearer("ann"));

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.member("code")).isEqualTo("unauthenticated");
        assertThat(answer.member("instance")).isEqualTo(DOWNLOAD);
        assertThat(answer.body()).contains("The token in the address");
        assertThat(answer.header("WWW-Authenticate")).contains("Bearer");
    }

    @Test
    void a_good_token_is_enough_beside_a_header_that_is_none() {
        assertThat(download(token(server.bearer("otto")), "Authorization: Bearer x"))
                .isEqualTo(200);
    }

    @Test
    void it_ends_after_five_minutes() {
        String token = token(server.bearer("otto"));

        server.clock.advance(Duration.ofSeconds(299));
        assertThat(download(token)).isEqualTo(200);
        server.clock.advance(Duration.ofSeconds(2));
        assertThat(download(token)).isEqualTo(401);
    }

    @Test
    void it_ends_with_the_users_password_and_with_the_user() {
        String before = token(server.bearer("otto"));
        server.administer.setPassword("otto", "another password");
        assertThat(download(before)).isEqualTo(401);
        server.administer.setPassword("otto", "password of otto");

        String after = token(server.bearer("otto"));
        assertThat(download(after)).isEqualTo(200);
        server.administer.removeUser("otto");
        assertThat(download(after)).isEqualTo(401);
        server.administer.addUser("otto", Role.ADMIN, "another password");
        assertThat(download(after)).isEqualTo(401);
        server.administer.removeUser("otto");
        server.administer.addUser("otto", Role.VIEWER, "password of otto");
        assertThat(download(after)).isEqualTo(401);
    }

    @Test
    void it_ends_with_the_service_token_that_asked_for_it() {
        NewToken nightly = create("nightly", Role.OPERATOR);
        String token = token("Authorization: Bearer " + nightly.text());
        assertThat(download(token)).isEqualTo(200);

        server.administer.revokeToken("nightly");
        assertThat(download(token)).isEqualTo(401);
        server.clock.advance(Duration.ofSeconds(1));
        create("nightly", Role.ADMIN);
        assertThat(download(token)).isEqualTo(401);
    }

    @Test
    void forged_tokens_are_refused() throws Exception {
        var good = SignedJWT.parse(token(server.bearer("otto")));
        JWTClaimsSet claims = good.getJWTClaimsSet();
        var type = good.getHeader().getType();
        assertThat(download(signed(claims, type, AccessServerFixture.SECRET)))
                .isEqualTo(200); // what follows differs in one thing

        assertThat(download(signed(claims, JOSEObjectType.JWT, AccessServerFixture.SECRET)))
                .isEqualTo(401);
        assertThat(download(signed(claims, null, AccessServerFixture.SECRET))).isEqualTo(401);
        assertThat(download(signed(claims, type, "another secret, just as long as that one")))
                .isEqualTo(401);
        assertThat(download(new PlainJWT(claims).serialize())).isEqualTo(401);
        for (String name : List.of("sub", "iat", "exp", "iss", "holder_mark", "database", "filename", "created_at")) {
            assertThat(download(signed(with(claims, name, null), type, AccessServerFixture.SECRET)))
                    .as("without " + name)
                    .isEqualTo(401);
        }
        assertThat(download(signed(with(claims, "iss", "holdfast"), type, AccessServerFixture.SECRET)))
                .isEqualTo(401);
        assertThat(download(signed(with(claims, "sub", "vic"), type, AccessServerFixture.SECRET)))
                .isEqualTo(401);
        assertThat(download(signed(with(claims, "sub", "provider:otto"), type, AccessServerFixture.SECRET)))
                .isEqualTo(401);
        assertThat(download(signed(with(claims, "sub", "../otto"), type, AccessServerFixture.SECRET)))
                .isEqualTo(401);
        assertThat(download(signed(with(claims, "sha256", "0".repeat(64)), type, AccessServerFixture.SECRET)))
                .isEqualTo(401);
        assertThat(download(signed(
                        with(claims, "exp", Date.from(server.clock.instant().minusSeconds(1))),
                        type,
                        AccessServerFixture.SECRET)))
                .isEqualTo(401);
        assertThat(server.get(
                                "/api/probe/viewer",
                                "Authorization: Bearer " + signed(claims, null, AccessServerFixture.SECRET))
                        .status())
                .isEqualTo(401);
    }

    private static JWTClaimsSet with(JWTClaimsSet claims, String name, @Nullable Object value) {
        return new JWTClaimsSet.Builder(claims).claim(name, value).build();
    }

    private static String signed(JWTClaimsSet claims, @Nullable JOSEObjectType type, String secret) throws Exception {
        var token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).type(type).build(), claims);
        token.sign(new MACSigner(secret));
        return token.serialize();
    }

    private NewToken create(String name, Role role) {
        return switch (server.administer.createToken(name, role, Optional.empty())) {
            case Change.Made<NewToken>(NewToken token) -> token;
            case Change.Refused<NewToken> refused -> throw new AssertionError(refused);
        };
    }
}
