package dev.holdfast.http.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.holdfast.security.IdentityProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class IdentityProviderTest {
    private RSAKey rsa;
    private ECKey ec;
    private HttpServer provider;
    private AccessServerFixture server;

    @BeforeAll
    void start() throws Exception {
        rsa = new RSAKeyGenerator(2048).keyID("rsa").generate();
        ec = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
        // A careless provider publishes a secret as well; it must not make HS256 acceptable.
        var secret = new OctetSequenceKey.Builder(
                        "a secret that was published by mistake".getBytes(StandardCharsets.UTF_8))
                .keyID("oct")
                .build();
        provider = serving(new JWKSet(List.of(rsa, ec, secret)).toString(false));
        server = AccessServerFixture.with(
                new IdentityProvider(jwks(provider), Optional.of("https://id.example"), Optional.of("holdfast")));
    }

    @AfterAll
    void stop() {
        server.close();
        provider.stop(0);
    }

    @Test
    void a_token_signed_with_a_published_key_is_taken_with_the_role_it_names() throws Exception {
        assertThat(who(rsa(claims("u1").claim("holdfast_role", "operator"))))
                .isEqualTo("provider:u1 [viewer, operator]");
        assertThat(who(rsa(claims("u1").claim("roles", List.of("viewer", "admin", "other")))))
                .isEqualTo("provider:u1 [viewer, operator, admin]");
        assertThat(who(rsa(claims("u1").claim("holdfast_role", "viewer").claim("roles", List.of("admin")))))
                .isEqualTo("provider:u1 [viewer]");
        assertThat(who(signed(
                        JWSAlgorithm.ES256,
                        "ec",
                        new ECDSASigner(ec),
                        claims("u2").claim("roles", "viewer"))))
                .isEqualTo("provider:u2 [viewer]");
    }

    @Test
    void an_access_token_by_its_type_is_taken_too() throws Exception {
        var token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .keyID("rsa")
                        .type(new JOSEObjectType("at+jwt"))
                        .build(),
                viewer().build());
        token.sign(new RSASSASigner(rsa));

        assertThat(status(token.serialize())).isEqualTo(200);
    }

    @Test
    void nobody_becomes_a_user_of_this_server_by_being_called_so() throws Exception {
        assertThat(who(rsa(claims("ann").claim("roles", "viewer")))).isEqualTo("provider:ann [viewer]");
        assertThat(status(rsa(viewer().issuer("holdfast").subject("ann")))).isEqualTo(401);
    }

    @Test
    void the_servers_own_tokens_stay_valid() {
        assertThat(server.get("/api/probe/viewer", server.bearer("ann")).status())
                .isEqualTo(200);
    }

    @Test
    void every_other_token_is_refused() throws Exception {
        assertThat(status(rsa(viewer()))).isEqualTo(200); // what follows differs from this in one thing each

        assertThat(status(rsa(claims("u1")))).isEqualTo(401);
        assertThat(status(rsa(claims("u1").claim("roles", List.of("owner", 7)))))
                .isEqualTo(401);
        assertThat(status(rsa(claims("u1").claim("roles", Map.of("admin", true)))))
                .isEqualTo(401);
        assertThat(status(rsa(viewer().expirationTime(at(-61))))).isEqualTo(401);
        assertThat(status(rsa(viewer().expirationTime(null)))).isEqualTo(401);
        assertThat(status(rsa(viewer().notBeforeTime(at(120))))).isEqualTo(401);
        assertThat(status(rsa(viewer().issuer("https://other.example")))).isEqualTo(401);
        assertThat(status(rsa(viewer().audience("another")))).isEqualTo(401);
        assertThat(status(rsa(viewer().subject("a\nb")))).isEqualTo(401);
        assertThat(status(rsa(viewer().subject(null)))).isEqualTo(401);
        RSAKey stranger = new RSAKeyGenerator(2048).keyID("rsa").generate();
        assertThat(status(signed(JWSAlgorithm.RS256, "rsa", new RSASSASigner(stranger), viewer())))
                .isEqualTo(401);
        assertThat(status(signed(JWSAlgorithm.RS256, "unknown", new RSASSASigner(stranger), viewer())))
                .isEqualTo(401);
    }

    @Test
    void a_public_key_is_not_taken_for_a_secret() throws Exception {
        byte[] pem = ("-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                                .encodeToString(rsa.toRSAPublicKey().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n")
                .getBytes(StandardCharsets.US_ASCII);
        List<byte[]> secrets = List.of(
                pem,
                rsa.toRSAPublicKey().getEncoded(),
                rsa.getModulus().decode(),
                "a secret that was published by mistake".getBytes(StandardCharsets.UTF_8));

        for (byte[] secret : secrets) {
            for (String keyId : List.of("rsa", "oct")) {
                assertThat(status(signed(JWSAlgorithm.HS256, keyId, new MACSigner(secret), viewer())))
                        .isEqualTo(401);
            }
        }
    }

    @Test
    void a_key_inside_the_token_is_not_used() throws Exception {
        RSAKey stranger = new RSAKeyGenerator(2048).generate();
        var token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .jwk(stranger.toPublicJWK())
                        .build(),
                viewer().build());
        token.sign(new RSASSASigner(stranger));

        assertThat(status(token.serialize())).isEqualTo(401);
    }

    @Test
    void while_the_provider_cannot_be_reached_its_tokens_are_refused_and_users_still_get_in() throws Exception {
        HttpServer gone = serving("{}");
        URI nowhere = jwks(gone);
        gone.stop(0);
        try (var alone = AccessServerFixture.with(new IdentityProvider(nowhere, Optional.empty(), Optional.empty()))) {
            assertThat(alone.get("/api/probe/viewer", "Authorization: Bearer " + rsa(viewer()))
                            .status())
                    .isEqualTo(401);
            assertThat(alone.get("/api/probe/viewer", alone.bearer("vic")).status())
                    .isEqualTo(200);
        }
    }

    private static HttpServer serving(String json) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        server.createContext("/jwks", exchange -> {
            try (exchange) {
                exchange.getResponseHeaders().add("Content-Type", "application/json");
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        return server;
    }

    private static URI jwks(HttpServer server) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/jwks");
    }

    private JWTClaimsSet.Builder claims(String subject) {
        return new JWTClaimsSet.Builder()
                .issuer("https://id.example")
                .audience("holdfast")
                .subject(subject)
                .expirationTime(at(60));
    }

    private JWTClaimsSet.Builder viewer() {
        return claims("u1").claim("roles", List.of("viewer"));
    }

    private Date at(long seconds) {
        return Date.from(server.clock.instant().plusSeconds(seconds));
    }

    private String rsa(JWTClaimsSet.Builder claims) throws Exception {
        return signed(JWSAlgorithm.RS256, "rsa", new RSASSASigner(rsa), claims);
    }

    private static String signed(JWSAlgorithm algorithm, String keyId, JWSSigner signer, JWTClaimsSet.Builder claims)
            throws Exception {
        var token = new SignedJWT(new JWSHeader.Builder(algorithm).keyID(keyId).build(), claims.build());
        token.sign(signer);
        return token.serialize();
    }

    private int status(String token) {
        return server.get("/api/probe/viewer", "Authorization: Bearer " + token).status();
    }

    private String who(String token) {
        return server.get("/api/probe/viewer", "Authorization: Bearer " + token).body();
    }
}
