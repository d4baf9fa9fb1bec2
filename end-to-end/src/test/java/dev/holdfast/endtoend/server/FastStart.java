package dev.holdfast.endtoend.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.testkit.JavaProcess;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * This JVM's class path as another one starts with it in half of the time: all of it in jars, and what a first start has
 * learnt of the classes in them. Made once for all test processes, and again where a class has changed.
 */
final class FastStart {
    private static final Path PLACE = Path.of("target", "fast-start").toAbsolutePath();
    private static final String CACHE = "classes.aot";
    /** For a start that hangs. On a machine with ten busy processes for each core a start takes more than two minutes. */
    private static final int SECONDS_TO_LEARN = 600;

    private static final List<String> LEAN = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private FastStart() {}

    /** The JVM's options for starting Holdfast's classes, its class path among them. */
    static List<String> options() {
        return Prepared.OPTIONS;
    }

    /**
     * The same for a process of another user, who may not read the build folder or the Maven repository: from copies
     * next to {@code dataDir}. What a first start has learnt holds for the original paths only, so this one takes longer.
     */
    static List<String> optionsForAll(Path dataDir) throws IOException {
        List<String> usual = options();
        Path place = Files.createDirectories(dataDir.resolveSibling(dataDir.getFileName() + ".class-path"));
        var copies = new ArrayList<String>();
        for (String entry : usual.getLast().split(File.pathSeparator, -1)) {
            Path copy = place.resolve(copies.size() + ".jar");
            Files.copy(Path.of(entry), copy, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
            copies.add(copy.toString());
        }
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
        var options = new ArrayList<>(LEAN);
        options.addAll(List.of("-cp", String.join(File.pathSeparator, copies)));
        return List.copyOf(options);
    }

    private static final class Prepared {
        static final List<String> OPTIONS = prepare();
    }

    private static List<String> prepare() {
        try {
            Files.createDirectories(PLACE);
            try (var channel = FileChannel.open(
                            PLACE.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock _ = channel.lock()) {
                List<Path> entries = Arrays.stream(
                                System.getProperty("java.class.path").split(File.pathSeparator))
                        .map(Path::of)
                        .filter(Files::exists)
                        .toList();
                Path made = PLACE.resolve(fingerprint(entries));
                String classPath = classPath(entries, made);
                if (!Files.exists(made.resolve(CACHE))) {
                    make(entries, made, classPath);
                }
                var options = new ArrayList<>(LEAN);
                options.addAll(List.of("-XX:AOTCache=" + made.resolve(CACHE), "-cp", classPath));
                return List.copyOf(options);
            }
        } catch (IOException e) {
            throw new IllegalStateException("the server cannot be prepared", e);
        }
    }

    private static String classPath(List<Path> entries, Path made) {
        var parts = new ArrayList<String>();
        for (int i = 0; i < entries.size(); i++) {
            Path entry = entries.get(i);
            parts.add(Files.isDirectory(entry) ? made.resolve(i + ".jar").toString() : entry.toString());
        }
        return String.join(File.pathSeparator, parts);
    }

    private static String fingerprint(List<Path> entries) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path entry : entries) {
                for (Path file : files(entry)) {
                    String line = file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file) + "\n";
                    digest.update(line.getBytes(UTF_8));
                }
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static List<Path> files(Path entry) throws IOException {
        try (Stream<Path> found = Files.walk(entry)) {
            return found.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static void make(List<Path> entries, Path made, String classPath) throws IOException {
        removeOthers();
        // Not under another name first: the jars' paths are part of what is learnt. That comes last.
        Files.createDirectories(made);
        for (int i = 0; i < entries.size(); i++) {
            if (Files.isDirectory(entries.get(i))) {
                pack(entries.get(i), made.resolve(i + ".jar"));
            }
        }
        learn(made, classPath);
    }

    private static void pack(Path directory, Path jar) throws IOException {
        try (var out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> found = Files.walk(directory)) {
            for (Path path : found.filter(it -> !it.equals(directory)).sorted().toList()) {
                // With entries for directories: some are looked for.
                boolean isDirectory = Files.isDirectory(path);
                out.putNextEntry(new JarEntry(directory.relativize(path) + (isDirectory ? "/" : "")));
                if (!isDirectory) {
                    Files.copy(path, out);
                }
            }
        }
    }

    private static void learn(Path made, String classPath) throws IOException {
        Path unnamed = made.resolve(CACHE + ".part");
        Path data = made.resolve("data");
        var command = new ArrayList<String>();
        command.add(JavaProcess.program());
        command.addAll(LEAN);
        command.addAll(List.of(
                "-XX:AOTCacheOutput=" + unnamed,
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(List.of("-cp", classPath, "dev.holdfast.bootstrap.Holdfast", "serve", "--http-port", "0"));
        command.addAll(List.of("--grpc-port", "0", "--data-dir", data.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(made.resolve("log").toFile())
                .start();
        CompletableFuture.delayedExecutor(SECONDS_TO_LEARN, TimeUnit.SECONDS).execute(() -> {
            process.descendants().forEach(ProcessHandle::destroyForcibly); // it writes the file in a process of its own
            process.toHandle().destroyForcibly();
        });
        try (BufferedReader lines = process.inputReader(UTF_8)) {
            String line = lines.readLine();
            while (line != null && !line.contains("http://")) {
                line = lines.readLine();
            }
            process.toHandle().destroy(); // unlike the process's own, it leaves the stream open
            lines.transferTo(Writer.nullWriter());
        } finally {
            process.destroy();
            process.onExit().join();
        }
        if (!Files.exists(unnamed)) {
            throw new IOException("the first start has left no " + unnamed + " within " + SECONDS_TO_LEARN
                    + " s (its log: " + made.resolve("log") + ")");
        }
        delete(data);
        Files.move(unnamed, made.resolve(CACHE), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void removeOthers() throws IOException {
        try (Stream<Path> found = Files.list(PLACE)) {
            for (Path other : found.filter(Files::isDirectory).toList()) {
                delete(other);
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> found = Files.walk(directory)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
