package dev.holdfast.sqlite.file;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.snapshot.Confirmation;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.io.Deadline;
import dev.holdfast.sqlite.io.FileState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * The signs of a program that writes to a database without SQLite's locks: a lock folder next to it, or a change of the
 * file while this process holds SQLite's lock. See {@code docs/internals/sources.md#writers-without-locks}.
 *
 * @param since the state of the file when the lock was held
 */
public record UnlockedWriters(LiveFile file, FileState since) {
    /** How long a file that looks cut off, empty or foreign has to stay so. A program may be about to write the rest. */
    private static final Duration QUIET = Duration.ofMillis(250);

    /** The lock of the VFS {@code unix-dotfile} and of node-sqlite3-wasm, which make it for each transaction. */
    public static Optional<Problem> lockFolder(LiveFile file) {
        Path lock = file.path().resolveSibling(file.path().getFileName() + ".lock");
        return Files.exists(lock, NOFOLLOW_LINKS)
                ? Optional.of(new Problem.SourceBusy(lock + " exists: another program has " + file.path()
                        + " open with a lock file in the place of SQLite's locks (VFS unix-dotfile, node-sqlite3-wasm)."
                        + " What it writes meanwhile cannot be kept out. Nothing was changed, and no backup was listed."
                        + " Close the database in that program and try again; if no program uses it, remove " + lock
                        + "."))
                : Optional.empty();
    }

    /**
     * Waits within the deadline until there is no lock folder.
     *
     * @throws ProblemException with {@code SourceBusy} if it stays
     */
    public static void awaitNoLockFolder(LiveFile file, Deadline deadline, ProgressMonitor work) {
        for (Optional<Problem> lock = lockFolder(file); lock.isPresent(); lock = lockFolder(file)) {
            if (deadline.passed()) {
                throw new ProblemException(lock.get());
            }
            deadline.pause(work);
        }
    }

    public static Problem changed(LiveFile file) {
        return new Problem.SourceBusy(file.path()
                + " changed while SQLite's lock on it was held: another program writes to it without SQLite's locks"
                + " (for example sql.js, or a program that puts a new file in its place). What was read may mix two"
                + " states and was discarded. Nothing was changed, and no backup was listed. Try again while that"
                + " program does not write, or stop it for the duration of the backup or restore.");
    }

    /**
     * Waits until a later write is certain to have a later time than the last one. The caller holds a lock that keeps
     * every program away that keeps SQLite's locks, so a change meanwhile is a sign.
     *
     * @return empty if the file changed meanwhile
     */
    public static Optional<UnlockedWriters> watch(LiveFile file, ProgressMonitor work) throws IOException {
        return from(file).settle(work);
    }

    /** From now on; {@link #settle} comes before the first byte is read. */
    public static UnlockedWriters from(LiveFile file) throws IOException {
        return new UnlockedWriters(file, FileState.of(file.path()));
    }

    /** As {@link #watch}, from the beginning on. */
    public Optional<UnlockedWriters> settle(ProgressMonitor work) throws IOException {
        return since.isRecent(Clock.systemUTC().instant()) ? staysFor(since.tick(), work) : Optional.of(this);
    }

    /** As {@link #watch}, for a file whose content looks as if a program had not written all of it yet. */
    public Optional<UnlockedWriters> staysQuiet(ProgressMonitor work) throws IOException {
        return staysFor(QUIET, work);
    }

    private Optional<UnlockedWriters> staysFor(Duration time, ProgressMonitor work) throws IOException {
        Deadline end = Deadline.in(time);
        while (!end.passed()) {
            end.pause(work);
            if (!since.equals(FileState.of(file.path()))) {
                return Optional.empty();
            }
        }
        return Optional.of(this);
    }

    /** @throws ProblemException with {@code SourceBusy} unless the bytes read since are one state */
    public void requireUnchanged() {
        if (confirm() instanceof Confirmation.Changed(Problem problem)) {
            throw new ProblemException(problem);
        }
    }

    /** Whether the bytes read since are one state. */
    public Confirmation confirm() {
        Optional<Problem> lock = lockFolder(file);
        if (lock.isPresent()) {
            return new Confirmation.Changed(lock.get());
        }
        try {
            return since.equals(FileState.of(file.path()))
                    ? Confirmation.UNCHANGED
                    : new Confirmation.Changed(changed(file));
        } catch (IOException e) {
            return new Confirmation.Changed(changed(file));
        }
    }
}
