package dev.holdfast.rest.security;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.Account;
import dev.holdfast.application.access.SignIn;
import dev.holdfast.domain.problem.Problem;
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
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Gives a token for a name and a password. Works while access control is off too; nobody needs it then. */
@Controller("/api/v1/auth")
@Secured(SecurityRule.IS_ANONYMOUS)
@ExecuteOn(TaskExecutors.BLOCKING)
final class LoginController {
    private final SignIn signIn;
    private final AccessTokens tokens;

    LoginController(SignIn signIn, AccessTokens tokens) {
        this.signIn = signIn;
        this.tokens = tokens;
    }

    @Post("/login")
    HttpResponse<?> login(@Body Credentials credentials, HttpRequest<?> request) {
        if (credentials.username() == null || credentials.password() == null) {
            String missing = credentials.username() == null ? "username" : "password";
            return Refusals.of(request, new Problem.InvalidArgument(missing, missing + " is missing."));
        }
        return switch (signIn.withPassword(credentials.username(), credentials.password(), address(request))) {
            case Outcome.Done<Account>(Account account) ->
                HttpResponse.ok(Granted.of(tokens.issue(account))).header(HttpHeaders.CACHE_CONTROL, "no-store");
            case Outcome.Refused<Account>(Problem problem) -> Refusals.of(request, problem);
        };
    }

    /** Of the other end of the connection. What a proxy says in a header anybody can say. */
    private static String address(HttpRequest<?> request) {
        InetAddress address = request.getRemoteAddress().getAddress();
        return address == null ? request.getRemoteAddress().getHostString() : address.getHostAddress();
    }

    @Serdeable.Deserializable
    record Credentials(@Nullable String username, @Nullable String password) {
        /** Leaves the secret out. */
        @Override
        public String toString() {
            return "Credentials[username=" + username + "]";
        }
    }

    @Serdeable.Serializable
    record Granted(
            @JsonProperty("access_token") String accessToken,
            @JsonProperty("token_type") String tokenType,
            @JsonProperty("expires_in") long expiresIn) {
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
