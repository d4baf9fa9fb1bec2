package dev.holdfast.store.folder;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A folder that is open while it is used, and under one path whenever it is: that of a descriptor, which no link is a part
 * of. Between two uses nothing is open, so its file system can be unmounted. Safe for use by several threads.
 */
public final class HeldFolder {
    private final FolderPath path;

    /** Stands for the folder while it is used, else for nothing. Never closed, so no other file gets its number. */
    private final int slot;

    // Guarded by this.
    private int users;

    private HeldFolder(FolderPath path, int slot) {
        this.path = path;
        this.slot = slot;
    }

    public static HeldFolder at(Path folder) throws IOException {
        return new HeldFolder(new FolderPath(folder), FolderCalls.openNothing());
    }

    /** For messages, never to be opened. */
    public Path path() {
        return path.path();
    }

    /** The path to use while it is held. */
    public Path held() {
        return FolderCalls.of(slot);
    }

    boolean isThere() throws IOException {
        return path.isThere();
    }

    /**
     * Opens the folder part by part. Each call needs one of {@link #release}.
     *
     * @throws IOException if a part is missing or a link, or if another directory is used under this path right now
     */
    public void hold() throws IOException {
        int opened = path.open();
        try {
            take(opened);
        } finally {
            FolderCalls.close(opened);
        }
    }

    private synchronized void take(int opened) throws IOException {
        if (users == 0) {
            FolderCalls.replace(slot, opened);
        } else if (!FolderPath.areSame(slot, opened)) {
            throw new IOException(path.path() + " is another directory than a moment ago; try again");
        }
        users++;
    }

    public synchronized void release() {
        users--;
        if (users == 0) {
            try {
                int nothing = FolderCalls.openNothing();
                FolderCalls.replace(slot, nothing);
                FolderCalls.close(nothing);
            } catch (IOException e) {
                // It stays open until its next use.
            }
        }
    }
}
