package dev.holdfast.application.location;

import dev.holdfast.domain.identity.DatabaseName;
import java.nio.file.Path;

/**
 * Where a path of a database led when that was accepted.
 *
 * @param registered as the settings name it
 * @param resolved with all links resolved, whether anything was there or not
 */
public record KnownLocation(DatabaseName database, Path registered, Path resolved) {
    KnownLocation of(DatabaseName newDatabase) {
        return new KnownLocation(newDatabase, registered, resolved);
    }
}
