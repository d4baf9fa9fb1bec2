package dev.holdfast.endtoend.soak.stores;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A folder where disks come and go, as bind mounts or through a FUSE process that can be stopped. Needs root. */
final class MountPoint implements AutoCloseable {
    private static final long BOUND = TimeUnit.SECONDS.toNanos(20);

    private final Path at;
    private final List<Process> processes = Collections.synchronizedList(new ArrayList<>());
    private @Nullable Process fuse;
    private @Nullable StoreDisk disk;
    private boolean frozen;
    private boolean closed;

    MountPoint(Path at) {
        this.at = at;
    }

    Path at() {
        return at;
    }

    synchronized @Nullable StoreDisk disk() {
        return disk;
    }

    /** Mounts a disk by a bind mount. */
    synchronized void bind(StoreDisk what) throws IOException {
        requireFree();
        run("mount", "--bind", what.folder().toString(), at.toString());
        disk = what;
    }

    /** Mounts a disk through bindfs, which can be frozen. */
    synchronized void bindThroughFuse(StoreDisk what) throws IOException {
        requireFree();
        Process started = new ProcessBuilder("bindfs", "-f", what.folder().toString(), at.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        processes.add(started);
        long end = System.nanoTime() + BOUND;
        while (!isMounted()) {
            if (!started.isAlive() || System.nanoTime() > end) {
                throw new IOException("bindfs has not mounted " + at);
            }
            LockSupport.parkNanos(1_000_000);
        }
        fuse = started;
        disk = what;
    }

    private void requireFree() {
        if (closed) {
            throw new IllegalStateException("the soak has ended");
        }
        if (disk != null) {
            throw new IllegalStateException(at + ": mounted (expected: nothing there)");
        }
    }

    private boolean isMounted() throws IOException {
        return Files.readString(Path.of("/proc/self/mountinfo")).contains(" " + at + " ");
    }

    /** Whether the present mount can be frozen. */
    synchronized boolean isThroughFuse() {
        return fuse != null;
    }

    /** Whether the file system's process has ended. */
    synchronized boolean isDead() {
        return fuse != null && !fuse.isAlive();
    }

    synchronized void freeze() throws IOException {
        if (fuse != null && !frozen) {
            run("kill", "-STOP", Long.toString(fuse.pid()));
            frozen = true;
        }
    }

    synchronized void thaw() throws IOException {
        if (fuse != null && frozen) {
            run("kill", "-CONT", Long.toString(fuse.pid()));
        }
        frozen = false;
    }

    /** Kills the file system's process: each later call answers "transport endpoint is not connected". */
    synchronized void killFuse() {
        if (fuse != null) {
            fuse.destroyForcibly().onExit().join();
        }
    }

    /** Unmounts as an operator does: in order if nothing has files open there, otherwise lazily. @return how */
    synchronized String unmount() throws IOException {
        thaw();
        try {
            run("umount", at.toString());
            forget();
            return "umount";
        } catch (IOException e) {
            return detach();
        }
    }

    /** Takes the mount out of the tree at once. Files that are open there stay open. */
    synchronized String detach() throws IOException {
        thaw();
        run("umount", "-l", at.toString());
        forget();
        return "umount -l";
    }

    private void forget() {
        fuse = null;
        disk = null;
        processes.removeIf(it -> !it.isAlive());
    }

    @Override
    public synchronized void close() {
        closed = true;
        processes.forEach(Process::destroyForcibly);
        try {
            while (isMounted()) {
                run("umount", "-l", at.toString());
            }
        } catch (IOException e) {
            System.err.println(at + " stays mounted: " + e.getMessage());
        }
        disk = null;
    }

    static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + ": " + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            process.destroyForcibly();
        }
    }
}
