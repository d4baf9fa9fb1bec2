package dev.holdfast.endtoend.plans;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.server.SharedServers.Shared;
import dev.holdfast.endtoend.writers.Bank;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** A server with access control, an admin, and a database for each test about plans. */
final class SharedPlans implements Shared {
    private static final List<String> DATABASES = List.of(
            "default", "partial", "zones", "kinds", "wrong", "shapes", "roles", "relied", "previewed", "paused");
    private static final String PASSWORD = "correct horse battery";

    final Path directory;
    final Client client;
    final String admin;
    private final ServerProcess server;

    SharedPlans(Path directory) throws Exception {
        this.directory = directory;
        Bank.create(directory.resolve("relied.db"), "WAL", 0);
        Bank.create(directory.resolve("previewed.db"), "WAL", 0);
        Bank.create(directory.resolve("paused.db"), "DELETE", 0);
        server = ServerProcess.start(Options.in(directory.resolve("data"))
                .config(
                        directory.resolve("holdfast.yml"),
                        DATABASES.stream()
                                .map(it -> "    %s: {file: \"%s\"}".formatted(it, directory.resolve(it + ".db")))
                                .collect(Collectors.joining("\n", "holdfast:\n  databases:\n", "\n")))
                .env("HOLDFAST_AUTH_ENABLED", "true")
                .env("HOLDFAST_ADMIN_USERNAME", "root")
                .env("HOLDFAST_ADMIN_PASSWORD", PASSWORD));
        client = new Client(server.address());
        admin = "Bearer "
                + client.send(
                                "POST",
                                "/api/v1/auth/login",
                                "{\"username\":\"root\",\"password\":\"" + PASSWORD + "\"}",
                                "Content-Type",
                                "application/json")
                        .text("access_token");
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
