package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A data directory as Dispatcharr lays it out, a server that speaks Dispatcharr's APIs for it, also at the root, and a client. */
final class DispatcharrInstallation implements AutoCloseable {
    static final String ADMIN = "admin";
    static final String PASSWORD = "password of admin";
    static final String JSON_TYPE = "application/json";
    static final String SECRET = "a secret that the tests know, of 32 bytes and more";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    final Path directory;
    final Path data;
    final Options options;
    final ServerProcess process;

    /** What every call of {@link #call} shows; empty while access control is off. */
    String access = "";

    private enum Access {
        OPEN,
        NOBODY,
        ADMIN
    }

    private DispatcharrInstallation(Path directory, Access access, String databases, String dialects) throws Exception {
        this(directory, data(directory), access, databases, dialects, Map.of());
    }

    private DispatcharrInstallation(
            Path directory,
            Path data,
            Access access,
            String databases,
            String dialects,
            Map<String, String> environment)
            throws Exception {
        this.directory = directory;
        this.data = data;
        Options open = options(directory, data, databases, dialects);
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            open = open.env(variable.getKey(), variable.getValue());
        }
        Options closed = open.env("HOLDFAST_AUTH_ENABLED", "true").env("HOLDFAST_AUTH_JWT_SECRET", SECRET);
        options = switch (access) {
            case OPEN -> open;
            case NOBODY -> closed;
            case ADMIN -> closed.env("HOLDFAST_ADMIN_USERNAME", ADMIN).env("HOLDFAST_ADMIN_PASSWORD", PASSWORD);
        };
        process = ServerProcess.start(options);
    }

    static DispatcharrInstallation open(Path directory) throws Exception {
        return new DispatcharrInstallation(directory, Access.OPEN, "", "");
    }

    /** Without access control, with another database, and with folders below which clients may name a backup path. */
    static DispatcharrInstallation allowing(Path directory, String shop, Path... folders) throws Exception {
        return new DispatcharrInstallation(directory, data(directory), Access.OPEN, shop, "", allowed(folders));
    }

    /** As {@link #allowing}, once more in the same directory. */
    static DispatcharrInstallation again(Path directory, String shop, Path... folders) throws Exception {
        return new DispatcharrInstallation(
                directory, directory.resolve("data"), Access.OPEN, shop, "", allowed(folders));
    }

    private static Map<String, String> allowed(Path... folders) {
        return Map.of(
                "HOLDFAST_ALLOWED_FOLDERS",
                Stream.of(folders).map(Path::toString).collect(Collectors.joining(",")));
    }

    static DispatcharrInstallation withAccounts(Path directory) throws Exception {
        return signedIn(new DispatcharrInstallation(directory, Access.ADMIN, "", ""));
    }

    /** Access control is on, and there is no account. */
    static DispatcharrInstallation withoutAccounts(Path directory) throws Exception {
        return new DispatcharrInstallation(directory, Access.NOBODY, "", "");
    }

    /** JobOps' API is there too, under its prefix alone, for a database and a directory that do not exist. */
    static DispatcharrInstallation besideJobOps(Path directory) throws Exception {
        String databases =
                "jobs: {file: \"%1$s/jobs.db\", profile: jobops, backup-directory: \"%1$s/none\"}".formatted(directory);
        return signedIn(new DispatcharrInstallation(directory, Access.ADMIN, databases, ", jobops: {database: jobs}"));
    }

    private static DispatcharrInstallation signedIn(DispatcharrInstallation server) throws Exception {
        server.access = server.signIn(ADMIN, PASSWORD).path("access").asText();
        return server;
    }

    private static Path data(Path directory) throws Exception {
        Path data = Files.createDirectory(directory.resolve("data"));
        Bank.create(data.resolve("dispatcharr.db"), "WAL", 1);
        for (String name : List.of("logos", "recordings", "uploads", "plugins")) {
            Files.createDirectory(data.resolve(name));
            Files.writeString(data.resolve(name).resolve(name + ".txt"), "first of " + name);
        }
        return data;
    }

    private static Options options(Path directory, Path data, String databases, String dialects) throws IOException {
        return Options.in(directory.resolve("server"))
                .config(directory.resolve("holdfast.yml"), """
                        holdfast:
                          databases:
                            tv:
                              file: "%1$s/dispatcharr.db"
                              directories: ["%1$s/logos", "%1$s/recordings", "%1$s/uploads", "%1$s/plugins"]
                              backup-directory: "%1$s/backups"
                              profile: dispatcharr
                            %2$s
                          dialects: {root: dispatcharr, dispatcharr: {database: tv}%3$s}
                        """.formatted(data, databases, dialects));
    }

    Path backups() {
        return data.resolve("backups");
    }

    Path database() {
        return data.resolve("dispatcharr.db");
    }

    Answer send(String method, String path, byte[] body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(process.address().toString().replaceAll("/$", "") + path))
                .timeout(Duration.ofMinutes(2))
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return Answer.of(http.send(request.build(), BodyHandlers.ofByteArray()));
    }

    /** With what the web client sends. */
    Answer call(String method, String path) throws Exception {
        return call(method, path, "");
    }

    Answer call(String method, String path, String json) throws Exception {
        return access.isEmpty()
                ? send(method, path, json.getBytes(UTF_8), "Content-Type", JSON_TYPE)
                : send(
                        method,
                        path,
                        json.getBytes(UTF_8),
                        "Content-Type",
                        JSON_TYPE,
                        "Authorization",
                        "Bearer " + access);
    }

    JsonNode signIn(String name, String password) throws Exception {
        return send(
                        "POST",
                        "/api/accounts/token/",
                        JSON.writeValueAsBytes(Map.of("username", name, "password", password)),
                        "Content-Type",
                        JSON_TYPE)
                .json();
    }

    Answer upload(String path, String filename, byte[] content) throws Exception {
        var form = new ByteArrayOutputStream();
        form.writeBytes(("--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + filename
                        + "\"\r\nContent-Type: application/octet-stream\r\n\r\n")
                .getBytes(UTF_8));
        form.writeBytes(content);
        form.writeBytes("\r\n--limit--\r\n".getBytes(UTF_8));
        String type = "multipart/form-data; boundary=limit";
        return access.isEmpty()
                ? send("POST", path, form.toByteArray(), "Content-Type", type)
                : send("POST", path, form.toByteArray(), "Content-Type", type, "Authorization", "Bearer " + access);
    }

    /** Polls with the token alone, as the web client does. @return what the task came to */
    JsonNode await(Answer started) throws Exception {
        if (started.status() != 202) {
            throw new AssertionError(started.toString());
        }
        String path = "/api/backups/status/" + started.json().path("task_id").asText() + "/?token="
                + started.json().path("task_token").asText();
        return Eventually.get(
                () -> send("GET", path, new byte[0]).json(),
                it -> !it.path("state").asText().equals("pending"));
    }

    /** @return the backup's name */
    String create() throws Exception {
        JsonNode end = await(call("POST", "/api/backups/create/"));
        if (!end.path("state").asText().equals("completed")) {
            throw new AssertionError(end + process.log());
        }
        return end.path("result").path("filename").asText();
    }

    /** @return the job as it stands when it is at rest */
    JsonNode job(long id) throws Exception {
        return Eventually.get(
                () -> call("GET", "/api/backups/jobs/" + id + "/").json(),
                it -> !List.of("pending", "running").contains(it.path("status").asText()));
    }

    /** Until neither a backup nor a restore is under way. */
    void awaitIdle() throws Exception {
        Eventually.get(
                () -> call("GET", "/api/backups/jobs/").json().findValuesAsText("status"),
                it -> Collections.disjoint(it, List.of("pending", "running")));
    }

    @Override
    public void close() {
        http.close();
        process.close();
    }
}
