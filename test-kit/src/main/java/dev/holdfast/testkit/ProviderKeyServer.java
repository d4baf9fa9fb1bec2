package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;

/** An identity provider's key set, published over HTTP on loopback until it is closed. */
public final class ProviderKeyServer implements AutoCloseable {
    private final HttpServer server;

    private ProviderKeyServer(HttpServer server) {
        this.server = server;
    }

    public static ProviderKeyServer of(ProviderKeys keys) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] body = keys.jwks().getBytes(UTF_8);
        server.createContext("/jwks", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        return new ProviderKeyServer(server);
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/jwks");
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
