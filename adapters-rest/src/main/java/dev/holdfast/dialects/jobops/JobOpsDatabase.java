package dev.holdfast.dialects.jobops;

import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.access.Role;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.Dialects;
import io.micronaut.http.HttpRequest;
import io.micronaut.security.authentication.Authentication;
import jakarta.inject.Singleton;
import java.security.Principal;
import java.util.Optional;

/** The database that this dialect is about, and who asks. */
@Singleton
public final class JobOpsDatabase {
    private final Dialects dialects;

    JobOpsDatabase(Dialects dialects) {
        this.dialects = dialects;
    }

    public String name() {
        return dialects.database(Dialect.JOBOPS);
    }

    public static Requester requester(HttpRequest<?> request) {
        return new Requester(
                request.getUserPrincipal().map(Principal::getName).orElse(Requester.ANONYMOUS), Optional.empty());
    }

    public static boolean isAdmin(HttpRequest<?> request) {
        return request.getUserPrincipal(Authentication.class)
                .filter(it -> it.getRoles().contains(Role.ADMIN.id()))
                .isPresent();
    }
}
