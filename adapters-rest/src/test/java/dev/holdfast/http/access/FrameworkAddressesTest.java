package dev.holdfast.http.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.dialect.Dialects;
import io.micronaut.context.ApplicationContext;
import io.micronaut.security.endpoints.LoginController;
import io.micronaut.security.filters.AuthenticationFetcher;
import io.micronaut.security.handlers.LoginHandler;
import io.micronaut.security.token.reader.TokenReader;
import io.micronaut.security.token.validator.TokenValidator;
import io.micronaut.web.router.Router;
import io.micronaut.web.router.UriRouteInfo;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What the framework would add to sign in with, and to show tokens in. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FrameworkAddressesTest {
    private final AtomicReference<ApplicationContext> started = new AtomicReference<>();
    private final AccessServerFixture server =
            AccessServerFixture.start(true, Dialects.NONE, (context, _) -> started.set(context));

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void no_address_is_the_frameworks() {
        List<UriRouteInfo<?, ?>> routes =
                started.get().getBean(Router.class).uriRoutes().toList();

        assertThat(routes).isNotEmpty();
        assertThat(routes)
                .allSatisfy(
                        it -> assertThat(it.getTargetMethod().getDeclaringType().getName())
                                .startsWith("dev.holdfast."));
        assertThat(started.get().containsBean(LoginController.class)).isFalse();
        assertThat(started.get().containsBean(LoginHandler.class)).isFalse();
    }

    @Test
    void no_address_of_the_framework_exists_with_credentials_or_without() {
        for (String path : List.of(
                "/login",
                "/logout",
                "/keys",
                "/token_info",
                "/oauth/access_token",
                "/oauth/login",
                "/oauth/logout",
                "/oauth/callback/provider")) {
            String bearer = server.bearer("ann");
            assertThat(server.get(path).status()).as(path).isEqualTo(404);
            assertThat(server.get(path, bearer).status()).as(path).isEqualTo(404);
            assertThat(Exchange.post(server.port, path, "{}").status()).as(path).isEqualTo(404);
            assertThat(Exchange.post(server.port, path, "{}", bearer).status())
                    .as(path)
                    .isEqualTo(404);
        }
    }

    @Test
    void nothing_else_finds_out_who_calls() {
        assertThat(started.get().getBeansOfType(AuthenticationFetcher.class))
                .singleElement()
                .isInstanceOf(BearerAuthenticationFetcher.class);
        assertThat(started.get().getBeansOfType(TokenValidator.class)).isEmpty();
        assertThat(started.get().getBeansOfType(TokenReader.class)).isEmpty();
    }

    @Test
    void no_cookie_is_read() {
        String token = server.bearer("ann").substring("Authorization: Bearer ".length());
        for (String cookie : List.of("JWT", "SESSION", "JWT_REFRESH_TOKEN", "access_token")) {
            assertThat(server.get("/api/probe/viewer", "Cookie: " + cookie + "=" + token)
                            .status())
                    .as(cookie)
                    .isEqualTo(401);
        }
    }
}
