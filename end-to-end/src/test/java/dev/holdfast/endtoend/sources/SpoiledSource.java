package dev.holdfast.endtoend.sources;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/** A database that root changes so that a server which runs as an ordinary user cannot use it. */
public final class SpoiledSource {
    private final Path file;
    private final Path twin;
    private final Deque<AutoCloseable> undoing = new ArrayDeque<>();

    /** @param twin a file of the same content in a folder of its own */
    public SpoiledSource(Path file, Path twin) {
        this.file = file;
        this.twin = twin;
    }

    /** A change of a source that was in order when the server started. */
    public interface Spoiling {
        void in(SpoiledSource source) throws Exception;
    }

    public Path file() {
        return file;
    }

    public Path sibling(String end) {
        return file.resolveSibling(file.getFileName() + end);
    }

    public Path folder() {
        return Objects.requireNonNull(file.getParent());
    }

    /** Gives a file, which is made if it is missing, or a folder to root. */
    public void roots(Path path, String mode) throws Exception {
        if (!Files.exists(path)) {
            Files.createFile(path);
        }
        run("chown", "0:0", path.toString());
        run("chmod", mode, path.toString());
    }

    public void linkToNothing() throws Exception {
        Files.delete(file);
        Files.createSymbolicLink(file, Path.of("gone.db"));
    }

    /** Makes a pipe in the place of a sidecar. */
    public void pipe(String end) throws Exception {
        run("mkfifo", "--mode=666", sibling(end).toString());
    }

    /** Makes a folder in the place of a sidecar, or of a lock. */
    public void directory(String end) throws Exception {
        Files.createDirectory(sibling(end));
        run("chmod", "777", sibling(end).toString());
    }

    public void empty() throws Exception {
        Files.write(file, new byte[0]);
    }

    public void mountReadOnly() throws Exception {
        run("mount", "--bind", folder().toString(), folder().toString());
        undoing.push(() -> run("umount", folder().toString()));
        run("mount", "-o", "remount,bind,ro", folder().toString());
    }

    /** The server sees the twin without its folder, in which an application writes. */
    public void mountAlone() throws Exception {
        run("chown", "--reference=" + file, twin.toString());
        undoing.push(startApplication(List.of(), twin));
        run("mount", "--bind", twin.toString(), file.toString());
        undoing.push(() -> run("umount", file.toString()));
    }

    /** An application sees the file without its folder, as in a container. */
    public void applicationMountsAlone() throws Exception {
        undoing.push(startApplication(
                List.of("unshare", "-m", "sh", "-c", "mount --bind \"$0\" \"$1\" && shift && exec \"$@\"", file + ""),
                twin));
    }

    /** Starts an application that commits one transaction and stays until it is closed. */
    public static AutoCloseable startApplication(Path database) throws Exception {
        return startApplication(List.of(), database);
    }

    /** @param around the command that starts the application */
    private static AutoCloseable startApplication(List<String> around, Path database) throws Exception {
        var command = new ArrayList<>(around);
        if (!around.isEmpty()) {
            command.add(database.toString());
        }
        command.addAll(List.of("sqlite3", database.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream()
                .write("INSERT INTO entry (note) VALUES ('of the application'); SELECT 'committed';\n".getBytes(UTF_8));
        process.getOutputStream().flush();
        assertThat(process.inputReader(UTF_8).readLine()).isEqualTo("committed");
        return () -> process.destroyForcibly().onExit().join();
    }

    /** Takes mounts and applications away. */
    public void undo() throws Exception {
        while (!undoing.isEmpty()) {
            undoing.pop().close();
        }
    }

    public static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor())
                .as("%s: %s", String.join(" ", command), output)
                .isZero();
    }
}
