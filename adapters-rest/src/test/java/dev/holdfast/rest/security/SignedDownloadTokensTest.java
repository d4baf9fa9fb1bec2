package dev.holdfast.rest.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.access.AccountsInMemory;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.BackupKey;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.DatabaseName;
import dev.holdfast.rest.security.AccessControl.IdentityProvider;
import io.micronaut.http.HttpRequest;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a server's settings have to do with a token. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SignedDownloadTokensTest {
    private static final Optional<IdentityProvider> PROVIDER = Optional.of(
            new IdentityProvider(URI.create("https://id.example/keys"), Optional.empty(), Optional.of("holdfast")));

    private final SettableClock clock = new SettableClock(Instant.parse("2026-03-01T10:00:00Z"));
    private final Backup backup = new Backup(
            new BackupKey("app_20260301_100000.db"),
            DatabaseName.DEFAULT,
            1,
            clock.instant(),
            Optional.empty(),
            Origin.MANUAL,
            Layout.SQLITE,
            new Verification.Unchecked(),
            false,
            Backup.Labels.NONE);

    private SignedDownloadTokens tokens(boolean enabled, Optional<IdentityProvider> provider) {
        var access =
                new AccessControl(enabled, JwtSecret.given(AccessServerFixture.SECRET), Duration.ofHours(1), provider);
        return new SignedDownloadTokens(access, new Holders(access, new AccountsInMemory(), clock), clock);
    }

    private static HttpRequest<?> with(AccessTokens.Issued issued) {
        return HttpRequest.GET("/?token=" + issued.token());
    }

    @Test
    void a_providers_person_needs_the_provider_to_be_set_still() {
        HttpRequest<?> request = with(tokens(true, PROVIDER).issue(Optional.of(() -> "provider:ann"), backup));

        assertThat(tokens(true, PROVIDER).pass(request)).isPresent();
        assertThat(tokens(true, Optional.empty()).pass(request)).isEmpty();
        clock.advance(Duration.ofSeconds(301));
        assertThat(tokens(true, PROVIDER).pass(request)).isEmpty();
    }

    @Test
    void what_was_given_to_everybody_ends_when_access_control_is_turned_on() {
        HttpRequest<?> request = with(tokens(false, PROVIDER).issue(Optional.empty(), backup));

        assertThat(tokens(false, PROVIDER).pass(request)).isPresent();
        assertThat(tokens(true, PROVIDER).pass(request)).isEmpty();
    }

    @Test
    void a_token_is_not_shown_by_what_holds_it() {
        AccessTokens.Issued issued = tokens(false, PROVIDER).issue(Optional.empty(), backup);

        assertThat(issued.toString()).doesNotContain(issued.token());
    }
}
