package dev.holdfast.sqlite.io;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** What was opened so far, for the path on which the rest fails. */
public final class ResourceStack {
    private final Deque<AutoCloseable> resources = new ArrayDeque<>();

    public <T extends AutoCloseable> T add(T resource) {
        resources.push(resource);
        return resource;
    }

    /** Closes {@code first}, then all, the last opened first; what fails then goes along with {@code cause}. */
    public void closeAfter(Throwable cause, AutoCloseable... first) {
        for (AutoCloseable resource : first) {
            resources.push(resource);
        }
        for (AutoCloseable resource : resources) {
            try {
                resource.close();
            } catch (Throwable e) {
                cause.addSuppressed(e);
            }
        }
        resources.clear();
    }

    /** Closes all, the last opened first. */
    public void close() throws IOException {
        IOException failed = new IOException("not everything could be closed");
        closeAfter(failed);
        if (failed.getSuppressed().length > 0) {
            throw failed;
        }
    }
}
