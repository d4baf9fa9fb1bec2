package dev.holdfast.http.access;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One request as it is on the wire, and what came back. An ordinary client would not send what an attacker sends.
 *
 * @param head status line and headers
 */
public record Exchange(int status, List<String> head, String body) {
    /** @param lines the request's lines without what ends them; a body is sent as it is */
    public static Exchange send(int port, List<String> lines, String body) {
        String request = String.join("\r\n", lines) + "\r\n\r\n" + body;
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int end = answer.indexOf("\r\n\r\n");
            List<String> head = answer.substring(0, end).lines().toList();
            return new Exchange(
                    Integer.parseInt(head.getFirst().substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length())),
                    head,
                    answer.substring(end + 4));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    public static Exchange get(int port, String path, String... headers) {
        return send(port, with(List.of("GET " + path + " HTTP/1.1", "Host: localhost:" + port), headers), "");
    }

    public static Exchange post(int port, String path, String json, String... headers) {
        int length = json.getBytes(StandardCharsets.UTF_8).length;
        return send(
                port,
                with(
                        List.of(
                                "POST " + path + " HTTP/1.1",
                                "Host: localhost:" + port,
                                "Content-Type: application/json",
                                "Content-Length: " + length),
                        headers),
                json);
    }

    private static List<String> with(List<String> lines, String... headers) {
        return java.util.stream.Stream.of(lines, List.of(headers), List.of("Connection: close"))
                .flatMap(List::stream)
                .toList();
    }

    public Optional<String> header(String name) {
        String prefix = name.toLowerCase(Locale.ROOT) + ":";
        return head.stream()
                .filter(it -> it.toLowerCase(Locale.ROOT).startsWith(prefix))
                .map(it -> it.substring(prefix.length()).strip())
                .findFirst();
    }

    /** The text of a JSON member. */
    public String member(String name) {
        var matcher =
                java.util.regex.Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(body);
        if (!matcher.find()) {
            throw new AssertionError("no " + name + " in " + body);
        }
        return matcher.group(1);
    }
}
