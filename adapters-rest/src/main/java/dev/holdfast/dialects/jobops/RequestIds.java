package dev.holdfast.dialects.jobops;

import io.micronaut.http.HttpRequest;
import java.util.UUID;

/** What a request and its answer are called: as the client does, or else anew. */
final class RequestIds {
    static final String HEADER = "x-request-id";

    private static final String KEPT = "holdfast.jobops.request-id";

    private RequestIds() {}

    /** The same at each call for one request. */
    static String of(HttpRequest<?> request) {
        return request.getAttribute(KEPT, String.class).orElseGet(() -> {
            String id = request.getHeaders()
                    .findFirst(HEADER)
                    .map(String::strip)
                    .filter(RequestIds::canBeSentBack)
                    .orElseGet(() -> UUID.randomUUID().toString());
            request.setAttribute(KEPT, id);
            return id;
        });
    }

    /** A header's value is bytes, and what is none of ASCII's visible ones would come back as something else. */
    private static boolean canBeSentBack(String id) {
        return !id.isEmpty() && id.chars().allMatch(c -> c >= ' ' && c < 0x7f);
    }
}
