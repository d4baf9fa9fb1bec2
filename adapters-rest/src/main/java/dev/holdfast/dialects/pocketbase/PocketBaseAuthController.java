package dev.holdfast.dialects.pocketbase;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.AccessControl;
import dev.holdfast.application.access.Account;
import dev.holdfast.application.access.CredentialChain;
import dev.holdfast.application.access.SignIn;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.http.access.Callers;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.swagger.v3.oas.annotations.Hidden;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;

/** Sign-in of superusers, who are Holdfast's accounts: an account's name stands where PocketBase has an e-mail address. */
@Controller("/pocketbase/api/collections/{collection:[^/]+}")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Hidden
final class PocketBaseAuthController {
    private static final PocketBaseApiError NO_COLLECTION =
            PocketBaseApiError.of(404, "Missing or invalid auth collection context.");
    private static final int LONGEST = 255;
    private static final Duration LONGEST_LIFETIME = Duration.ofDays(3650);

    private final SignIn signIn;
    private final AccessControl access;
    private final AuthTokens tokens;
    private final Audit audit;
    private final PocketBaseDatabase database;
    private final InstantSource clock;
    private final SubmittedFields submitted;
    private final PocketBaseResponses answers;

    PocketBaseAuthController(
            SignIn signIn,
            AccessControl access,
            AuthTokens tokens,
            Audit audit,
            PocketBaseDatabase database,
            InstantSource clock,
            SubmittedFields submitted,
            PocketBaseResponses answers) {
        this.signIn = signIn;
        this.access = access;
        this.tokens = tokens;
        this.audit = audit;
        this.database = database;
        this.clock = clock;
        this.submitted = submitted;
        this.answers = answers;
    }

    @Post("/auth-with-password")
    @Secured(SecurityRule.IS_ANONYMOUS)
    HttpResponse<?> withPassword(HttpRequest<?> request, @PathVariable String collection) throws InterruptedException {
        if (!isSuperusers(collection)) {
            return answers.error(NO_COLLECTION);
        }
        if (!SubmittedFields.takes(request)) {
            return answers.error(PocketBaseApiError.bad("Unsupported Content-Type."));
        }
        Optional<JsonNode> body = submitted.read(request);
        Optional<String> identity = body.flatMap(it -> SubmittedFields.text(it, "identity"));
        Optional<String> password = body.flatMap(it -> SubmittedFields.text(it, "password"));
        if (identity.isEmpty() || password.isEmpty()) {
            return answers.error(PocketBaseApiError.UNREADABLE);
        }
        var wrong = new FieldErrors();
        check("identity", identity.get(), wrong);
        check("password", password.get(), wrong);
        if (!wrong.isEmpty()) {
            return answers.error(PocketBaseApiError.invalid(wrong));
        }
        return switch (signIn.withPassword(identity.get(), password.get(), address(request))) {
            case Outcome.Refused<Account>(var problem) ->
                answers.error(PocketBaseApiErrors.of(PocketBaseCall.SIGN_IN, problem, ""));
            case Outcome.Done<Account>(var account) -> signedIn(request, account);
        };
    }

    private static void check(String field, String value, FieldErrors wrong) {
        if (value.isEmpty()) {
            wrong.addBlank(field);
        } else if (value.getBytes(UTF_8).length > LONGEST) {
            wrong.add(
                    field,
                    "validation_length_out_of_range",
                    "The length must be between 1 and " + LONGEST + ".",
                    Map.of("max", JsonNode.createNumberNode(LONGEST), "min", JsonNode.createNumberNode(1)));
        }
    }

    /** Other roles are nobody in this collection. */
    private HttpResponse<?> signedIn(HttpRequest<?> request, Account account) {
        return access.enabled() && account.user().role() != Role.ADMIN
                ? answers.error(PocketBaseApiError.bad(PocketBaseCall.SIGN_IN.failed()))
                : secret(answers.ok(request, tokens.granted(account)));
    }

    /** Of the other end of the connection. What a proxy says in a header anybody can say. */
    static String address(HttpRequest<?> request) {
        InetSocketAddress remote = request.getRemoteAddress();
        return remote.getAddress() == null
                ? remote.getHostString()
                : remote.getAddress().getHostAddress();
    }

    @Post("/auth-refresh")
    @Secured("viewer")
    HttpResponse<?> refresh(HttpRequest<?> request, @PathVariable String collection) {
        if (!isSuperusers(collection)) {
            return answers.error(NO_COLLECTION);
        }
        return AuthTokens.isSuperuser(request)
                ? secret(answers.ok(request, tokens.refreshed(request)))
                : answers.error(PocketBaseApiError.of(
                        403, "The request requires auth record from " + AuthTokens.COLLECTION + " collection."));
    }

    @Post("/impersonate/{id:[^/]+}")
    @Secured("admin")
    HttpResponse<?> impersonate(HttpRequest<?> request, @PathVariable String collection, @PathVariable String id)
            throws InterruptedException {
        if (!isSuperusers(collection)) {
            return answers.error(NO_COLLECTION);
        }
        Optional<CredentialChain> lent = tokens.superuser(id).flatMap(it -> tokens.lent(request, it));
        if (lent.isEmpty()) {
            return answers.error(PocketBaseApiError.NOT_FOUND);
        }
        Optional<Long> seconds = submitted.read(request).flatMap(PocketBaseAuthController::duration);
        if (seconds.isEmpty()) {
            return answers.error(PocketBaseApiError.UNREADABLE);
        }
        Optional<FieldErrors> wrong = wrongDuration(seconds.get());
        if (wrong.isPresent()) {
            return answers.error(PocketBaseApiError.invalid(wrong.get()));
        }
        Duration lifetime = seconds.get() == 0 ? AuthTokens.LIFETIME : Duration.ofSeconds(seconds.get());
        Instant now = clock.instant();
        CredentialChain chain = lent.get();
        Instant end = chain.bounded(now.plus(lifetime));
        audit.add(new AuditEntry(
                now,
                Callers.of(request).name(),
                "token.impersonate",
                new DatabaseName(database.name()),
                "a token of " + chain.holder().name() + " until " + end.truncatedTo(ChronoUnit.SECONDS)));
        return secret(answers.ok(request, tokens.granted(chain, end)));
    }

    private static Optional<Long> duration(JsonNode body) {
        JsonNode duration = SubmittedFields.member(body, "duration").orElse(JsonNode.nullNode());
        if (duration.isNull()) {
            return Optional.of(0L);
        }
        String text = duration.isNumber() || duration.isString() ? duration.coerceStringValue() : "";
        return text.matches("-?\\d{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    private static Optional<FieldErrors> wrongDuration(long seconds) {
        long most = LONGEST_LIFETIME.toSeconds();
        if (seconds < 0) {
            return Optional.of(new FieldErrors()
                    .add(
                            "duration",
                            "validation_min_greater_equal_than_required",
                            "Must be no less than 0.",
                            Map.of("threshold", JsonNode.createNumberNode(0))));
        }
        return seconds <= most
                ? Optional.empty()
                : Optional.of(new FieldErrors()
                        .add(
                                "duration",
                                "validation_max_less_equal_than_required",
                                "Must be no greater than " + most + ".",
                                Map.of("threshold", JsonNode.createNumberNode(most))));
    }

    private static boolean isSuperusers(String collection) {
        return collection.equals(AuthTokens.COLLECTION) || collection.equals(AuthTokens.COLLECTION_ID);
    }

    private static MutableHttpResponse<?> secret(MutableHttpResponse<?> response) {
        return response.header(HttpHeaders.CACHE_CONTROL, "no-store");
    }
}
