package dev.holdfast.endtoend.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.ServerProcess.Options;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the framework would take from its surroundings: addresses, files and management endpoints that no setting names. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(300)
class FrameworkInputsTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static final Map<String, String> VARIABLES = Map.ofEntries(
            Map.entry("GRPC_SERVER_HOST", "0.0.0.0"),
            Map.entry("GRPC_SERVER_PORT", "1"),
            Map.entry("GRPC_SERVER_ENABLED", "false"),
            Map.entry("GRPC_SERVER_HEALTH_ENABLED", "true"),
            Map.entry("GRPC_SERVER_SSL_CERT_CHAIN", "file:/nowhere/server.pem"),
            Map.entry("GRPC_SERVER_SSL_PRIVATE_KEY", "file:/nowhere/server.key"),
            Map.entry("GRPC_SERVER_MAX_INBOUND_MESSAGE_SIZE", "1"),
            Map.entry("MICRONAUT_SERVER_HOST", "0.0.0.0"),
            Map.entry("MICRONAUT_SERVER_PORT", "1"),
            Map.entry("MICRONAUT_SERVER_CONTEXT_PATH", "/elsewhere"),
            Map.entry("MICRONAUT_SERVER_CORS_ENABLED", "true"),
            Map.entry("MICRONAUT_SERVER_SSL_ENABLED", "true"),
            Map.entry("MICRONAUT_SERVER_SSL_BUILD_SELF_SIGNED", "true"),
            Map.entry("MICRONAUT_SERVER_NETTY_LISTENERS_EXTRA_HOST", "0.0.0.0"),
            Map.entry("MICRONAUT_SERVER_NETTY_LISTENERS_EXTRA_PORT", "-1"),
            Map.entry("MICRONAUT_SERVER_HTTP_VERSION", "2.0"),
            Map.entry("MICRONAUT_SECURITY_ENABLED", "false"),
            Map.entry("MICRONAUT_SECURITY_ENDPOINTS_LOGIN_ENABLED", "true"),
            Map.entry("MICRONAUT_SECURITY_ENDPOINTS_INTROSPECTION_ENABLED", "true"),
            Map.entry("MICRONAUT_ROUTER_STATIC_RESOURCES_ALL_PATHS", "file:/"),
            Map.entry("MICRONAUT_ROUTER_STATIC_RESOURCES_ALL_MAPPING", "/files/**"),
            Map.entry("MICRONAUT_ENVIRONMENTS", "test,k8s"),
            Map.entry("MICRONAUT_ENV_DEDUCTION", "true"),
            Map.entry("ENDPOINTS_ALL_ENABLED", "true"),
            Map.entry("ENDPOINTS_ALL_SENSITIVE", "false"),
            Map.entry("ENDPOINTS_ALL_PORT", "1"));

    private static final List<String> FRAMEWORK_ADDRESSES = List.of(
            "/beans",
            "/env",
            "/env/x",
            "/loggers",
            "/loggers/x",
            "/routes",
            "/refresh",
            "/stop",
            "/threaddump",
            "/heapdump",
            "/caches",
            "/caches/x",
            "/info",
            "/scheduledtasks",
            "/liquibase",
            "/flyway",
            "/endpoints/beans",
            "/login",
            "/logout",
            "/oauth/login",
            "/oauth/access_token",
            "/oauth/callback/x",
            "/oauth/logout",
            "/token_info",
            "/keys",
            "/files/etc/passwd",
            "/elsewhere/health/liveness");

    @TempDir
    Path directory;

    private Options surrounded() throws IOException {
        Path working = directory.resolve("working");
        Files.createDirectories(working.resolve("config"));
        String yaml = """
                micronaut:
                  server:
                    netty:
                      listeners:
                        extra: {host: 0.0.0.0, port: -1}
                  security: {enabled: false}
                grpc: {server: {host: 0.0.0.0}}
                endpoints: {all: {enabled: true, sensitive: false}}
                """;
        for (String name : List.of("application", "bootstrap", "application-test")) {
            Files.writeString(working.resolve(name + ".yml"), yaml);
            Files.writeString(working.resolve("config").resolve(name + ".yml"), yaml);
        }
        Options options = Options.in(directory.resolve("data"))
                .workingIn(working)
                .env(
                        "MICRONAUT_CONFIG_FILES",
                        Files.writeString(directory.resolve("more.yml"), yaml).toString());
        for (Map.Entry<String, String> each : VARIABLES.entrySet()) {
            options = options.env(each.getKey(), each.getValue());
        }
        return options;
    }

    @Test
    void variables_and_files_of_the_framework_open_nothing() throws Exception {
        try (ServerProcess server = ServerProcess.start(surrounded())) {
            assertListensAtItsTwoAddresses(server);
            for (String path : FRAMEWORK_ADDRESSES) {
                assertStatus(server, path, "", 404);
            }
            assertThat(status("GET", server.address().resolve("/health/liveness"), ""))
                    .isEqualTo(200);
        }
    }

    @Test
    void nor_do_they_where_access_control_is_on() throws Exception {
        try (ServerProcess server = ServerProcess.start(surrounded().env("HOLDFAST_AUTH_ENABLED", "true"))) {
            assertListensAtItsTwoAddresses(server);
            String token = Command.run(
                            directory.resolve("data"), "", "token", "create", "--name", "root", "--role", "admin")
                    .strip();
            for (String path : FRAMEWORK_ADDRESSES) {
                assertStatus(server, path, token, 404);
                assertStatus(server, path, "", 404);
            }
            assertThat(status("GET", server.address().resolve("/api/v1/backup"), ""))
                    .isEqualTo(401);
        }
    }

    private static void assertListensAtItsTwoAddresses(ServerProcess server) throws IOException {
        assertThat(listening(server.pid()))
                .containsExactlyInAnyOrder("127.0.0.1:" + server.address().getPort(), "127.0.0.1:" + server.grpcPort());
    }

    private static void assertStatus(ServerProcess server, String path, String token, int expected) throws Exception {
        for (String method : List.of("GET", "POST")) {
            assertThat(status(method, server.address().resolve(path), token))
                    .as(method + " " + path)
                    .isEqualTo(expected);
        }
    }

    private static int status(String method, URI address, String token) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        method.equals("GET")
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString("{}"));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    /** As {@code ss -ltn} shows it, of this process alone. */
    private static List<String> listening(long pid) throws IOException {
        Set<String> inodes = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path each : descriptors.toList()) {
                try {
                    inodes.add(Files.readSymbolicLink(each).toString());
                } catch (NoSuchFileException _) {
                    // closed meanwhile
                }
            }
        }
        var found = new ArrayList<String>();
        for (String table : List.of("tcp", "tcp6")) {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/net/" + table))) {
                String[] columns = line.strip().split("\\s+", -1);
                if (columns[3].equals("0A") && inodes.contains("socket:[" + columns[9] + "]")) {
                    found.add(shown(columns[1]));
                }
            }
        }
        return found;
    }

    /** Of the kernel's form: the last four bytes of an address in the machine's order, and the port. */
    private static String shown(String address) {
        int colon = address.indexOf(':');
        String last = address.substring(colon - 8, colon);
        var host = new ArrayList<String>();
        for (int i = 6; i >= 0; i -= 2) {
            host.add(String.valueOf(Integer.parseInt(last.substring(i, i + 2), 16)));
        }
        return String.join(".", host) + ":" + Integer.parseInt(address.substring(colon + 1), 16);
    }
}
