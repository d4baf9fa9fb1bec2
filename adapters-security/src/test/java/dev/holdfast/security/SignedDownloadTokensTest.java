package dev.holdfast.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.access.AccessControl;
import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.AccountsInMemory;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.PlainHashing;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.access.SignIn;
import dev.holdfast.application.access.StandingAccounts;
import dev.holdfast.application.access.token.AccessTokens;
import dev.holdfast.application.access.token.DownloadTokens;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import io.micronaut.context.ApplicationContext;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
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

    private static final Sha256 SHA256 = new Sha256("0".repeat(64));

    private final List<ApplicationContext> contexts = new ArrayList<>();
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

    @AfterEach
    void stop() {
        contexts.forEach(ApplicationContext::close);
    }

    private DownloadTokens tokens(boolean enabled, Optional<IdentityProvider> provider) {
        var accounts = new AccountsInMemory();
        ApplicationContext context = ApplicationContext.builder()
                .enableDefaultPropertySources(false)
                .deduceEnvironment(false)
                .banner(false)
                .build();
        contexts.add(context);
        context.registerSingleton(AccessControl.class, new AccessControl(enabled, provider.isPresent()));
        context.registerSingleton(
                TokenSettings.class,
                new TokenSettings(JwtSecret.given("0123456789abcdef0123456789abcdef"), Duration.ofHours(1), provider));
        context.registerSingleton(Accounts.class, accounts);
        context.registerSingleton(SignIn.class, SignIn.using(accounts, new PlainHashing(), clock));
        context.registerSingleton(InstantSource.class, clock);
        return context.start().getBean(DownloadTokens.class);
    }

    private StandingAccounts standing(boolean enabled, Optional<IdentityProvider> provider) {
        return new StandingAccounts(enabled, provider.map(IdentityProvider::mark), new AccountsInMemory(), clock);
    }

    /** Whose own token ends then. */
    private Identity ann(Duration later) {
        return new Identity(standing(true, PROVIDER)
                .ofProvider("ann", Role.OPERATOR, clock.instant().plus(later)));
    }

    @Test
    void a_providers_person_needs_the_provider_to_be_set_still() {
        String token = tokens(true, PROVIDER)
                .issue(ann(Duration.ofHours(1)), backup, SHA256)
                .token();
        var other = PROVIDER.map(it -> new IdentityProvider(it.jwksUrl(), it.issuer(), Optional.of("another")));

        assertThat(tokens(true, PROVIDER).open(token)).isPresent();
        assertThat(tokens(true, Optional.empty()).open(token)).isEmpty();
        assertThat(tokens(true, other).open(token)).isEmpty();
        clock.advance(Duration.ofSeconds(301));
        assertThat(tokens(true, PROVIDER).open(token)).isEmpty();
    }

    @Test
    void a_providers_persons_ends_no_later_than_what_they_signed_in_with() {
        AccessTokens.Issued issued = tokens(true, PROVIDER).issue(ann(Duration.ofSeconds(10)), backup, SHA256);

        assertThat(issued.expiresInSeconds()).isEqualTo(10);
        clock.advance(Duration.ofSeconds(11));
        assertThat(tokens(true, PROVIDER).open(issued.token())).isEmpty();
    }

    @Test
    void what_was_given_to_everybody_ends_when_access_control_is_turned_on() {
        String token = tokens(false, PROVIDER)
                .issue(Identity.ANONYMOUS, backup, SHA256)
                .token();

        assertThat(tokens(false, PROVIDER).open(token)).isPresent();
        assertThat(tokens(true, PROVIDER).open(token)).isEmpty();
    }

    @Test
    void a_token_is_not_shown_by_what_holds_it() {
        AccessTokens.Issued issued = tokens(false, PROVIDER).issue(Identity.ANONYMOUS, backup, SHA256);

        assertThat(issued.toString()).doesNotContain(issued.token());
    }
}
