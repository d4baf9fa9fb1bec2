package dev.holdfast.store.directory;

import java.io.IOException;
import java.nio.file.Path;

/** A folder that FUSE shows at a second path. Locks on one path are not seen on the other. Needs bindfs and root. */
public final class BoundFolder implements AutoCloseable {
    private final Path at;

    private BoundFolder(Path at) {
        this.at = at;
    }

    /** @param at an empty folder */
    public static BoundFolder mount(Path folder, Path at) throws IOException {
        SmallFileSystem.run("bindfs", folder.toString(), at.toString());
        return new BoundFolder(at);
    }

    /** Lazy: a process that was killed may have a file open for a moment longer. */
    @Override
    public void close() throws IOException {
        SmallFileSystem.run("umount", "--lazy", at.toString());
    }
}
