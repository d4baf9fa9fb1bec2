package dev.holdfast.endtoend.operations;

import static dev.holdfast.endtoend.sources.SpoiledSource.run;

import dev.holdfast.endtoend.server.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder that is seen through bindfs, which can be stopped: then no call to it returns. Needs root. */
final class FrozenMount implements AutoCloseable {
    private final Path at;
    private final Process fuse;

    private FrozenMount(Path at, Process fuse) {
        this.at = at;
        this.fuse = fuse;
    }

    static FrozenMount of(Path folder, Path at) throws Exception {
        Files.createDirectories(folder);
        Files.createDirectories(at);
        Process fuse = new ProcessBuilder("bindfs", "-f", folder.toString(), at.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Eventually.get(() -> Files.readString(Path.of("/proc/self/mountinfo")), it -> it.contains(" " + at + " "));
        return new FrozenMount(at, fuse);
    }

    Path at() {
        return at;
    }

    /** The process that answers for it. */
    long pid() {
        return fuse.pid();
    }

    void freeze() throws Exception {
        run("kill", "-STOP", Long.toString(fuse.pid()));
    }

    void thaw() throws Exception {
        run("kill", "-CONT", Long.toString(fuse.pid()));
    }

    /** Frees whatever waits: its calls fail. */
    @Override
    public void close() throws IOException {
        fuse.destroyForcibly().onExit().join();
        new ProcessBuilder("umount", "-l", at.toString()).start().onExit().join();
    }
}
