package dev.holdfast.http.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.security.IdentityProvider;
import dev.holdfast.testkit.ProviderKeyServer;
import dev.holdfast.testkit.ProviderKeys;
import dev.holdfast.testkit.TokenCase;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** An identity provider's tokens with each claim missing, wrong and right. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProviderTokenTableTest {
    private final ProviderKeys keys = new ProviderKeys();
    private ProviderKeyServer provider;
    private AccessServerFixture server;

    @BeforeAll
    void start() throws Exception {
        provider = ProviderKeyServer.of(keys);
        server = AccessServerFixture.with(
                new IdentityProvider(provider.url(), Optional.of("https://id.example"), Optional.of("holdfast")));
    }

    @AfterAll
    void stop() {
        server.close();
        provider.close();
    }

    private Exchange get(String token) {
        return server.get("/api/probe/viewer", "Authorization: Bearer " + token);
    }

    @Test
    void each_claim_missing_wrong_and_right() {
        List<TokenCase> cases = TokenCase.ofProvider(keys, server.clock.instant());

        assertThat(cases)
                .allSatisfy(
                        it -> assertThat(get(it.token()).status()).as(it.what()).isEqualTo(it.taken() ? 200 : 401));
        assertThat(cases.size()).isGreaterThan(40);
    }

    @Test
    void the_servers_clock_decides_when_a_token_begins_and_ends_with_a_minute_of_tolerance() {
        long now = server.clock.instant().getEpochSecond();
        String token = TokenCase.ofPerson(server.clock.instant())
                .claim("nbf", now + 300)
                .claim("exp", now + 600)
                .signed(keys.rs(256));

        assertThat(get(token).status()).as("before").isEqualTo(401);
        server.clock.advance(Duration.ofSeconds(241));
        assertThat(get(token).body()).isEqualTo("provider:u1 [viewer]");
        server.clock.advance(Duration.ofSeconds(418));
        assertThat(get(token).status()).as("at the end of the tolerance").isEqualTo(200);
        server.clock.advance(Duration.ofSeconds(2));
        assertThat(get(token).status()).as("after").isEqualTo(401);
        server.clock.advance(Duration.ofSeconds(-661));
    }
}
