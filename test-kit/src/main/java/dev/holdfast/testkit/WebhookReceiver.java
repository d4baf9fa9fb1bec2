package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** An HTTP server on loopback that stores the requests that it receives. */
public final class WebhookReceiver implements AutoCloseable {
    private static final int MAX_WAIT_SECONDS = 30;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();

    /** A request with its body. */
    public record Received(String method, URI path, Headers headers, String body) {
        public String header(String name) {
            return String.join(", ", headers.getOrDefault(name, List.of()));
        }

        /** Returns what the header {@code webhook-signature} must be if the request is signed with this secret. */
        public String signature(String secret) {
            String signed = header("webhook-id") + "." + header("webhook-timestamp") + "." + body;
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
                return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(UTF_8)));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** The response to a request whose body has been read. */
    public interface Behaviour {
        void answer(HttpExchange exchange) throws Exception;
    }

    public WebhookReceiver(Behaviour behaviour) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
                received.add(new Received(
                        exchange.getRequestMethod(), exchange.getRequestURI(), exchange.getRequestHeaders(), body));
                behaviour.answer(exchange);
            } catch (Exception e) {
                throw new IOException(e);
            }
        });
        server.start();
    }

    /** Answers with these statuses in turn, and with the last one from then on. */
    public static WebhookReceiver answering(int... statuses) {
        Iterator<Integer> next = Arrays.stream(statuses).iterator();
        int last = statuses[statuses.length - 1];
        return new WebhookReceiver(exchange -> {
            synchronized (next) {
                exchange.sendResponseHeaders(next.hasNext() ? next.next() : last, -1);
            }
        });
    }

    /** @param path with its slash, and with its query if it has one */
    public URI url(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    /** Waits for the next request. */
    public Received await() throws InterruptedException {
        @Nullable Received next = received.poll(MAX_WAIT_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no request came within " + MAX_WAIT_SECONDS + " s");
        }
        return next;
    }

    public List<Received> await(int number) throws InterruptedException {
        var all = new ArrayList<Received>();
        for (int i = 0; i < number; i++) {
            all.add(await());
        }
        return all;
    }

    /** Returns the number of requests that no call of {@code await} has returned. */
    public int more() {
        return received.size();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
