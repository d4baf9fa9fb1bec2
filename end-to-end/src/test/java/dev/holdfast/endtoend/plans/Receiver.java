package dev.holdfast.endtoend.plans;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Takes what is posted to a webhook, on loopback, and checks that it is signed. */
final class Receiver implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SECRET = "nobody-would-guess-this-one";

    private record Post(String signed, String signature, String body) {}

    private final BlockingQueue<Post> posts = new LinkedBlockingQueue<>();
    private final HttpServer server;

    Receiver() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                var headers = exchange.getRequestHeaders();
                String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
                posts.add(new Post(
                        headers.getFirst("webhook-id") + "." + headers.getFirst("webhook-timestamp") + "." + body,
                        headers.getFirst("webhook-signature"),
                        body));
                exchange.sendResponseHeaders(204, -1);
            }
        });
        server.start();
    }

    /** For a configuration, one line below {@code holdfast}. */
    String settings() {
        return "webhooks: {ops: {url: \"http://127.0.0.1:%d/\", secret: %s}}"
                .formatted(server.getAddress().getPort(), SECRET);
    }

    /** The next one, whose signature is right. */
    JsonNode next() throws Exception {
        Post post = posts.poll(30, TimeUnit.SECONDS);
        assertThat(post).as("what is posted next").isNotNull();
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(UTF_8), "HmacSHA256"));
        assertThat(post.signature())
                .isEqualTo("v1,"
                        + Base64.getEncoder()
                                .encodeToString(mac.doFinal(post.signed().getBytes(UTF_8))));
        return JSON.readTree(post.body());
    }

    boolean isEmpty() {
        return posts.isEmpty();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
