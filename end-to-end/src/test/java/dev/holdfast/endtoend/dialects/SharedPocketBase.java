package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.SharedServers.Shared;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** A server with PocketBase's API, a superuser, an operator, and the backup {@code kept.zip}. */
final class SharedPocketBase implements Shared {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JSON_TYPE = "application/json";

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final ServerProcess server;
    final Path dataDir;

    /** The superuser's token. */
    final String token;

    /** A service token of the role operator. */
    final String operator;

    SharedPocketBase(Path directory) throws Exception {
        Path data = PocketBaseInstallation.data(directory);
        Files.writeString(data.resolve("types.d.ts"), "// nothing that is backed up");
        Files.createDirectory(data.resolve("backups"));
        var options = PocketBaseInstallation.withAccounts(PocketBaseInstallation.options(directory, data));
        dataDir = options.dataDir();
        server = ServerProcess.start(options);
        operator = Command.run(dataDir, "", "token", "create", "--name", "operator", "--role", "operator")
                .replaceAll("(?s).*(hft_\\S+).*", "$1");
        Command.run(dataDir, "password of olga", "user", "add", "olga", "--role", "operator", "--password-stdin");
        token = signIn(PocketBaseInstallation.EMAIL, PocketBaseInstallation.PASSWORD)
                .path("token")
                .asText();
        Answer kept = send(
                "POST",
                "/api/backups",
                "{\"name\":\"kept.zip\"}".getBytes(UTF_8),
                "Authorization",
                token,
                "Content-Type",
                JSON_TYPE);
        assertThat(kept.status()).isEqualTo(204);
    }

    Answer send(String method, String path, byte[] body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(server.address().toString().replaceAll("/$", "") + path))
                .timeout(Duration.ofMinutes(1))
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return Answer.of(http.send(request.build(), BodyHandlers.ofByteArray()));
    }

    JsonNode signIn(String identity, String password) throws Exception {
        return send(
                        "POST",
                        "/api/collections/_superusers/auth-with-password",
                        JSON.writeValueAsBytes(Map.of("identity", identity, "password", password)),
                        "Content-Type",
                        JSON_TYPE)
                .json();
    }

    @Override
    public void close() {
        http.close();
        server.close();
    }
}
