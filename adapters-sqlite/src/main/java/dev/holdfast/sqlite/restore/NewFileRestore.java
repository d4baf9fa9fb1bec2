package dev.holdfast.sqlite.restore;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.backup.FileOwnership;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.file.KnownFiles;
import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.Scratch;
import dev.holdfast.sqlite.file.SharedLock;
import dev.holdfast.sqlite.file.SqliteErrors;
import dev.holdfast.sqlite.io.FreeName;
import dev.holdfast.sqlite.io.UncancellableMonitor;
import dev.holdfast.tree.FileOwners;
import dev.holdfast.tree.PathHandle;
import dev.holdfast.tree.SecureDirectories;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** A restore to where nothing is: written under a name that no one opens, then given its own. */
public final class NewFileRestore {
    private static final System.Logger LOG = System.getLogger(NewFileRestore.class.getName());

    private final LiveFile file;
    private final InstantSource clock;
    private final FailPoints failPoints;

    NewFileRestore(LiveFile file, InstantSource clock, FailPoints failPoints) {
        this.file = file;
        this.clock = clock;
        this.failPoints = failPoints;
    }

    /** Each target has one, so that what a killed process left is known by its name. */
    public static Path unfinished(Path target) {
        return target.resolveSibling(".holdfast-" + target.getFileName() + ".restoring");
    }

    /** What is recorded before the file gets its name. */
    @FunctionalInterface
    interface Naming {
        /** @param inode of the file that is about to get the name */
        void about(long inode) throws IOException;
    }

    void write(Artifact image, Optional<FileOwnership> recorded, Naming naming, ProgressMonitor given)
            throws IOException {
        FullDisk.require(file.directory(), image.size());
        try (PathHandle folder = file.holdFolder()) {
            write(folder, image, recorded, naming, given);
        }
    }

    private void write(
            PathHandle folder, Artifact image, Optional<FileOwnership> recorded, Naming naming, ProgressMonitor given)
            throws IOException {
        Path unfinished = folder.child(unfinished(file.path()).getFileName().toString());
        Path target = folder.child(file.path().getFileName().toString());
        Files.deleteIfExists(unfinished);
        given.checkCancelled();
        ProgressMonitor work = new UncancellableMonitor(given);
        boolean linked = false;
        try (FileChannel out = create(unfinished);
                PathHandle made = made(folder)) {
            work.enter(Phase.REPLACING, image.size());
            failPoints.reached("restore.replacing");
            fill(out, image, work);
            work.enter(Phase.COMPARING, image.size());
            compare(made, image, work);
            give(made, recorded, work);
            out.force(true);
            failPoints.reached("restore.new.written");
            refuseIfMadeMeanwhile(target);
            naming.about(made.identity().inode());
            SetAside aside = SetAside.sidecarsOf(file, clock);
            link(unfinished, target, aside);
            linked = true;
            aside.report(work);
            failPoints.reached("restore.new.linked");
        } finally {
            if (!linked) {
                Files.deleteIfExists(unfinished);
            }
        }
        makeDurable(unfinished, folder.path());
    }

    /** The file has its name and was compared: a failure from here on must not pass for "as it was before". */
    private void makeDurable(Path unfinished, Path directory) {
        try {
            Files.deleteIfExists(unfinished);
            SecureDirectories.sync(directory);
        } catch (IOException e) {
            throw new ProblemException(
                    new Problem.UncertainRestore(file.path()
                            + " holds the backup now, but its folder could not be synced"
                            + " (" + e.getMessage() + "): after a power cut the file may be missing again. Look at the"
                            + " disk; then restore again."),
                    e);
        }
    }

    /**
     * Takes away what was made where nothing had been. If another program has written to it since, or has it open, it is
     * only given another name, with all that belongs to it. A file that another program has made there stays. May be
     * repeated. Works inside the file's gate.
     *
     * @param made what was put there
     * @param inode of what was put there, or was about to be; empty if nothing was yet
     * @param unique tells the other name from any other
     * @param known what the place must not have come to lead to
     */
    static void unmake(Path target, Path made, OptionalLong inode, String unique, KnownFiles known) throws IOException {
        // A restore makes no link. What it made was moved away then.
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS) || Files.isSymbolicLink(target)) {
            return;
        }
        LiveFile file = LiveFile.existing(target, known);
        try (PathHandle folder = file.holdFolder();
                PathHandle found = file.hold(file.path())) {
            boolean equal = holds(found, made);
            if ((equal || isOf(found, inode)) && isStill(folder, file, found)) {
                unmake(folder, file, equal, unique);
            }
        }
    }

    private static void unmake(PathHandle folder, LiveFile file, boolean equal, String unique) throws IOException {
        if (equal && isUntouched(file)) {
            Files.delete(in(folder, file.path()));
            SecureDirectories.sync(folder.path());
            return;
        }
        String mark = ".undone-" + unique;
        // The main file last: by it, the rest is known to be of the restore.
        for (Path part : List.of(file.log(), file.journal(), file.sharedMemory(), file.path())) {
            if (Files.exists(in(folder, part), LinkOption.NOFOLLOW_LINKS)) {
                Path aside = FreeName.like(in(folder, part.resolveSibling(part.getFileName() + mark)));
                Files.move(in(folder, part), aside);
                LOG.log(
                        Level.WARNING,
                        "A restore that made " + part + " is undone; as it was, it is "
                                + part.resolveSibling(aside.getFileName()) + " now");
            }
        }
        SecureDirectories.sync(folder.path());
    }

    private static Path in(PathHandle folder, Path file) {
        return folder.child(file.getFileName().toString());
    }

    private static boolean holds(PathHandle found, Path made) throws IOException {
        return Files.mismatch(found.path(), made) < 0;
    }

    /** What a path without links leads to is on its folder's file system, where an inode is one file. */
    private static boolean isOf(PathHandle found, OptionalLong inode) throws IOException {
        return inode.isPresent() && found.identity().inode() == inode.getAsLong();
    }

    /** Whether the file that was looked at has its name in this folder. */
    private static boolean isStill(PathHandle folder, LiveFile file, PathHandle found) throws IOException {
        try (PathHandle now = folder.below(file.path().getFileName())) {
            return now.identity().equals(found.identity());
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static boolean isUntouched(LiveFile file) throws IOException {
        return !Files.exists(file.log()) && !Files.exists(file.journal()) && !SharedLock.isHeldByOthers(file);
    }

    /** Before it has its name: an application that opens it then finds it as it stays. */
    private void give(PathHandle made, Optional<FileOwnership> recorded, ProgressMonitor work) throws IOException {
        Optional<FileOwnership> wanted = recorded.or(() -> FileOwners.likeFolder(file.directory()));
        if (wanted.isEmpty()) {
            return;
        }
        FileOwnership owner = wanted.get();
        FileOwners.give(made, owner).ifPresent(now -> {
            String whose = recorded.isPresent() ? "as the backup has recorded it" : "as its folder";
            work.remark(String.format(
                    "%1$s was missing and is there again, but belongs to user %2$d and group %3$d with mode %4$04o. It"
                            + " should belong to user %5$d and group %6$d with mode %7$04o, %8$s, which the server may not"
                            + " set. If the application cannot open it, run as root: chown %5$d:%6$d %1$s && chmod"
                            + " %7$04o %1$s",
                    file.path(), now.uid(), now.gid(), now.mode(), owner.uid(), owner.gid(), owner.mode(), whose));
        });
    }

    /** Whatever takes its name: what is compared and given to its owner is the file that was made. */
    private PathHandle made(PathHandle folder) throws IOException {
        PathHandle made = folder.below(unfinished(file.path()).getFileName());
        try {
            if (made.attributes("unix:nlink").get("nlink") instanceof Integer links && links <= 1) {
                return made;
            }
            throw new IOException(unfinished(file.path()) + " was replaced by another program");
        } catch (IOException | RuntimeException e) {
            made.close();
            throw e;
        }
    }

    private FileChannel create(Path unfinished) throws IOException {
        try {
            return FileChannel.open(
                    unfinished,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException e) {
            throw SqliteErrors.ofWriting(unfinished(file.path()), e);
        }
    }

    private void fill(FileChannel out, Artifact image, ProgressMonitor work) throws IOException {
        try (InputStream in = image.open(0)) {
            Scratch.copy(in, out, work);
            out.force(true);
        } catch (IOException e) {
            throw SqliteErrors.ofWriting(unfinished(file.path()), e);
        }
    }

    private void compare(PathHandle made, Artifact image, ProgressMonitor work) throws IOException {
        byte[] there = new byte[1 << 20];
        byte[] expected = new byte[there.length];
        try (InputStream written = Files.newInputStream(made.path());
                InputStream wanted = image.open(0)) {
            int count;
            do {
                count = wanted.readNBytes(expected, 0, expected.length);
                int found = written.readNBytes(there, 0, there.length);
                if (found != count || !Arrays.equals(there, 0, count, expected, 0, count)) {
                    throw new IOException(unfinished(file.path()) + " does not hold what was written to it");
                }
                work.advance(count);
            } while (count > 0);
        }
    }

    /** A program that makes the file meanwhile has its own sidecars, which are not ours to touch. */
    private void refuseIfMadeMeanwhile(Path target) {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new ProblemException(madeMeanwhile());
        }
    }

    private Problem madeMeanwhile() {
        return new Problem.SourceBusy(file.path() + " was made by another program meanwhile; restore again.");
    }

    /** Unlike a rename, a link does not replace what somebody may have put there meanwhile. */
    private void link(Path unfinished, Path target, SetAside aside) throws IOException {
        try {
            Files.createLink(target, unfinished);
        } catch (FileAlreadyExistsException e) {
            ProblemException failure = new ProblemException(madeMeanwhile(), e);
            aside.moveBackAfter(failure);
            throw failure;
        } catch (FileSystemException | UnsupportedOperationException e) {
            moveWithoutLinks(unfinished, target, aside);
        } catch (Throwable e) {
            aside.moveBackAfter(e);
            throw e;
        }
    }

    /** For a file system without hard links. */
    private static void moveWithoutLinks(Path unfinished, Path target, SetAside aside) throws IOException {
        try {
            Files.move(unfinished, target);
        } catch (Throwable e) {
            aside.moveBackAfter(e);
            throw e;
        }
    }
}
