package dev.holdfast.endtoend.soak;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A server with the fault kit preloaded, the applications whose databases it backs up, and a view of both from outside.
 * One root folder holds all of it.
 */
final class Installation implements AutoCloseable {
    /** The longest that any answer may take: busy-timeout and all attempts at something are far below. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    /** How long readiness remembers what it found. */
    private static final Duration REMEMBERED = Duration.ofSeconds(6);

    /** The faults are the kit's, and the order of syncs is looked at, so no disk is needed to wait for. */
    private static final Path MEMORY = Path.of("/dev/shm");

    private final Path root;
    private final FaultKit kit;
    private final String journalMode;
    private final List<Group> groups;

    /** Without it an interrupted soak would leave its server and its files. */
    private final Thread atExit = new Thread(() -> {
        // Also a server that is still starting.
        ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
        end();
    });

    private volatile boolean ended;
    private @Nullable ServerProcess server;
    private @Nullable Client client;
    private int lastLabel;

    private Installation(Path root, FaultKit kit, String journalMode, List<Group> groups) {
        this.root = root;
        this.kit = kit;
        this.journalMode = journalMode;
        this.groups = groups;
    }

    /** @param journalMode of all databases: WAL or DELETE */
    static Installation create(String journalMode) throws Exception {
        Path root = createRoot();
        Path watched = Files.createDirectory(root.resolve("f"));
        FaultKit kit = FaultKit.create(root.resolve("control"), watched);
        var one = Group.create("one", watched.resolve("one"), List.of("one.db"), false, journalMode);
        var timed = Group.create("timed", watched.resolve("timed"), List.of("timed.db"), false, journalMode);
        var pb = Group.create("pb", watched.resolve("pb"), List.of("data.db", "auxiliary.db"), true, journalMode);
        Files.writeString(root.resolve("holdfast.yml"), """
                holdfast:
                  busy-timeout: 1s
                  databases:
                    one: {file: "%1$s/one/one.db"}
                    timed: {file: "%1$s/timed/timed.db"}
                    pb: {file: "%1$s/pb/data.db", extra-files: ["%1$s/pb/auxiliary.db"], directories: ["%1$s/pb/storage"], profile: pocketbase}
                """.formatted(watched));
        var installation = new Installation(root, kit, journalMode, List.of(one, timed, pb));
        try {
            Runtime.getRuntime().addShutdownHook(installation.atExit);
            installation.start(Map.of());
        } catch (Exception e) {
            installation.close();
            throw e;
        }
        return installation;
    }

    /** Creates the folder for all files of a soak. */
    static Path createRoot() throws IOException {
        return (Files.isWritable(MEMORY)
                        ? Files.createTempDirectory(MEMORY, "hf-soak")
                        : Files.createTempDirectory("hf-soak"))
                .toRealPath();
    }

    FaultKit kit() {
        return kit;
    }

    String journalMode() {
        return journalMode;
    }

    Client client() {
        return requireNonNull(client);
    }

    ServerProcess server() {
        return requireNonNull(server);
    }

    Group group(String name) {
        return groups.stream().filter(it -> it.name().equals(name)).findFirst().orElseThrow();
    }

    Path data() {
        return root.resolve("f/data");
    }

    Path catalogue() {
        return data().resolve("holdfast.db");
    }

    Path store(Group group) {
        return data().resolve("backups").resolve(group.name());
    }

    Path restores() {
        return data().resolve("scratch/restores");
    }

    String nextLabel() {
        return "L" + ++lastLabel;
    }

    /** @param environment in addition to what the kit needs */
    void start(Map<String, String> environment) throws Exception {
        var options = ServerProcess.Options.in(data())
                .with("--config", root.resolve("holdfast.yml").toString());
        for (Map.Entry<String, String> entry : kit.environment().entrySet()) {
            options = options.env(entry.getKey(), entry.getValue());
        }
        for (Map.Entry<String, String> entry : environment.entrySet()) {
            options = options.env(entry.getKey(), entry.getValue());
        }
        if (ended) {
            throw new IllegalStateException("the installation has ended");
        }
        ServerProcess started = ServerProcess.start(options);
        server = started;
        if (ended) {
            started.close();
        }
        client = new Client(started.address(), PATIENCE);
    }

    void stop() {
        if (client != null) {
            client.close();
            client = null;
        }
        if (server != null) {
            server.close();
            server = null;
        }
    }

    boolean isRunning() {
        return server != null;
    }

    void restart() throws Exception {
        stop();
        start(Map.of());
    }

    /**
     * A backup as the server lists it.
     *
     * @param inconsistency empty if its parts are said to be of one moment
     */
    record Listed(String filename, String sha256, String state, String origin, String inconsistency) {
        boolean claimsToBeGood() {
            return state.equals("passed") && inconsistency.isEmpty();
        }
    }

    List<Listed> list(Group group) throws Exception {
        Client.Answer answer = client().get("/api/v1/backup?page_size=200&database=" + group.name());
        if (answer.status() != 200) {
            throw new IOException("list: " + answer.status() + " " + answer.json());
        }
        List<Listed> all = new ArrayList<>();
        for (JsonNode it : answer.json().path("backups")) {
            all.add(new Listed(
                    it.path("filename").asText(),
                    it.path("sha256").asText(),
                    it.at("/verification/state").asText(),
                    it.path("origin").asText(),
                    it.path("inconsistency").asText()));
        }
        return all;
    }

    /** As it is now, not as it was found up to some seconds ago. */
    boolean isReady() throws Exception {
        kit.advanceClock(REMEMBERED);
        return client().get("/health/readiness").status() == 200;
    }

    @Override
    public void close() {
        if (ended) {
            return;
        }
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException _) {
            // This process is ending.
        }
    }

    private void end() {
        ended = true;
        stop();
        groups.forEach(Group::close);
        delete(root);
    }

    static void delete(Path folder) {
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            System.err.println(folder + " stays: " + e);
        }
    }
}
