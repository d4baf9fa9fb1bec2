package dev.holdfast.dialects.jobops;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.Account;
import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.SignIn;
import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.User;
import dev.holdfast.domain.problem.Problem;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.swagger.v3.oas.annotations.Hidden;
import java.net.InetAddress;
import java.security.Principal;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** Sign-in of Holdfast's users in JobOps' words. Its system admins are Holdfast's admins. */
@Controller("/jobops/api/auth")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Secured(SecurityRule.IS_ANONYMOUS)
@Hidden
final class JobOpsAuthController {
    private final SignIn signIn;
    private final Accounts accounts;
    private final Sessions sessions;
    private final Setup setup;
    private final Demo demo;
    private final Bodies bodies;
    private final JobOpsResponses answers;

    JobOpsAuthController(
            SignIn signIn,
            Accounts accounts,
            Sessions sessions,
            Setup setup,
            Demo demo,
            Bodies bodies,
            JobOpsResponses answers) {
        this.signIn = signIn;
        this.accounts = accounts;
        this.sessions = sessions;
        this.setup = setup;
        this.demo = demo;
        this.bodies = bodies;
        this.answers = answers;
    }

    /** Never: a client that is told so asks for the first user's password, which is not taken here. */
    @Get("/bootstrap-status")
    HttpResponse<?> bootstrapStatus(HttpRequest<?> request) {
        return answers.ok(request, new Tree().put("setupRequired", false).node());
    }

    @Post("/login")
    HttpResponse<?> login(HttpRequest<?> request) throws InterruptedException {
        return switch (bodies.read(request)) {
            case Bodies.Body.Unreadable(JobOpsApiError error) -> answers.error(request, error);
            case Bodies.Body.Read(JsonNode body) -> {
                var issues = new Issues();
                String username = "";
                String password = "";
                if (body.isObject()) {
                    username = needed(body, "username", issues);
                    password = needed(body, "password", issues);
                } else {
                    issues.type(Optional.empty(), "object", Optional.of(body));
                }
                if (!issues.isEmpty()) {
                    yield answers.error(request, JobOpsApiError.invalid("Invalid request body", issues.flattened()));
                }
                yield setup.hasUsers()
                        ? login(request, username, password)
                        : answers.error(request, JobOpsApiError.of(400, "Initial setup is required before sign-in"));
            }
        };
    }

    private static String needed(JsonNode body, String name, Issues issues) {
        Optional<JsonNode> value = Optional.ofNullable(body.get(name));
        if (value.filter(JsonNode::isString).isEmpty()) {
            issues.type(Optional.of(name), "string", value);
            return "";
        }
        String text = value.get().getStringValue();
        if (text.isEmpty()) {
            issues.empty(name);
        }
        return text;
    }

    private HttpResponse<?> login(HttpRequest<?> request, String username, String password) {
        return switch (signIn.withPassword(known(username.strip()), password, address(request))) {
            case Outcome.Done<Account>(Account account) ->
                secret(answers.ok(
                        request,
                        new Tree()
                                .put("token", sessions.begin(account))
                                .put("expiresIn", Sessions.LIFETIME.toSeconds())
                                .node()));
            case Outcome.Refused<Account>(Problem problem) -> {
                MutableHttpResponse<?> refused = answers.error(request, JobOpsApiErrors.of(problem, ""));
                if (problem instanceof Problem.TooManyAttempts(var retryAfter)) {
                    refused.header(HttpHeaders.RETRY_AFTER, Long.toString(Math.max(1, retryAfter.toSeconds())));
                }
                yield refused;
            }
        };
    }

    /** JobOps' names are all in lower case, Holdfast's need not be. */
    private String known(String name) {
        boolean asItIs = AccountName.isValid(name)
                && accounts.findUser(new AccountName(name)).isPresent();
        return asItIs ? name : name.toLowerCase(Locale.ROOT);
    }

    /** Of the other end of the connection. What a proxy says in a header anybody can say. */
    private static String address(HttpRequest<?> request) {
        InetAddress address = request.getRemoteAddress().getAddress();
        return address == null ? request.getRemoteAddress().getHostString() : address.getHostAddress();
    }

    /** To everybody the same, so that a client that has forgotten its token gets out too. */
    @Post("/logout")
    HttpResponse<?> logout(HttpRequest<?> request) {
        sessions.end(request);
        return answers.ok(request, new Tree().put("message", "Logged out").node());
    }

    @Get("/me")
    HttpResponse<?> me(HttpRequest<?> request) {
        Optional<String> name = request.getUserPrincipal().map(Principal::getName);
        if (name.isEmpty() || demo.isOn()) {
            return answers.error(request, setup.notSignedIn());
        }
        Instant since = Optional.of(name.get())
                .filter(AccountName::isValid)
                .map(AccountName::new)
                .flatMap(accounts::findUser)
                .map(User::createdAt)
                .orElse(Instant.EPOCH);
        return answers.ok(
                request,
                new Tree()
                        .put("user", Sessions.user(name.get(), JobOpsDatabase.isAdmin(request), since))
                        .put("analyticsDistinctId", Sessions.userId(name.get()))
                        .node());
    }

    private static MutableHttpResponse<?> secret(MutableHttpResponse<?> response) {
        return response.header(HttpHeaders.CACHE_CONTROL, "no-store");
    }
}
