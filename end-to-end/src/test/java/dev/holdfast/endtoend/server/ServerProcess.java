package dev.holdfast.endtoend.server;

import dev.holdfast.endtoend.writers.Bank;
import dev.holdfast.testkit.JavaProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The server in a process of its own, as a user starts it, on a free port of loopback. */
public final class ServerProcess implements AutoCloseable {
    private static final Pattern ADDRESS = Pattern.compile("serves (http://\\S+) and grpcs?://\\S+:(\\d+)");
    private static final int SECONDS_TO_START = 60;

    private final Process process;
    private final Path log;
    private final List<String> output;
    private final Address address;

    private ServerProcess(Process process, Path log, List<String> output, Address address) {
        this.process = process;
        this.log = log;
        this.output = output;
        this.address = address;
    }

    private record Address(URI http, int grpcPort) {}

    /** What to start it with. */
    public record Options(
            Path dataDir,
            List<String> jvm,
            List<String> arguments,
            Map<String, String> environment,
            Optional<Integer> user,
            Optional<Path> workingDirectory) {
        public static Options in(Path dataDir) {
            return new Options(dataDir, List.of("-Xmx128m"), List.of(), Map.of(), Optional.empty(), Optional.empty());
        }

        /** An application's database at the place of {@code default}: with settings of its own the server makes no sample. */
        public Options withDatabase() throws Exception {
            Files.createDirectories(dataDir);
            Files.setPosixFilePermissions(dataDir, PosixFilePermissions.fromString("rwx------"));
            Bank.create(dataDir.resolve("app.db"), "DELETE", 1);
            return this;
        }

        public Options config(Path file, String yaml) throws IOException {
            Files.writeString(file, yaml);
            return with("--config", file.toString());
        }

        public Options with(String... more) {
            var all = new ArrayList<>(arguments);
            all.addAll(List.of(more));
            return new Options(dataDir, jvm, List.copyOf(all), environment, user, workingDirectory);
        }

        public Options env(String name, String value) {
            var all = new HashMap<>(environment);
            all.put(name, value);
            return new Options(dataDir, jvm, arguments, Map.copyOf(all), user, workingDirectory);
        }

        /**
         * Runs it as this user and as the group of the same number, without capabilities. The data directory must be
         * inside a folder that the user can write. Needs root.
         */
        public Options as(int id) {
            return new Options(dataDir, jvm, arguments, environment, Optional.of(id), workingDirectory);
        }

        /** Paths of the class path and of the options must not be relative then. */
        public Options workingIn(Path directory) {
            return new Options(dataDir, jvm, arguments, environment, user, Optional.of(directory));
        }
    }

    /** Starts it and waits until it serves. */
    public static ServerProcess start(Options options) throws Exception {
        Path log = options.dataDir().resolveSibling(options.dataDir().getFileName() + ".log");
        Process process = launch(options, log);
        var output = Collections.synchronizedList(new ArrayList<String>());
        var address = new CompletableFuture<Address>();
        Thread.ofPlatform().daemon().start(() -> {
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    output.add(line);
                    Matcher matcher = ADDRESS.matcher(line);
                    if (matcher.find()) {
                        address.complete(new Address(URI.create(matcher.group(1)), Integer.parseInt(matcher.group(2))));
                    }
                }
            } catch (IOException e) {
                output.add(e.toString());
            }
            address.completeExceptionally(new IllegalStateException("ended before it served: " + output + read(log)));
        });
        try {
            return new ServerProcess(process, log, output, address.get(SECONDS_TO_START, TimeUnit.SECONDS));
        } catch (Exception e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** Starts it where it is expected to end by itself. @return exit code and all it printed */
    public static Ended run(Options options) throws Exception {
        Path log = options.dataDir().resolveSibling(options.dataDir().getFileName() + ".log");
        Process process = launch(options, log);
        var overdue = new AtomicBoolean();
        CompletableFuture.delayedExecutor(SECONDS_TO_START, TimeUnit.SECONDS).execute(() -> {
            overdue.set(process.isAlive());
            process.destroyForcibly();
        });
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        if (overdue.get()) {
            throw new IllegalStateException("did not end: " + out + read(log));
        }
        return new Ended(process.exitValue(), out, read(log));
    }

    public record Ended(int code, String out, String err) {}

    private static Process launch(Options options, Path log) throws IOException {
        var command = new ArrayList<String>();
        options.user()
                .ifPresent(id -> command.addAll(List.of(
                        "setpriv",
                        "--reuid=" + id,
                        "--regid=" + id,
                        "--clear-groups",
                        "--inh-caps=-all",
                        "--bounding-set=-all")));
        command.add(JavaProcess.program());
        command.addAll(options.user().isPresent() ? FastStart.optionsForAll(options.dataDir()) : FastStart.options());
        command.addAll(options.jvm());
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "dev.holdfast.bootstrap.Holdfast",
                "serve",
                "--http-port",
                "0",
                "--grpc-port",
                "0"));
        command.addAll(List.of("--data-dir", options.dataDir().toString()));
        command.addAll(options.arguments());
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(it -> it.startsWith("HOLDFAST_") || it.equals("JAVA_TOOL_OPTIONS"));
        builder.environment().putAll(options.environment());
        options.workingDirectory().ifPresent(it -> builder.directory(it.toFile()));
        return builder.start();
    }

    public URI address() {
        return address.http();
    }

    public int grpcPort() {
        return address.grpcPort();
    }

    public long pid() {
        return process.pid();
    }

    public List<String> output() {
        return List.copyOf(output);
    }

    public String log() {
        return read(log);
    }

    /** As {@code kill}. @return the exit code */
    public int stop() throws InterruptedException {
        process.destroy();
        return awaitEnd();
    }

    public int awaitEnd() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("still runs: " + log());
        }
        return process.exitValue();
    }

    /** As {@code kill -9}, unless it has ended already. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            return e.toString();
        }
    }
}
