package dev.holdfast.http.upload;

import io.micronaut.context.ApplicationContextBuilder;
import io.micronaut.context.ApplicationContextConfigurer;
import io.micronaut.context.annotation.ContextConfigurer;
import java.util.Map;

/**
 * The framework has one bound for all requests and one for those that it collects in memory. Only the second stays;
 * {@link BodySizeFilter} and {@link UploadLimits} are in the first one's place. Public because it is loaded as a service.
 */
@ContextConfigurer
public final class RequestBounds implements ApplicationContextConfigurer {
    /** Of a body that is no upload; what the framework allows by itself. */
    static final long MOST_BUFFERED = 10L << 20;

    @Override
    public void configure(ApplicationContextBuilder builder) {
        builder.properties(Map.of(
                "micronaut.server.max-request-size",
                Long.MAX_VALUE,
                "micronaut.server.max-request-buffer-size",
                MOST_BUFFERED,
                // A few bytes that unpack into gigabytes get nowhere; nobody sends requests compressed.
                "micronaut.server.netty.request-decompression-enabled",
                false,
                // A body is handed on in pieces of this size at most; each costs the same, whatever its size.
                "micronaut.server.netty.max-chunk-size",
                64 << 10));
    }
}
