package dev.holdfast.rest.jobops;

import dev.holdfast.application.access.AdministerAccounts;
import dev.holdfast.application.access.AdministerAccounts.Change;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.User;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.swagger.v3.oas.annotations.Hidden;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Makes the first user, once, while there is nobody. Only for somebody on this machine: over a network whoever comes
 * first would get all backups.
 */
@Controller("/jobops/api/auth/setup")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Secured(SecurityRule.IS_ANONYMOUS)
@Hidden
final class SetupController {
    private static final int LONGEST_PASSWORD = 500;
    private static final ApiError DONE = ApiError.of(400, "Initial setup has already been completed");

    private final Setup setup;
    private final AdministerAccounts accounts;
    private final Sessions sessions;
    private final Bodies bodies;
    private final Answers answers;
    private final ReentrantLock once = new ReentrantLock();

    SetupController(Setup setup, AdministerAccounts accounts, Sessions sessions, Bodies bodies, Answers answers) {
        this.setup = setup;
        this.accounts = accounts;
        this.sessions = sessions;
        this.bodies = bodies;
        this.answers = answers;
    }

    @Post
    HttpResponse<?> setUp(HttpRequest<?> request) throws InterruptedException {
        if (!setup.isRequired()) {
            return answers.error(request, DONE);
        }
        if (!isFromThisMachine(request)) {
            return answers.error(
                    request,
                    ApiError.of(
                            403, "The first user is made on the server itself: holdfast user add NAME --role admin"));
        }
        return switch (bodies.read(request)) {
            case Bodies.Body.Unreadable(ApiError error) -> answers.error(request, error);
            case Bodies.Body.Read(JsonNode body) -> setUp(request, body);
        };
    }

    /** Also through a proxy somebody else may be at the other end. */
    private static boolean isFromThisMachine(HttpRequest<?> request) {
        InetAddress address = request.getRemoteAddress().getAddress();
        return address != null
                && address.isLoopbackAddress()
                && Stream.of("Forwarded", "X-Forwarded-For", "X-Real-IP").noneMatch(request.getHeaders()::contains);
    }

    private HttpResponse<?> setUp(HttpRequest<?> request, JsonNode body) {
        String name = text(body, "username")
                .map(it -> it.strip().toLowerCase(Locale.ROOT))
                .orElse("");
        String password = text(body, "password").orElse("");
        if (name.isEmpty()) {
            return answers.error(request, ApiError.of(400, "Enter a username."));
        }
        if (password.length() < AdministerAccounts.SHORTEST_PASSWORD) {
            return answers.error(request, ApiError.of(400, "Password must be at least 8 characters."));
        }
        if (password.length() > LONGEST_PASSWORD) {
            return answers.error(request, ApiError.of(400, "Password must be at most 500 characters."));
        }
        once.lock();
        try {
            return setup.isRequired() ? add(request, name, password) : answers.error(request, DONE);
        } finally {
            once.unlock();
        }
    }

    private static Optional<String> text(JsonNode body, String name) {
        return Optional.ofNullable(body.get(name)).filter(JsonNode::isString).map(JsonNode::getStringValue);
    }

    private HttpResponse<?> add(HttpRequest<?> request, String name, String password) {
        return switch (accounts.addUser(name, Role.ADMIN, password)) {
            case Change.Refused<User>(var reason) -> answers.error(request, ApiError.of(400, reason.detail()));
            case Change.Made<User>(User user) ->
                answers.answer(
                                request,
                                HttpStatus.CREATED,
                                new Tree()
                                        .put("token", sessions.begin(user))
                                        .put("expiresIn", Sessions.LIFETIME.toSeconds())
                                        .put("user", Sessions.user(user.name().value(), true, user.createdAt()))
                                        .node())
                        .header(HttpHeaders.CACHE_CONTROL, "no-store");
        };
    }
}
