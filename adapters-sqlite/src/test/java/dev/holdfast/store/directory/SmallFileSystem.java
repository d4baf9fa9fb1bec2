package dev.holdfast.store.directory;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A file system in memory that is soon full. Needs the right to mount. */
public final class SmallFileSystem implements AutoCloseable {
    private static final long LONGEST_SECONDS = 30;

    private final Path at;

    private SmallFileSystem(Path at) {
        this.at = at;
    }

    /** @param at an empty folder */
    public static SmallFileSystem mount(Path at, int mebibytes) throws IOException {
        run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", at.toString());
        return new SmallFileSystem(at);
    }

    public void makeReadOnly() throws IOException {
        run("mount", "-o", "remount,ro", at.toString());
    }

    @Override
    public void close() throws IOException {
        run("umount", at.toString());
    }

    static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(String.join(" ", List.of(command)) + ": " + said
                        + " (expected: to be run as root, or with CAP_SYS_ADMIN)");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            process.destroyForcibly();
        }
    }
}
