package dev.holdfast.dialects.dispatcharr;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.AccessControl;
import dev.holdfast.application.access.Account;
import dev.holdfast.application.access.Accounts;
import dev.holdfast.application.access.CredentialChain;
import dev.holdfast.application.access.Identity;
import dev.holdfast.application.access.SignIn;
import dev.holdfast.application.access.StandingAccounts;
import dev.holdfast.application.access.token.DialectTokens;
import dev.holdfast.application.plan.Audit;
import dev.holdfast.application.plan.AuditEntry;
import dev.holdfast.dialects.dispatcharr.SubmittedBody.Fields;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.http.access.Callers;
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
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.rules.SecurityRule;
import io.swagger.v3.oas.annotations.Hidden;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/** As much of Dispatcharr's accounts as a client needs that drives backups. The users are Holdfast's accounts. */
@Controller("/dispatcharr/api/accounts")
@ExecuteOn(TaskExecutors.BLOCKING)
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
@Hidden
final class AccountsController {
    private static final int ADMIN_LEVEL = 10;

    private static final DispatcharrApiError NO_KEY = DispatcharrApiError.detail(
            403, "Only users that sign in with a password here have API keys; a service token is one itself.");

    private final SignIn signIn;
    private final Accounts accounts;
    private final AccessControl access;
    private final DispatcharrAccess tickets;
    private final DialectTokens tokens;
    private final ApiKeys keys;
    private final StandingAccounts standing;
    private final Audit audit;
    private final DispatcharrDatabase database;
    private final InstantSource clock;
    private final SubmittedBody submitted;
    private final DispatcharrResponses answers;

    AccountsController(
            SignIn signIn,
            Accounts accounts,
            AccessControl access,
            DispatcharrAccess tickets,
            DialectTokens tokens,
            ApiKeys keys,
            StandingAccounts standing,
            Audit audit,
            DispatcharrDatabase database,
            InstantSource clock,
            SubmittedBody submitted,
            DispatcharrResponses answers) {
        this.signIn = signIn;
        this.accounts = accounts;
        this.access = access;
        this.tickets = tickets;
        this.tokens = tokens;
        this.keys = keys;
        this.standing = standing;
        this.audit = audit;
        this.database = database;
        this.clock = clock;
        this.submitted = submitted;
        this.answers = answers;
    }

    @Post("/token/")
    @Secured(SecurityRule.IS_ANONYMOUS)
    HttpResponse<?> token(HttpRequest<?> request) throws InterruptedException {
        return signIn(request);
    }

    @Post("/auth/login/")
    @Secured(SecurityRule.IS_ANONYMOUS)
    HttpResponse<?> login(HttpRequest<?> request) throws InterruptedException {
        return signIn(request);
    }

    private HttpResponse<?> signIn(HttpRequest<?> request) throws InterruptedException {
        return switch (submitted.read(request)) {
            case Fields.Malformed(String why) -> answers.error(DispatcharrApiError.detail(400, why));
            case Fields.OtherType type -> answers.error(DispatcharrApiError.detail(415, type.why()));
            case Fields.Read(JsonNode fields) -> {
                Optional<DispatcharrApiError> missing = missing(fields, "username", "password");
                yield missing.isPresent()
                        ? answers.error(missing.get())
                        : signIn(request, text(fields, "username"), text(fields, "password"));
            }
        };
    }

    private static Optional<DispatcharrApiError> missing(JsonNode fields, String... names) {
        var wrong = new LinkedHashMap<String, JsonNode>();
        for (String name : names) {
            JsonNode value = fields.get(name);
            if (value == null || value.isNull()) {
                wrong.put(name, Json.texts(List.of("This field is required.")));
            } else if (text(fields, name).isBlank()) {
                wrong.put(name, Json.texts(List.of("This field may not be blank.")));
            }
        }
        return wrong.isEmpty()
                ? Optional.empty()
                : Optional.of(new DispatcharrApiError(400, JsonNode.createObjectNode(wrong)));
    }

    private static String text(JsonNode fields, String name) {
        return Json.text(fields, name).orElse("");
    }

    /** While access control is off everybody is an admin, so that there is nobody to be turned away. */
    private HttpResponse<?> signIn(HttpRequest<?> request, String name, String password) {
        if (!access.enabled()) {
            return granted(Identity.ANONYMOUS.chain());
        }
        return switch (signIn.withPassword(name, password, address(request))) {
            case Outcome.Done<Account>(var account) -> granted(CredentialChain.of(standing.of(account)));
            case Outcome.Refused<Account>(Problem.TooManyAttempts(var wait)) -> {
                long seconds = Math.max(1, wait.plusNanos(999_999_999).toSeconds());
                yield answers.error(DispatcharrApiError.detail(
                                429, "Request was throttled. Expected available in " + seconds + " seconds."))
                        .header(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
            }
            case Outcome.Refused<Account> _ ->
                answers.error(DispatcharrApiError.detail(401, "No active account found with the given credentials"));
        };
    }

    private HttpResponse<?> granted(CredentialChain chain) {
        long id = id(chain.holder().name());
        return secret(answers.ok(Json.object(
                "refresh",
                tickets.issue(DispatcharrAccess.REFRESH, DispatcharrAccess.REFRESH_LIFETIME, chain, id),
                "access",
                tickets.issue(DispatcharrAccess.ACCESS, DispatcharrAccess.ACCESS_LIFETIME, chain, id))));
    }

    /** Of the other end of the connection. What a proxy says in a header anybody can say. */
    private static String address(HttpRequest<?> request) {
        InetSocketAddress remote = request.getRemoteAddress();
        return remote.getAddress() == null
                ? remote.getHostString()
                : remote.getAddress().getHostAddress();
    }

    @Post("/token/refresh/")
    @Secured(SecurityRule.IS_ANONYMOUS)
    HttpResponse<?> refresh(HttpRequest<?> request) throws InterruptedException {
        return switch (submitted.read(request)) {
            case Fields.Malformed(String why) -> answers.error(DispatcharrApiError.detail(400, why));
            case Fields.OtherType type -> answers.error(DispatcharrApiError.detail(415, type.why()));
            case Fields.Read(JsonNode fields) -> {
                Optional<DispatcharrApiError> missing = missing(fields, "refresh");
                yield missing.isPresent()
                        ? answers.error(missing.get())
                        : tokens.read(DispatcharrAccess.REFRESH, text(fields, "refresh"))
                                .<HttpResponse<?>>map(it -> refreshed(it.who().chain()))
                                .orElseGet(() -> answers.error(new DispatcharrApiError(
                                        401, Json.object("detail", "Token is invalid", "code", "token_not_valid"))));
            }
        };
    }

    private HttpResponse<?> refreshed(CredentialChain chain) {
        long id = id(chain.holder().name());
        return secret(answers.ok(Json.object(
                "access", tickets.issue(DispatcharrAccess.ACCESS, DispatcharrAccess.ACCESS_LIFETIME, chain, id))));
    }

    @Get("/users/me/")
    @Secured("viewer")
    HttpResponse<?> me(HttpRequest<?> request) {
        return secret(
                answers.ok(user(DispatcharrDatabase.who(request), level(request), keys.find(Callers.of(request)))));
    }

    private static JsonNode user(String who, int level, Optional<String> key) {
        return Json.object(
                "id",
                id(who),
                "username",
                who,
                "user_level",
                level,
                "api_key",
                key.orElse(null),
                "email",
                "",
                "first_name",
                "",
                "last_name",
                "",
                "is_active",
                true,
                "is_staff",
                level == ADMIN_LEVEL,
                "is_superuser",
                level == ADMIN_LEVEL,
                "channel_profiles",
                Json.array(List.of()),
                "custom_properties",
                Json.object());
    }

    private static int level(HttpRequest<?> request) {
        var roles = request.getUserPrincipal(Authentication.class)
                .map(Authentication::getRoles)
                .orElse(List.of());
        return roles.contains(Role.ADMIN.id()) ? level(Role.ADMIN) : level(Role.VIEWER);
    }

    private static int level(Role role) {
        return switch (role) {
            case ADMIN -> ADMIN_LEVEL;
            case OPERATOR, VIEWER -> 1;
        };
    }

    /** Accounts have no numbers; the same name has always the same one. */
    private static long id(String who) {
        var checksum = new CRC32();
        checksum.update(who.getBytes(StandardCharsets.UTF_8));
        return checksum.getValue() & 0x7fffffff;
    }

    @Get("/api-keys/")
    @Secured("viewer")
    HttpResponse<?> key(HttpRequest<?> request) {
        return secret(
                answers.ok(Json.object("key", keys.find(Callers.of(request)).orElse(null))));
    }

    @Post("/api-keys/generate/")
    @Secured("viewer")
    HttpResponse<?> generate(HttpRequest<?> request) throws InterruptedException {
        return switch (target(request)) {
            case Target.Refused(DispatcharrApiError error) -> answers.error(error);
            case Target.Found(String who, int level) -> generate(Callers.of(request), who, level);
        };
    }

    private HttpResponse<?> generate(Identity by, String who, int level) {
        Optional<ApiKeys.Made> made = keys.generate(who, by);
        if (made.isEmpty()) {
            return answers.error(NO_KEY);
        }
        String key = made.get().key();
        record(
                by,
                "api-key.generate",
                "a key of " + who + (made.get().replaced() ? " in place of the one before" : ""));
        return secret(answers.json(201, Json.object("key", key, "user", user(who, level, Optional.of(key)))));
    }

    /** Keys are not changed without a trace: their owners see who did it, and with whose authority. */
    private void record(Identity by, String action, String what) {
        List<String> lenders =
                by.chain().lenders().stream().map(CredentialChain.Link::name).toList();
        String detail = lenders.isEmpty() ? what : what + ", with the authority of " + String.join(", ", lenders);
        audit.add(new AuditEntry(clock.instant(), by.name(), action, database.key(), detail));
    }

    @Post("/api-keys/revoke/")
    @Secured("viewer")
    HttpResponse<?> revoke(HttpRequest<?> request) throws InterruptedException {
        return switch (target(request)) {
            case Target.Refused(DispatcharrApiError error) -> answers.error(error);
            case Target.Found(String who, int _) -> {
                if (keys.revoke(who)) {
                    record(Callers.of(request), "api-key.revoke", "the key of " + who);
                }
                yield answers.ok(Json.object("success", true));
            }
        };
    }

    /** Whose key is meant. */
    private sealed interface Target {
        record Found(String who, int level) implements Target {}

        record Refused(DispatcharrApiError error) implements Target {}
    }

    private Target target(HttpRequest<?> request) throws InterruptedException {
        String self = DispatcharrDatabase.who(request);
        JsonNode wanted = submitted.read(request) instanceof Fields.Read(JsonNode fields)
                ? Optional.ofNullable(fields.get("user_id")).orElseGet(JsonNode::nullNode)
                : JsonNode.nullNode();
        if (wanted.isNull()) {
            return new Target.Found(self, level(request));
        }
        Optional<Long> id = Json.integer(wanted).map(it -> it.longValue());
        if (id.filter(it -> it == id(self)).isPresent()) {
            return new Target.Found(self, level(request));
        }
        if (!DispatcharrDatabase.isAdmin(request)) {
            return new Target.Refused(DispatcharrApiError.NOT_ALLOWED);
        }
        return accounts.users().stream()
                .filter(it ->
                        id.filter(wantedId -> wantedId == id(it.name().value())).isPresent())
                .findAny()
                .<Target>map(it -> new Target.Found(it.name().value(), level(it.role())))
                .orElseGet(() -> new Target.Refused(DispatcharrApiError.detail(404, "User not found.")));
    }

    @Get("/initialize-superuser/")
    @Secured(SecurityRule.IS_ANONYMOUS)
    HttpResponse<?> superuser() {
        return answers.ok(Json.object("superuser_exists", superuserExists()));
    }

    private boolean superuserExists() {
        return !access.enabled() || accounts.users().stream().anyMatch(it -> it.role() == Role.ADMIN);
    }

    /** Never makes one: whoever comes first over the network may be anybody. */
    @Post("/initialize-superuser/")
    @Secured(SecurityRule.IS_ANONYMOUS)
    HttpResponse<?> initialize(HttpRequest<?> request) throws InterruptedException {
        if (superuserExists()) {
            return answers.ok(Json.object("superuser_exists", true));
        }
        boolean complete = submitted.read(request) instanceof Fields.Read(JsonNode fields)
                && !text(fields, "username").isBlank()
                && !text(fields, "password").isBlank();
        return answers.error(
                complete
                        ? new DispatcharrApiError(
                                403,
                                Json.object(
                                        "error",
                                        "The first admin is made on the server itself: holdfast user add NAME --role admin"))
                        : new DispatcharrApiError(400, Json.object("error", "Username and password are required.")));
    }

    private static MutableHttpResponse<?> secret(MutableHttpResponse<?> response) {
        return response.header(HttpHeaders.CACHE_CONTROL, "no-store");
    }
}
