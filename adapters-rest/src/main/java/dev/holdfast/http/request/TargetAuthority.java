package dev.holdfast.http.request;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.server.netty.NettyHttpRequest;
import java.net.URI;
import java.util.Optional;

/** The host that a request's address itself names, as in {@code GET http://localhost/a HTTP/1.1}. */
public final class TargetAuthority {
    private TargetAuthority() {}

    /**
     * Returns host and port as the address has them, or empty for an address that is a path alone. They override the
     * header {@code Host} (RFC 9112, 3.2.2).
     */
    public static Optional<String> of(HttpRequest<?> request) {
        return request instanceof NettyHttpRequest<?> netty
                        && !netty.getNativeRequest().uri().startsWith("/")
                ? Optional.ofNullable(URI.create(netty.getNativeRequest().uri()).getRawAuthority())
                : Optional.empty();
    }
}
