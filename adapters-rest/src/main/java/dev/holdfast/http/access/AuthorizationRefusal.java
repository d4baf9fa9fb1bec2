package dev.holdfast.http.access;

import dev.holdfast.domain.problem.Problem;
import io.micronaut.context.annotation.Replaces;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import io.micronaut.security.authentication.AuthorizationException;
import io.micronaut.security.authentication.DefaultAuthorizationExceptionHandler;
import jakarta.inject.Singleton;

/** Answers whoever has not signed in, or may not do what they ask for. */
@Singleton
@Replaces(DefaultAuthorizationExceptionHandler.class)
final class AuthorizationRefusal implements ExceptionHandler<AuthorizationException, MutableHttpResponse<?>> {
    private final DownloadLinks downloadLinks;

    AuthorizationRefusal(DownloadLinks downloadLinks) {
        this.downloadLinks = downloadLinks;
    }

    @Override
    @SuppressWarnings("rawtypes") // as Micronaut declares it
    public MutableHttpResponse<?> handle(HttpRequest request, AuthorizationException exception) {
        if (exception.isForbidden()) {
            return AccessProblems.permissionDenied(request, "Your role does not allow this.");
        }
        if (downloadLinks.isPresented(request)) {
            return downloadLinks.refusal(request);
        }
        boolean saidSomething = request.getHeaders().contains(HttpHeaders.AUTHORIZATION);
        var response = AccessProblems.of(
                request,
                new Problem.Unauthenticated(
                        saidSomething
                                ? "The token is not valid, or not any more; sign in again."
                                : "Sign in, and send the token as \"Authorization: Bearer\"."));
        if (saidSomething) {
            response.getHeaders()
                    .set(HttpHeaders.WWW_AUTHENTICATE, AccessProblems.CHALLENGE + " error=\"invalid_token\"");
        }
        return response;
    }
}
