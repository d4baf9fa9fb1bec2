package dev.holdfast.rest.v1;

import dev.holdfast.http.problem.HttpCode;
import dev.holdfast.http.problem.ProblemResponses;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.swagger.v3.oas.annotations.Hidden;
import io.swagger.v3.oas.annotations.OpenAPIDefinition;
import io.swagger.v3.oas.annotations.enums.SecuritySchemeType;
import io.swagger.v3.oas.annotations.info.Info;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.security.SecurityScheme;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** The API's description, made from the code at build time, and a page to read it that loads nothing from elsewhere. */
@Controller
@Hidden
@Secured("isAnonymous()")
@ExecuteOn(TaskExecutors.BLOCKING)
@OpenAPIDefinition(
        info =
                @Info(
                        title = "Holdfast",
                        version = "1",
                        description =
                                "Back up, check, keep and restore SQLite databases. Failures are RFC 9457 problems "
                                        + "with a stable `code`."),
        security = @SecurityRequirement(name = ApiDescription.BEARER))
@SecurityScheme(
        name = ApiDescription.BEARER,
        type = SecuritySchemeType.HTTP,
        scheme = "bearer",
        description = "A service token, or one from `/api/v1/auth/login`. None is needed while access control is off.")
final class ApiDescription {
    static final String BEARER = "bearer";

    private static final String DESCRIPTION = "/META-INF/swagger/openapi.yml";
    private static final String PAGE = "/META-INF/swagger/views/swagger-ui/";

    private static final Map<String, String> TYPES = Map.of(
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "png", "image/png");

    @Get("/openapi.yml")
    @Produces(MediaType.ALL)
    HttpResponse<?> description(HttpRequest<?> request) throws IOException {
        return resource(request, DESCRIPTION, "application/yaml");
    }

    @Get("/docs/api")
    @Produces(MediaType.ALL)
    HttpResponse<?> page(HttpRequest<?> request) throws IOException {
        return resource(request, "/dev/holdfast/rest/v1/api.html", "text/html; charset=utf-8");
    }

    /** The file's name is one plain name, so nothing but the page's own folder can be meant. */
    @Get("/docs/api/res/{file:[A-Za-z0-9-]+[.][a-z.]+}")
    @Produces(MediaType.ALL)
    HttpResponse<?> file(HttpRequest<?> request, @PathVariable String file) throws IOException {
        String type = TYPES.getOrDefault(file.substring(file.lastIndexOf('.') + 1), "application/octet-stream");
        return resource(request, PAGE + "res/" + file, type);
    }

    private static HttpResponse<?> resource(HttpRequest<?> request, String name, String type) throws IOException {
        try (InputStream stream = ApiDescription.class.getResourceAsStream(name)) {
            if (stream == null) {
                return ProblemResponses.problem(request, HttpCode.ROUTE_NOT_FOUND, "There is no such page.");
            }
            return HttpResponse.ok(stream.readAllBytes())
                    .header("Content-Type", type)
                    .header("X-Content-Type-Options", "nosniff");
        }
    }
}
