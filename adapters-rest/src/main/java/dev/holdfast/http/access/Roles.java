package dev.holdfast.http.access;

import dev.holdfast.domain.access.Role;
import java.util.List;
import java.util.stream.Stream;

/** Roles as {@code @Secured} names them. */
final class Roles {
    private Roles() {}

    static List<String> includedIn(Role role) {
        return Stream.of(Role.values()).filter(role::includes).map(Role::id).toList();
    }
}
