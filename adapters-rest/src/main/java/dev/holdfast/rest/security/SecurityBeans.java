package dev.holdfast.rest.security;

import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.Identification;
import dev.holdfast.application.access.SignIn;
import dev.holdfast.application.access.StandingAccounts;
import io.micronaut.context.annotation.Factory;
import jakarta.inject.Singleton;
import java.time.InstantSource;

@Factory
final class SecurityBeans {
    @Singleton
    StandingAccounts standingAccounts(AccessControl access, Accounts accounts, InstantSource clock) {
        return new StandingAccounts(
                access.enabled(), access.identityProvider().map(AccessControl.IdentityProvider::mark), accounts, clock);
    }

    @Singleton
    OwnTokens ownTokens(AccessControl access, Accounts accounts, StandingAccounts standing, InstantSource clock) {
        return new OwnTokens(access, accounts, standing, clock);
    }

    @Singleton
    SignedDownloadTokens downloadTokens(AccessControl access, StandingAccounts standing, InstantSource clock) {
        return new SignedDownloadTokens(access, standing, clock);
    }

    @Singleton
    DialectTokens dialectTokens(AccessControl access, StandingAccounts standing, InstantSource clock) {
        return new DialectTokens(access, standing, clock);
    }

    @Singleton
    Identification identification(
            AccessControl access, SignIn signIn, StandingAccounts standing, OwnTokens own, InstantSource clock) {
        return new BearerIdentification(
                signIn, standing, own, access.identityProvider().map(it -> new ProviderTokens(it, standing, clock)));
    }
}
