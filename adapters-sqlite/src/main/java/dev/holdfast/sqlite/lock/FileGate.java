package dev.holdfast.sqlite.lock;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.io.Deadline;
import dev.holdfast.sqlite.io.FileState;
import dev.holdfast.tree.FileIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;

/**
 * The only way to live files in this process. One holder at a time may have SQLite connections and channels to a file,
 * because POSIX drops all locks of a process on a file when any descriptor of it is closed.
 *
 * <p>A gate is closed for the file under every path that leads to it, and for the path whatever file is there. See
 * {@code docs/internals/locks.md#one-file-one-gate}. For one thread.
 */
public final class FileGate implements AutoCloseable {
    /** Process-wide, as the locks are. Holds no more than the files that are in use or waited for. */
    private static final ConcurrentMap<Key, Gate> GATES = new ConcurrentHashMap<>();

    private final Set<Key> held = new HashSet<>();
    private final Deadline deadline;

    private FileGate(Deadline deadline) {
        this.deadline = deadline;
    }

    /** What a gate is closed for. All holders take their keys in one order, so that two never wait for each other. */
    private sealed interface Key {
        /** @param real without links on its way: the sidecars of any file there have their names from it */
        record Place(Path real) implements Key {}

        /** A name in a directory that may have several paths itself. The file need not exist. */
        record Name(FileIdentity directory, String name) implements Key {}

        record File(FileIdentity identity) implements Key {}

        Comparator<Key> ORDER = Comparator.comparing(Key::toString);
    }

    /** @param users that hold it or wait for it */
    private record Gate(Semaphore semaphore, int users) {}

    public static FileGate enter(Path file, Deadline deadline, ProgressMonitor work) throws IOException {
        return enter(List.of(file), deadline, work);
    }

    /** @param files their real paths; they need not exist */
    public static FileGate enter(Collection<Path> files, Deadline deadline, ProgressMonitor work) throws IOException {
        while (true) {
            FileGate gate = new FileGate(deadline);
            try {
                Set<Key> keys = keys(files);
                for (Key key : keys) {
                    gate.acquire(key, files, work);
                }
                if (keys.equals(keys(files))) {
                    return gate;
                }
            } catch (Throwable e) {
                gate.close();
                throw e;
            }
            // Another file came to one of the paths meanwhile.
            gate.close();
            if (deadline.passed()) {
                throw busy(files, deadline);
            }
            work.checkCancelled();
        }
    }

    private static Set<Key> keys(Collection<Path> files) throws IOException {
        Set<Key> keys = new TreeSet<>(Key.ORDER);
        for (Path file : files) {
            keys.add(new Key.Place(file));
            FileIdentity.of(file).map(Key.File::new).ifPresent(keys::add);
            Optional<FileIdentity> directory = FileIdentity.of(file.resolveSibling(""));
            directory.map(it -> new Key.Name(it, file.getFileName().toString())).ifPresent(keys::add);
        }
        return keys;
    }

    /** Waits for the file that is at the path now, too, if it is another one than before. It must not be open yet. */
    public void follow(Path file, ProgressMonitor work) throws IOException {
        Optional<Key> now = FileIdentity.of(file).map(Key.File::new);
        if (now.isPresent()) {
            acquire(now.get(), List.of(file), work);
        }
    }

    /** Whether this holder may open the file. */
    public boolean covers(FileState file) {
        return held.contains(new Key.File(new FileIdentity(file.device(), file.inode())));
    }

    private void acquire(Key key, Collection<Path> files, ProgressMonitor work) {
        if (held.contains(key)) {
            return;
        }
        Gate gate = GATES.merge(
                key, new Gate(new Semaphore(1), 1), (known, _) -> new Gate(known.semaphore(), known.users() + 1));
        try {
            while (!gate.semaphore().tryAcquire()) {
                if (deadline.passed()) {
                    throw busy(files, deadline);
                }
                deadline.pause(work);
            }
        } catch (Throwable e) {
            forget(key);
            throw e;
        }
        held.add(key);
    }

    private static void forget(Key key) {
        GATES.computeIfPresent(
                key, (_, known) -> known.users() == 1 ? null : new Gate(known.semaphore(), known.users() - 1));
    }

    private static ProblemException busy(Collection<Path> files, Deadline deadline) {
        return new ProblemException(new Problem.SourceBusy(files.iterator().next()
                + " stayed in use by another backup or restore for " + deadline.allowed() + "; try again later."));
    }

    /** Idempotent: a second release would let two in at once. */
    @Override
    public void close() {
        for (Key key : held) {
            GATES.computeIfPresent(key, (_, gate) -> {
                gate.semaphore().release();
                return gate;
            });
            forget(key);
        }
        held.clear();
    }
}
