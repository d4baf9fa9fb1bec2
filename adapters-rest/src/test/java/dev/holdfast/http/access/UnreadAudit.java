package dev.holdfast.http.access;

import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.InMemoryPlanStore;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Secondary;
import jakarta.inject.Singleton;

/** For servers whose tests do not ask what was recorded. */
@Factory
final class UnreadAudit {
    @Secondary
    @Singleton
    Audit audit() {
        return new InMemoryPlanStore();
    }
}
