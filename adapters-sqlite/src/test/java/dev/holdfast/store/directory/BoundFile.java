package dev.holdfast.store.directory;

import java.io.IOException;
import java.nio.file.Path;

/** A file or a folder that is mounted at a second path. Needs the right to mount. */
public final class BoundFile implements AutoCloseable {
    private final Path at;

    private BoundFile(Path at) {
        this.at = at;
    }

    /** @param at exists and is of the same type */
    public static BoundFile mount(Path what, Path at) throws IOException {
        SmallFileSystem.run("mount", "--bind", what.toString(), at.toString());
        return new BoundFile(at);
    }

    @Override
    public void close() throws IOException {
        SmallFileSystem.run("umount", at.toString());
    }
}
