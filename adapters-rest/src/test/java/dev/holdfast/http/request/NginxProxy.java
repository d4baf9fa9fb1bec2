package dev.holdfast.http.request;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** nginx in front of a server, with a socket for each way to pass requests on. It reuses its connections to the server. */
final class NginxProxy implements AutoCloseable {
    /** Debian's path first: it is in no user's PATH. */
    private static final List<Path> PROGRAMS = List.of(Path.of("/usr/sbin/nginx"), Path.of("/usr/bin/nginx"));

    private static final int SECONDS_TO_START = 30;

    private final Path folder;
    private final Process process;

    private NginxProxy(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
    }

    /** How the proxy passes requests on. */
    enum Way {
        COLLECTED("proxy_request_buffering on;"),
        STREAMED("proxy_request_buffering off; ignore_invalid_headers off; underscores_in_headers on;"),
        /** A wrong setting: the proxy passes on the length, and claims that the body has chunks. */
        CONTRADICTED("proxy_set_header Transfer-Encoding chunked;");

        private final String settings;

        Way(String settings) {
            this.settings = settings;
        }

        private String socket() {
            return name() + ".sock";
        }
    }

    /**
     * A request that nginx has read.
     *
     * @param number that nginx gave it, and no other
     */
    record Logged(String number, String method, String address) {}

    /** Starts it in an empty folder and waits until it listens. */
    static NginxProxy start(Path folder, int port) throws Exception {
        Files.writeString(folder.resolve("nginx.conf"), settings(port));
        Path program = PROGRAMS.stream().filter(Files::isExecutable).findFirst().orElse(Path.of("nginx"));
        Process process = new ProcessBuilder(
                        program.toString(), "-p", folder.toString(), "-c", "nginx.conf", "-e", "error.log")
                .directory(folder.toFile()) // the sockets' names are relative to it
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out.log").toFile())
                .start();
        var proxy = new NginxProxy(folder, process);
        proxy.awaitStart();
        return proxy;
    }

    private static String settings(int port) {
        var servers = new StringBuilder();
        for (Way way : Way.values()) {
            // A server with headers of its own has none of those around it.
            servers.append("""
                      server {
                        listen unix:%s;
                        proxy_set_header Connection "";
                        proxy_set_header %s $request_id;
                        %s
                        location / { proxy_pass http://holdfast; }
                      }
                    """.formatted(way.socket(), SeenRequests.NUMBER, way.settings));
        }
        return """
                daemon off;
                master_process off;
                pid nginx.pid;
                events {}
                http {
                  log_format numbered '$request_id $request_method $request_uri';
                  access_log access.log numbered;
                  client_body_temp_path body;
                  proxy_temp_path proxy;
                  fastcgi_temp_path fastcgi;
                  uwsgi_temp_path uwsgi;
                  scgi_temp_path scgi;
                  client_header_timeout 1s;
                  client_body_timeout 1s;
                  keepalive_timeout 1s;
                  proxy_read_timeout 10s;
                  proxy_http_version 1.1;
                  upstream holdfast { server 127.0.0.1:%d; keepalive 8; }
                %s}
                """.formatted(port, servers);
    }

    private void awaitStart() throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_TO_START);
        while (true) {
            try (SocketChannel _ = connect(Way.CONTRADICTED)) {
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    close();
                    throw new IOException("nginx: " + Files.readString(folder.resolve("out.log")), e);
                }
                Thread.sleep(10);
            }
        }
    }

    private SocketChannel connect(Way way) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve(way.socket())));
    }

    /**
     * Sends the bytes and reads until nginx closes the connection.
     *
     * @param text a character a byte
     */
    String exchange(Way way, String text) throws IOException {
        try (SocketChannel channel = connect(way)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(ISO_8859_1));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            return new String(Channels.newInputStream(channel).readAllBytes(), ISO_8859_1);
        }
    }

    /** Ends nginx, which has written everything then. */
    List<Logged> stop() throws Exception {
        process.destroy();
        process.waitFor(SECONDS_TO_START, TimeUnit.SECONDS);
        return Files.readAllLines(folder.resolve("access.log"), UTF_8).stream()
                .map(it -> it.split(" ", 3))
                .map(it -> new Logged(it[0], it[1], it[2]))
                .toList();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
