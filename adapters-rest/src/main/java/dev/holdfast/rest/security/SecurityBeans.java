package dev.holdfast.rest.security;

import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.Identification;
import dev.holdfast.application.access.SignIn;
import io.micronaut.context.annotation.Factory;
import jakarta.inject.Singleton;
import java.time.InstantSource;

@Factory
final class SecurityBeans {
    @Singleton
    OwnTokens ownTokens(AccessControl access, Accounts accounts, InstantSource clock) {
        return new OwnTokens(access, accounts, clock);
    }

    @Singleton
    Holders holders(AccessControl access, Accounts accounts, InstantSource clock) {
        return new Holders(access, accounts, clock);
    }

    @Singleton
    SignedDownloadTokens downloadTokens(AccessControl access, Holders holders, InstantSource clock) {
        return new SignedDownloadTokens(access, holders, clock);
    }

    @Singleton
    DialectTokens dialectTokens(AccessControl access, Holders holders) {
        return new DialectTokens(access, holders);
    }

    @Singleton
    Identification identification(AccessControl access, SignIn signIn, OwnTokens own, InstantSource clock) {
        return new BearerIdentification(
                signIn, own, access.identityProvider().map(it -> new ProviderTokens(it, clock)));
    }
}
