package dev.holdfast.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads a key set over HTTP, with bounds on time and size. The framework's client has neither.
 *
 * @param maxTime for all of an answer, also if a byte comes now and then
 */
record BoundedJwksClient(Duration maxTime) {
    static final int MAX_BYTES = 256 * 1024;

    static final Duration MAX_TIME = Duration.ofSeconds(6);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final int OK = 200;

    /**
     * @throws IOException if the answer is none of success
     * @throws ExecutionException if there is no answer, or one that is too long
     * @throws TimeoutException if there is no whole answer in time
     */
    String read(URI url) throws IOException, ExecutionException, InterruptedException, TimeoutException {
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
        HttpRequest request = HttpRequest.newBuilder(url)
                .header("Accept", "application/json, application/jwk-set+json, */*;q=0.1")
                .build();
        try {
            HttpResponse<String> response = client.sendAsync(
                            request, BodyHandlers.limiting(BodyHandlers.ofString(UTF_8), MAX_BYTES))
                    .get(maxTime.toMillis(), TimeUnit.MILLISECONDS);
            if (response.statusCode() != OK) {
                throw new IOException("the answer has the status " + response.statusCode());
            }
            return response.body();
        } finally {
            client.shutdownNow();
        }
    }
}
