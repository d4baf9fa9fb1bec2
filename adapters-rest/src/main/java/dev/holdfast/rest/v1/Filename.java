package dev.holdfast.rest.v1;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.http.request.PathSegment;
import io.micronaut.http.HttpRequest;

/** A backup's name as the address has it. */
public final class Filename {
    private static final String BEFORE = "/api/v1/backup/";

    private Filename() {}

    /** The one segment behind {@code /api/v1/backup/}. May be anything: use cases check it. */
    public static Outcome<String> of(HttpRequest<?> request) {
        return PathSegment.behind(BEFORE, request);
    }

    /** Where a backup is shown. */
    static String address(Backup backup) {
        String path = BEFORE + PathSegment.encode(backup.key().value());
        // A database's name has no character that would mean something there.
        return backup.database().equals(DatabaseName.DEFAULT) ? path : path + "?database=" + backup.database();
    }
}
