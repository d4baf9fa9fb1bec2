package dev.holdfast.http.dialect;

import dev.holdfast.application.access.Identity;
import io.micronaut.http.HttpRequest;
import java.util.Optional;

/**
 * How the clients of one dialect show who they are. For a dialect without such a bean it is {@code Authorization:
 * Bearer}, as everywhere. Asked while access control is on only.
 */
public interface DialectAccess {
    Dialect dialect();

    /** Empty for nobody, and for whoever shows something that is not valid now. May block. */
    Optional<Identity> identify(HttpRequest<?> request);
}
