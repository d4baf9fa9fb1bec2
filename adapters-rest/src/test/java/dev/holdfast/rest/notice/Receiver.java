package dev.holdfast.rest.notice;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** An HTTP server on loopback that keeps what it was sent. */
final class Receiver implements AutoCloseable {
    private static final int SECONDS = 20;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final BlockingQueue<Sent> sent = new LinkedBlockingQueue<>();

    record Sent(String method, URI path, com.sun.net.httpserver.Headers headers, String body) {
        String header(String name) {
            return String.join(", ", headers.getOrDefault(name, List.of()));
        }
    }

    /** What a receiver does once it has read a request. */
    interface Behaviour {
        void answer(HttpExchange exchange) throws Exception;
    }

    Receiver(Behaviour behaviour) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
                sent.add(new Sent(
                        exchange.getRequestMethod(), exchange.getRequestURI(), exchange.getRequestHeaders(), body));
                behaviour.answer(exchange);
            } catch (Exception e) {
                throw new IOException(e);
            }
        });
        server.start();
    }

    /** Answers with these, then with the last of them for ever. */
    static Receiver answering(int... statuses) {
        Iterator<Integer> next = Arrays.stream(statuses).iterator();
        int last = statuses[statuses.length - 1];
        return new Receiver(exchange -> {
            synchronized (next) {
                exchange.sendResponseHeaders(next.hasNext() ? next.next() : last, -1);
            }
        });
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hook?key=k");
    }

    Sent await() throws InterruptedException {
        @Nullable Sent next = sent.poll(SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nothing was sent within " + SECONDS + " s");
        }
        return next;
    }

    List<Sent> await(int number) throws InterruptedException {
        var all = new java.util.ArrayList<Sent>();
        for (int _ : IntStream.range(0, number).toArray()) {
            all.add(await());
        }
        return all;
    }

    /** How many requests nobody has asked for yet. */
    int more() {
        return sent.size();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
