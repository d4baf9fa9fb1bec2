package dev.holdfast.rest.jobops;

import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.access.Role;
import dev.holdfast.rest.dialect.Dialect;
import dev.holdfast.rest.dialect.Dialects;
import io.micronaut.http.HttpRequest;
import io.micronaut.security.authentication.Authentication;
import jakarta.inject.Singleton;
import java.security.Principal;
import java.util.Optional;

/** The database that this dialect is about, and who asks. */
@Singleton
final class JobOpsDatabase {
    private final Dialects dialects;

    JobOpsDatabase(Dialects dialects) {
        this.dialects = dialects;
    }

    String name() {
        return dialects.database(Dialect.JOBOPS);
    }

    static Requester requester(HttpRequest<?> request) {
        return new Requester(
                request.getUserPrincipal().map(Principal::getName).orElse(Requester.ANONYMOUS), Optional.empty());
    }

    static boolean isAdmin(HttpRequest<?> request) {
        return request.getUserPrincipal(Authentication.class)
                .filter(it -> it.getRoles().contains(Role.ADMIN.id()))
                .isPresent();
    }
}
