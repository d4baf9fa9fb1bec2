package dev.holdfast.http.access;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.Account;
import dev.holdfast.application.access.SignIn;
import dev.holdfast.application.access.token.AccessTokens;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.http.problem.ProblemApiResponses;
import dev.holdfast.http.request.ClientAddress;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Gives a token for a name and a password. Works while access control is off too; nobody needs it then. */
@Controller
@Secured(SecurityRule.IS_ANONYMOUS)
@ExecuteOn(TaskExecutors.BLOCKING)
@ProblemApiResponses
@Tag(name = "Access")
final class LoginController {
    static final String ADDRESS = "/api/v1/auth/login";

    private final SignIn signIn;
    private final AccessTokens tokens;

    LoginController(SignIn signIn, AccessTokens tokens) {
        this.signIn = signIn;
        this.tokens = tokens;
    }

    @Post(ADDRESS)
    @Operation(
            operationId = "login",
            summary = "Sign in with a name and a password",
            description =
                    "The token goes with every other call as `Authorization: Bearer`. A wrong name and a wrong "
                            + "password get the same 401; after too many of them the answer is 429, and Retry-After says for how long.")
    @ApiResponse(
            responseCode = "200",
            description = "The token.",
            content = @Content(schema = @Schema(implementation = Granted.class)))
    HttpResponse<?> login(@Body Credentials credentials, HttpRequest<?> request) {
        if (credentials.username() == null || credentials.password() == null) {
            String missing = credentials.username() == null ? "username" : "password";
            return AccessProblems.of(request, new Problem.InvalidArgument(missing, missing + " is missing."));
        }
        return switch (signIn.withPassword(credentials.username(), credentials.password(), ClientAddress.of(request))) {
            case Outcome.Done<Account>(Account account) ->
                HttpResponse.ok(Granted.of(tokens.issue(account))).header(HttpHeaders.CACHE_CONTROL, "no-store");
            case Outcome.Refused<Account>(Problem problem) -> AccessProblems.of(request, problem);
        };
    }

    @Serdeable.Deserializable
    @Schema(name = "LoginRequest", description = "Both are needed.")
    record Credentials(
            @Schema(example = "ann", requiredMode = Schema.RequiredMode.REQUIRED) @Nullable
            String username,

            @Schema(format = "password", requiredMode = Schema.RequiredMode.REQUIRED) @Nullable
            String password) {
        /** Leaves the secret out. */
        @Override
        public String toString() {
            return "Credentials[username=" + username + "]";
        }
    }

    @Serdeable.Serializable
    @Schema(name = "LoginResponse", description = "A token, valid from now on.")
    record Granted(
            @Schema(name = "access_token") @JsonProperty("access_token")
            String accessToken,

            @Schema(name = "token_type", example = "Bearer") @JsonProperty("token_type")
            String tokenType,

            @Schema(name = "expires_in", description = "In seconds.", example = "3600") @JsonProperty("expires_in")
            long expiresIn) {
        static Granted of(AccessTokens.Issued issued) {
            return new Granted(issued.token(), "Bearer", issued.expiresInSeconds());
        }

        /** Leaves the secret out. */
        @Override
        public String toString() {
            return "Granted[expiresIn=" + expiresIn + "]";
        }
    }
}
