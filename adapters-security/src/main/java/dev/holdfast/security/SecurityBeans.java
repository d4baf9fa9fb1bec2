package dev.holdfast.security;

import dev.holdfast.application.access.AccessControl;
import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.StandingAccounts;
import io.micronaut.context.annotation.Factory;
import jakarta.inject.Singleton;
import java.time.InstantSource;

@Factory
final class SecurityBeans {
    @Singleton
    StandingAccounts standingAccounts(
            AccessControl access, TokenSettings settings, Accounts accounts, InstantSource clock) {
        return new StandingAccounts(access.enabled(), settings.provider().map(IdentityProvider::mark), accounts, clock);
    }
}
