package dev.holdfast.rest.v1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.http.upload.UploadLimits;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** The API over fakes, on a port of its own. */
final class RestServerFixture implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private final EmbeddedServer server;
    private final Runnable end;
    private final HttpClient client = HttpClient.newHttpClient();
    final OneBackupUseCases fake;

    RestServerFixture(Map<String, Object> settings) {
        this(settings, new UploadLimits(UploadLimits.USUAL_SIZE, UploadLimits.USUAL_SILENCE));
    }

    RestServerFixture(Map<String, Object> settings, UploadLimits limits) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("fake.use-cases", "true");
        all.put("micronaut.server.port", "-1");
        all.put("micronaut.server.host", "127.0.0.1");
        all.put("micronaut.server.thread-selection", "BLOCKING");
        ApplicationContext context =
                ApplicationContext.builder().properties(all).build();
        context.registerSingleton(UploadLimits.class, limits);
        context.start();
        server = context.getBean(EmbeddedServer.class).start();
        end = server::close;
        fake = server.getApplicationContext().getBean(OneBackupUseCases.class);
        fake.reset();
    }

    /** Over the server of a test {@link OverFakes}, which ends by itself. */
    RestServerFixture(EmbeddedServer server) {
        this.server = server;
        end = () -> {};
        fake = server.getApplicationContext().getBean(OneBackupUseCases.class);
        fake.reset();
    }

    static RestServerFixture start() {
        return new RestServerFixture(Map.of());
    }

    HttpResponse<String> send(String method, String path, String... headers) throws IOException, InterruptedException {
        return sendBody(method, path, "", headers);
    }

    HttpResponse<String> sendBody(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        return client.send(request(method, path, body, headers), HttpResponse.BodyHandlers.ofString(UTF_8));
    }

    /** Does not wait for the body, which may have no end. */
    int status(String method, String path, String... headers) throws IOException, InterruptedException {
        HttpResponse<InputStream> response =
                client.send(request(method, path, "", headers), HttpResponse.BodyHandlers.ofInputStream());
        response.body().close();
        return response.statusCode();
    }

    HttpResponse<byte[]> fetch(String path, String... headers) throws IOException, InterruptedException {
        return client.send(request("GET", path, "", headers), HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpRequest request(String method, String path, String body, String... headers) {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(URI.create(server.getURI() + path)).timeout(LONGEST);
        builder.method(
                method,
                body.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            builder.headers(headers);
        }
        return builder.build();
    }

    /** For requests that no decent client sends. */
    Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), server.getPort());
        socket.setSoTimeout((int) LONGEST.toMillis());
        return socket;
    }

    /** @param target goes into the request line as it is */
    String raw(String method, String target) throws IOException {
        try (Socket socket = connect()) {
            write(socket, method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** Polls, with a bound. */
    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long until = System.nanoTime() + LONGEST.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > until) {
                throw new AssertionError("not reached: " + what);
            }
            Thread.sleep(10);
        }
    }

    @Override
    public void close() {
        client.close();
        end.run();
    }
}
