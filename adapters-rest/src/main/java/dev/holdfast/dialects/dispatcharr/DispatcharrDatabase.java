package dev.holdfast.dialects.dispatcharr;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.http.dialect.Dialect;
import dev.holdfast.http.dialect.Dialects;
import io.micronaut.http.HttpRequest;
import io.micronaut.security.authentication.Authentication;
import jakarta.inject.Singleton;
import java.security.Principal;
import java.util.Optional;
import java.util.function.Supplier;

/** The database that this dialect is about, and who asks for something to be done with it. */
@Singleton
public final class DispatcharrDatabase {
    private static final int MOST_ATTEMPTS = 5;

    private final Dialects dialects;
    private final Operations operations;

    public DispatcharrDatabase(Dialects dialects, Operations operations) {
        this.dialects = dialects;
        this.operations = operations;
    }

    public String name() {
        return dialects.database(Dialect.DISPATCHARR);
    }

    public DatabaseName key() {
        return new DatabaseName(name());
    }

    /** An operation on this database; another one's is nobody's business here. */
    public Optional<Operation> operation(String id) {
        return switch (operations.find(id)) {
            case Outcome.Done<Operation>(var found) ->
                Optional.of(found).filter(it -> it.database().equals(key()));
            case Outcome.Refused<Operation>(Problem.OperationNotFound _) -> Optional.empty();
            case Outcome.Refused<Operation>(var problem) -> throw new ProblemException(problem);
        };
    }

    /** Begins what is asked for; the removal of expired backups, which nobody here has asked for, is waited for first. */
    public Outcome<Operation> begin(Supplier<Outcome<Operation>> start) throws InterruptedException {
        Outcome<Operation> outcome = start.get();
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            if (!(outcome instanceof Outcome.Refused<Operation>(Problem.OperationInProgress(var _, var running)))
                    || operation(running.value())
                            .filter(it -> it.kind() == OperationKind.EXPIRE)
                            .isEmpty()) {
                return outcome;
            }
            operations.awaitEnd(running);
            outcome = start.get();
        }
        return outcome;
    }

    public static Requester requester(HttpRequest<?> request) {
        return new Requester(who(request), Optional.empty());
    }

    public static String who(HttpRequest<?> request) {
        return request.getUserPrincipal().map(Principal::getName).orElse(Requester.ANONYMOUS);
    }

    public static boolean isAdmin(HttpRequest<?> request) {
        return request.getUserPrincipal(Authentication.class)
                .filter(it -> it.getRoles().contains(Role.ADMIN.id()))
                .isPresent();
    }
}
