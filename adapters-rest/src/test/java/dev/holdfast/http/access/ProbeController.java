package dev.holdfast.http.access;

import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.authentication.Authentication;

/** Routes as another feature might have them. */
@Controller(value = "/api/probe", produces = MediaType.TEXT_PLAIN)
class ProbeController {
    @Get("/forgotten")
    String forgotten() {
        return "forgotten";
    }

    @Get("/viewer")
    @Secured("viewer")
    String viewer(Authentication who) {
        return who.getName() + " " + who.getRoles();
    }

    @Get("/operator")
    @Secured("operator")
    String operator() {
        return "operator";
    }

    @Get("/admin")
    @Secured("admin")
    String admin() {
        return "admin";
    }

    @Post(value = "/admin", consumes = MediaType.ALL)
    @Secured("admin")
    String change() {
        return "changed";
    }
}
