package dev.holdfast.http.request;

import java.util.ArrayList;
import java.util.List;

/** Messages that two readers could end at different places, or take for different requests. */
final class AmbiguousMessages {
    private static final String HOST = "Host: localhost\r\n";
    private static final String LOGIN =
            "POST /api/v1/auth/login HTTP/1.1\r\n" + HOST + "Content-Type: application/json\r\n";
    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";
    private static final String FIVE = "Content-Length: 5\r\n";
    private static final String CHUNKS = "5\r\n{\"a\":\r\n2\r\n1}\r\n0\r\n\r\n";

    /** Those that were accepted once. */
    static final List<Message> REPORTED = List.of(
            head("length and chunks", FIVE + CHUNKED, CHUNKS),
            head("chunked, then identity", "Transfer-Encoding: chunked, identity\r\n", CHUNKS),
            head("chunked, then unknown", "Transfer-Encoding: chunked, xchunked\r\n", CHUNKS),
            head("unknown coding and length", "Transfer-Encoding: xchunked\r\n" + FIVE, "12345"),
            head("two lines of coding", CHUNKED + "Transfer-Encoding: identity\r\n", CHUNKS));

    static final List<Message> OTHERS = List.of(
            head("chunked twice", CHUNKED + CHUNKED, CHUNKS),
            head("unknown coding before chunked", "Transfer-Encoding: gzip, chunked\r\n", CHUNKS),
            head("quoted coding", "Transfer-Encoding: \"chunked\"\r\n", CHUNKS),
            head("coding with a parameter", "Transfer-Encoding: chunked;q=1\r\n", CHUNKS),
            head("coding after a vertical tab", "Transfer-Encoding: \u000bchunked\r\n", CHUNKS),
            head("coding in a folded line", "Transfer-Encoding:\r\n chunked\r\n", CHUNKS),
            head("coding hidden in a folded line", "X-A: b\r\n" + " " + CHUNKED + FIVE, "12345"),
            head("blank before the colon", "Transfer-Encoding : chunked\r\n", CHUNKS),
            head("blank before the name", " " + CHUNKED, CHUNKS),
            head("no colon", "Transfer-Encoding chunked\r\n" + FIVE, "12345"),
            head("two lengths", FIVE + "Content-Length: 6\r\n", "12345"),
            head("one length twice", FIVE + FIVE, "12345"),
            head("list of lengths", "Content-Length: 5, 5\r\n", "12345"),
            head("length with a sign", "Content-Length: +5\r\n", "12345"),
            head("negative length", "Content-Length: -5\r\n", "12345"),
            head("hexadecimal length", "Content-Length: 0x5\r\n", "12345"),
            head("length with a fraction", "Content-Length: 5.0\r\n", "12345"),
            head("empty length", "Content-Length:\r\n", ""),
            head("endless length", "Content-Length: 18446744073709551621\r\n", "12345"),
            head("line feed alone", "X-A: b\n" + FIVE, "12345"),
            head("carriage return in a value", "X-A: b\r" + FIVE, "12345"),
            head("zero byte in a value", "X-A: b\u0000\r\n" + FIVE, "12345"),
            head("two hosts", "Host: elsewhere\r\n" + FIVE, "12345"),
            new Message("no host", "GET /api/probe/viewer HTTP/1.1\r\n\r\n"),
            new Message(
                    "body by keys of an old draft",
                    "GET /api/probe/viewer HTTP/1.1\r\n" + HOST
                            + "Sec-WebSocket-Key1: 1\r\nSec-WebSocket-Key2: 2\r\n\r\n12345678"),
            new Message(
                    "chunks in version 1.0",
                    "POST /api/v1/auth/login HTTP/1.0\r\n" + HOST + "Connection: keep-alive\r\n" + CHUNKED + "\r\n"
                            + CHUNKS),
            new Message(
                    "two lengths in version 1.0",
                    "POST /api/v1/auth/login HTTP/1.0\r\n" + HOST + "Connection: keep-alive\r\n" + FIVE
                            + "Content-Length: 6\r\n\r\n12345"),
            new Message("unknown version", "GET /api/probe/viewer HTTP/1.2\r\n" + HOST + "\r\n"),
            new Message("no version", "GET /api/probe/viewer\r\n" + HOST + "\r\n"),
            new Message("two blanks", "GET  /api/probe/viewer HTTP/1.1\r\n" + HOST + "\r\n"),
            new Message("tabs", "GET\t/api/probe/viewer\tHTTP/1.1\r\n" + HOST + "\r\n"),
            new Message("address with a blank", "GET /api/probe/viewer x HTTP/1.1\r\n" + HOST + "\r\n"),
            new Message(
                    "control character before the method", "\u0001GET /api/probe/viewer HTTP/1.1\r\n" + HOST + "\r\n"));

    /** What is wrong with these comes after the head. */
    static final List<Message> IN_BODIES = List.of(
            body("size with a prefix", "0x5\r\n{\"a\":\r\n0\r\n\r\n"),
            body("size with a sign", "+5\r\n{\"a\":\r\n0\r\n\r\n"),
            body("negative size", "-5\r\n{\"a\":\r\n0\r\n\r\n"),
            body("blank before the size", " 5\r\n{\"a\":\r\n0\r\n\r\n"),
            body("blank after the size", "5 \r\n{\"a\":\r\n0\r\n\r\n"),
            body("size that overflows", "10000000000000005\r\n{\"a\":\r\n0\r\n\r\n"),
            body("empty size", "\r\n{\"a\":\r\n0\r\n\r\n"),
            body("line feed alone after the size", "5\n{\"a\":\r\n0\r\n\r\n"),
            body("line feed in an extension", "5;x\n{\"a\":\r\n0\r\n\r\n"),
            body("endless extension", "5;" + "x".repeat(300) + "\r\n{\"a\":\r\n0\r\n\r\n"),
            body("chunk longer than its size", "5\r\n{\"a\":1}\r\n0\r\n\r\n"),
            body("line feed alone after a chunk", "5\r\n{\"a\":\n0\r\n\r\n"),
            body("length in the trailer", "0\r\n" + FIVE + "\r\n"),
            body("coding in the trailer", "0\r\n" + CHUNKED + "\r\n"),
            body("line feed alone in the trailer", "0\r\nX-A: b\n\r\n"));

    static final List<Message> ALL;

    static {
        var all = new ArrayList<>(REPORTED);
        all.addAll(OTHERS);
        all.addAll(IN_BODIES);
        ALL = List.copyOf(all);
    }

    private AmbiguousMessages() {}

    /** @param text a character a byte */
    record Message(String name, String text) {}

    private static Message head(String name, String lines, String body) {
        return new Message(name, LOGIN + lines + "\r\n" + body);
    }

    private static Message body(String name, String body) {
        return new Message(name, LOGIN + CHUNKED + "\r\n" + body);
    }
}
