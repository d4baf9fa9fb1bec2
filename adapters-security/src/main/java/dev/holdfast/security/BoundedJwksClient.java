package dev.holdfast.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micronaut.core.async.publisher.Publishers;
import io.micronaut.security.token.jwt.signature.jwks.JwksClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/** Reads a key set over HTTP, with bounds on time and size. The framework's client has neither. */
final class BoundedJwksClient implements JwksClient {
    static final int MAX_BYTES = 256 * 1024;

    static final Duration MAX_TIME = Duration.ofSeconds(6);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final int OK = 200;

    private final Duration maxTime;

    /** @param maxTime for all of an answer, also if a byte comes now and then */
    BoundedJwksClient(Duration maxTime) {
        this.maxTime = maxTime;
    }

    /** Ends with an error if there is no answer in time, if it is too long, or if it is none of success. */
    @Override
    public Publisher<String> load(@Nullable String provider, String url) {
        return Publishers.fromCompletableFuture(() -> {
            HttpClient client = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(CONNECT_TIMEOUT)
                    .followRedirects(HttpClient.Redirect.NORMAL)
                    .build();
            HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                    .header("Accept", "application/json, application/jwk-set+json, */*;q=0.1")
                    .build();
            return client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofString(UTF_8), MAX_BYTES))
                    .orTimeout(maxTime.toMillis(), TimeUnit.MILLISECONDS)
                    .whenComplete((_, _) -> client.shutdownNow())
                    .thenApply(BoundedJwksClient::text);
        });
    }

    private static String text(HttpResponse<String> response) {
        if (response.statusCode() != OK) {
            throw new UncheckedIOException(new IOException("the answer has the status " + response.statusCode()));
        }
        return response.body();
    }
}
