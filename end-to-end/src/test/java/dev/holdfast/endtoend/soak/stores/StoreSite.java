package dev.holdfast.endtoend.soak.stores;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.soak.FaultKit;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A server with three databases. The backup directories of {@code a} and {@code b} are mount points; {@code c} is the
 * control, whose store is never touched. The server's clock can be set forward, so that backups are due at will.
 */
final class StoreSite implements AutoCloseable {
    /** The planned backups that retention leaves, at least. */
    static final int RETAINED = 4;

    /** The longest that any answer may take. */
    static final Duration ANSWER_BOUND = Duration.ofSeconds(60);

    private static final int LINES_OF_ERROR = 8;
    private static final Duration USUAL_START = Duration.ofSeconds(4);
    private static final double MAX_SLOWNESS = 3;

    private static final Path MEMORY = Path.of("/dev/shm");

    private final Path root;
    private final FaultKit kit;
    private final Findings findings;
    private final Map<String, Database> databases = new LinkedHashMap<>();
    private final Thread atExit = new Thread(this::end);
    private volatile boolean ended;
    private volatile @Nullable ServerProcess server;
    private volatile @Nullable Client client;
    private final AtomicInteger starts = new AtomicInteger();
    private volatile long startNanos = USUAL_START.toNanos();

    /**
     * A database with its application and what is known of its backups.
     *
     * @param mount where its backups are expected; null for the control
     * @param disk the disk that belongs there
     * @param under the mount point as it is without the mount; null for the control
     */
    record Database(
            String name,
            EntryWriter writer,
            EntryHistory history,
            @Nullable MountPoint mount,
            StoreDisk disk,
            @Nullable Path under,
            StoreAccount account) {
        MountPoint requireMount() {
            if (mount == null) {
                throw new IllegalStateException(name + ": not mounted (expected: a or b)");
            }
            return mount;
        }
    }

    private StoreSite(Path root, FaultKit kit, Findings findings) {
        this.root = root;
        this.kit = kit;
        this.findings = findings;
    }

    static StoreSite create(Findings findings) throws Exception {
        Path root = Files.createTempDirectory(Files.isWritable(MEMORY) ? MEMORY : Path.of("/tmp"), "hf-stores")
                .toRealPath();
        FaultKit kit = FaultKit.create(root.resolve("control"), root.resolve("nothing-is-watched"));
        var site = new StoreSite(root, kit, findings);
        Runtime.getRuntime().addShutdownHook(site.atExit);
        try {
            Path points = Files.createDirectory(root.resolve("site"));
            Path under = Files.createDirectory(root.resolve("under"));
            MountPoint.run("mount", "--bind", points.toString(), under.toString());
            // Otherwise what is mounted in the one folder would appear in the other.
            MountPoint.run("mount", "--make-private", under.toString());
            site.add("a", "WAL", true);
            site.add("b", "DELETE", true);
            site.add("c", "WAL", false);
            site.writeSettings();
            site.database("a").requireMount().bindThroughFuse(site.database("a").disk());
            site.database("b").requireMount().bind(site.database("b").disk());
            site.start();
        } catch (Exception e) {
            site.close();
            throw e;
        }
        return site;
    }

    private void add(String name, String journalMode, boolean mounted) throws IOException {
        Path file = root.resolve("sources").resolve(name).resolve(name + ".db");
        var disk = new StoreDisk(Files.createDirectories(root.resolve("disks").resolve(name)));
        var history = new EntryHistory();
        var account = new StoreAccount(name, disk, history, findings);
        EntryWriter writer = EntryWriter.start(name, file, journalMode, history, findings);
        MountPoint mount = null;
        Path under = null;
        if (mounted) {
            mount = new MountPoint(Files.createDirectory(root.resolve("site").resolve(name)));
            under = root.resolve("under").resolve(name);
        }
        databases.put(name, new Database(name, writer, history, mount, disk, under, account));
    }

    private void writeSettings() throws IOException {
        var yaml = new StringBuilder("holdfast:\n  busy-timeout: 5s\n  databases:\n");
        for (Database it : databases.values()) {
            Path directory =
                    it.mount() == null ? it.disk().folder() : it.mount().at();
            yaml.append("    ").append(it.name()).append(":\n");
            yaml.append("      file: \"")
                    .append(root)
                    .append("/sources/")
                    .append(it.name() + "/" + it.name() + ".db\"\n");
            yaml.append("      backup-directory: \"").append(directory).append("\"\n");
            yaml.append("      plan: {schedule: {kind: hourly}, retention: {last: ")
                    .append(RETAINED)
                    .append("}}\n");
        }
        Files.writeString(root.resolve("holdfast.yml"), yaml);
    }

    Path root() {
        return root;
    }

    Findings findings() {
        return findings;
    }

    Database database(String name) {
        Database database = databases.get(name);
        if (database == null) {
            throw new IllegalArgumentException("database: " + name + " (expected: " + databases.keySet() + ")");
        }
        return database;
    }

    List<Database> databases() {
        return List.copyOf(databases.values());
    }

    /** The databases whose stores are disturbed. */
    List<Database> disturbed() {
        return List.of(database("a"), database("b"));
    }

    /** Sets the server's clock forward by an hour, so that the planned backup of each database is due. */
    void advanceHour() {
        findings.note("the clock goes forward by an hour: planned backups are due");
        kit.advanceClock(Duration.ofHours(1));
    }

    /** The client of the running server; null while none runs. */
    @Nullable
    Client client() {
        return client;
    }

    Client requireClient() {
        Client present = client;
        if (present == null) {
            throw new IllegalStateException("server: stopped (expected: running)");
        }
        return present;
    }

    /** The address of the running server. */
    URI address() {
        ServerProcess present = server;
        if (present == null) {
            throw new IllegalStateException("server: stopped (expected: running)");
        }
        return present.address();
    }

    /** Which start of the server it is; changes whenever it is started. */
    int starts() {
        return starts.get();
    }

    /** A bound for a quiet machine as it is for this one now, by the time of the last start. */
    Duration scale(Duration bound) {
        double slowness = Math.clamp((double) startNanos / USUAL_START.toNanos(), 1, MAX_SLOWNESS);
        return Duration.ofNanos((long) (bound.toNanos() * slowness));
    }

    boolean isRunning() {
        return server != null;
    }

    /** Whether the server has ended although this program did not end it. */
    boolean hasCrashed() {
        ServerProcess present = server;
        // A stop takes the client away before the process ends.
        return present != null && ProcessHandle.of(present.pid()).isEmpty() && client != null;
    }

    void start() throws Exception {
        beginStart().get();
    }

    /** Begins a start, which may take long if a store hangs. */
    CompletableFuture<Void> beginStart() {
        findings.note("start of the server");
        long begin = System.nanoTime();
        var started = new CompletableFuture<Void>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                var options = ServerProcess.Options.in(root.resolve("data"))
                        .with("--config", root.resolve("holdfast.yml").toString());
                for (Map.Entry<String, String> entry : kit.environment().entrySet()) {
                    options = options.env(entry.getKey(), entry.getValue());
                }
                if (ended) {
                    throw new IllegalStateException("the soak has ended");
                }
                ServerProcess process = ServerProcess.start(options);
                server = process;
                if (ended) {
                    process.close();
                    throw new IllegalStateException("the soak has ended");
                }
                client = new Client(process.address(), ANSWER_BOUND);
                int number = starts.incrementAndGet();
                startNanos = System.nanoTime() - begin;
                findings.note("the server serves, start " + number);
                started.complete(null);
            } catch (Exception e) {
                started.completeExceptionally(e);
            }
        });
        return started;
    }

    /** @return whether the start was complete within the time */
    static boolean isComplete(CompletableFuture<Void> start, Duration bound) throws Exception {
        try {
            start.get(bound.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IOException("the server has not started: " + e.getCause(), e);
        }
    }

    /** @param killed as by {@code kill -9}; otherwise in order */
    void stop(boolean killed) throws InterruptedException {
        ServerProcess present = server;
        if (present == null) {
            return;
        }
        findings.note(killed ? "kill -9 of the server" : "stop of the server");
        client = null;
        if (!killed) {
            present.stop();
        }
        present.close();
        server = null;
        findings.note("the server has ended");
    }

    /** The last error that the server has logged, with what caused it. */
    String lastError() {
        ServerProcess present = server;
        String log = present == null ? "" : present.log();
        int error = log.lastIndexOf(" ERROR ");
        return error < 0
                ? ""
                : log.substring(error)
                        .lines()
                        .limit(LINES_OF_ERROR)
                        .map(String::strip)
                        .collect(Collectors.joining("; "));
    }

    /** The last warnings and errors that the server has logged, each by its first line. */
    String lastWarnings() {
        ServerProcess present = server;
        List<String> lines = present == null
                ? List.of()
                : present.log()
                        .lines()
                        .filter(it -> it.contains(" WARN ") || it.contains(" ERROR "))
                        .toList();
        return String.join("; ", lines.subList(Math.max(0, lines.size() - LINES_OF_ERROR), lines.size()));
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

    private synchronized void end() {
        if (ended) {
            return;
        }
        ended = true;
        client = null;
        databases.values().forEach(it -> it.writer().close());
        ServerProcess present = server;
        if (present != null) {
            // Not waited for: a call in a frozen file system ends when that does.
            ProcessHandle.of(present.pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
        // A server that is still starting.
        ProcessHandle.current()
                .descendants()
                .filter(it -> it.info().commandLine().orElse("").contains(root.toString()))
                .forEach(ProcessHandle::destroyForcibly);
        databases.values().stream()
                .map(Database::mount)
                .filter(it -> it != null)
                .forEach(MountPoint::close);
        if (present != null) {
            present.close();
        }
        try {
            MountPoint.run("umount", "-l", root.resolve("under").toString());
        } catch (IOException e) {
            System.err.println(root + "/under stays mounted: " + e.getMessage());
        }
        delete(root);
    }

    /** Removes all that a folder holds, but not the folder. */
    static void empty(Path folder) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            found.toList().forEach(StoreSite::delete);
        }
    }

    /** Removes a folder with all that it holds, if it is there. */
    static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | java.io.UncheckedIOException e) {
            System.err.println(folder + " stays: " + e);
        }
    }
}
