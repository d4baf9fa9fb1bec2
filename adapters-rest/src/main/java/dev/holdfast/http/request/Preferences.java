package dev.holdfast.http.request;

import io.micronaut.http.HttpRequest;
import java.util.Locale;
import java.util.stream.Stream;

/** What a client would rather have (RFC 7240). */
public final class Preferences {
    private Preferences() {}

    /** @param preference in lower case, for example {@code respond-async} or {@code return=representation} */
    public static boolean name(HttpRequest<?> request, String preference) {
        return request.getHeaders().getAll("Prefer").stream()
                .flatMap(it -> Stream.of(it.split(",", -1)))
                .map(it -> it.split(";", 2)[0].replaceAll("[\\s\"]+", "").toLowerCase(Locale.ROOT))
                .anyMatch(preference::equals);
    }
}
