package dev.holdfast.security;

import dev.holdfast.application.access.AccessControl;
import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.DialectTokens;
import dev.holdfast.application.access.DownloadTokens;
import dev.holdfast.application.access.Identification;
import dev.holdfast.application.access.SignIn;
import dev.holdfast.application.access.StandingAccounts;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Replaces;
import io.micronaut.security.token.jwt.signature.jwks.ResourceRetrieverJwksClient;
import jakarta.inject.Singleton;
import java.time.InstantSource;

@Factory
final class SecurityBeans {
    @Singleton
    StandingAccounts standingAccounts(
            AccessControl access, TokenSettings settings, Accounts accounts, InstantSource clock) {
        return new StandingAccounts(access.enabled(), settings.provider().map(IdentityProvider::mark), accounts, clock);
    }

    @Singleton
    OwnTokens ownTokens(TokenSettings settings, Accounts accounts, StandingAccounts standing, InstantSource clock) {
        return new OwnTokens(settings, accounts, standing, clock);
    }

    @Singleton
    DownloadTokens downloadTokens(TokenSettings settings, StandingAccounts standing, InstantSource clock) {
        return new SignedDownloadTokens(settings, standing, clock);
    }

    @Singleton
    DialectTokens dialectTokens(
            AccessControl access, TokenSettings settings, StandingAccounts standing, InstantSource clock) {
        return new SignedDialectTokens(access, settings, standing, clock);
    }

    /** In place of the framework's client, which has no bound. */
    @Singleton
    @Replaces(ResourceRetrieverJwksClient.class)
    BoundedJwksClient jwksClient() {
        return new BoundedJwksClient(BoundedJwksClient.MAX_TIME);
    }

    @Singleton
    Identification identification(
            TokenSettings settings,
            SignIn signIn,
            StandingAccounts standing,
            OwnTokens own,
            BoundedJwksClient client,
            InstantSource clock) {
        return new BearerIdentification(
                signIn,
                standing,
                own,
                settings.provider().map(it -> new ProviderTokens(it, keys(it, client), standing, clock)));
    }

    private static PublishedKeys keys(IdentityProvider provider, BoundedJwksClient client) {
        var keys = new PublishedKeys(client, provider.jwksUrl(), BoundedJwksClient.MAX_TIME, System::nanoTime);
        keys.readAhead();
        return keys;
    }
}
