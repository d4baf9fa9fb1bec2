package dev.holdfast.http.request;

import io.micronaut.http.HttpRequest;
import java.net.InetAddress;

/** Where a request comes from: the other end of the connection. What a proxy says in a header anybody can say. */
public final class ClientAddress {
    private ClientAddress() {}

    public static String of(HttpRequest<?> request) {
        InetAddress address = request.getRemoteAddress().getAddress();
        return address == null ? request.getRemoteAddress().getHostString() : address.getHostAddress();
    }
}
