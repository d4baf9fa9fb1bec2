package dev.holdfast.dialects.dispatcharr;

import dev.holdfast.application.Outcome;
import dev.holdfast.http.request.PathSegment;
import io.micronaut.http.HttpRequest;
import java.util.Optional;

/** The name of a backup in an address. */
public final class DispatcharrFilename {
    public static final String BEFORE = "/dispatcharr/api/backups/";

    private DispatcharrFilename() {}

    /** Empty for one that the original takes for an attempt to leave the directory, or that cannot be read. */
    public static Optional<String> in(HttpRequest<?> request) {
        return switch (PathSegment.behind(BEFORE, request)) {
            case Outcome.Done<String>(String name) -> Optional.of(name).filter(DispatcharrFilename::isPlain);
            case Outcome.Refused<String> _ -> Optional.empty();
        };
    }

    public static boolean isPlain(String name) {
        return !name.contains("..") && name.indexOf('/') < 0 && name.indexOf('\\') < 0;
    }
}
