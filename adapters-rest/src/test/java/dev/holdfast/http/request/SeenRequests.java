package dev.holdfast.http.request;

import io.micronaut.context.annotation.Requires;
import io.micronaut.core.annotation.Order;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The requests that got past the reader of messages, with the number that a proxy gave each. */
final class SeenRequests {
    static final String NUMBER = "X-Number-Of-Proxy";

    private final ConcurrentLinkedQueue<Seen> seen = new ConcurrentLinkedQueue<>();

    /** @param number empty for a request to which the proxy gave none */
    record Seen(String number, String method, String address) {}

    List<Seen> all() {
        return List.copyOf(seen);
    }

    /** Ahead of every other filter, so also of access control. */
    @ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
    @Requires(bean = SeenRequests.class)
    @Order(Ordered.HIGHEST_PRECEDENCE)
    static final class Recorder {
        private final SeenRequests requests;

        Recorder(SeenRequests requests) {
            this.requests = requests;
        }

        @RequestFilter
        void record(HttpRequest<?> request) {
            requests.seen.add(new Seen(
                    String.join(",", request.getHeaders().getAll(NUMBER)),
                    request.getMethodName(),
                    request.getUri().toString()));
        }
    }
}
