package dev.holdfast.sqlite.restore;

import static java.util.Objects.requireNonNull;

import dev.holdfast.application.archive.UnpackResult.DirectoryPart;
import dev.holdfast.application.archive.UnpackResult.Unrecorded;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.sqlite.io.FreeName;
import dev.holdfast.tree.Mounts;
import dev.holdfast.tree.PathHandle;
import dev.holdfast.tree.SecureDirectories;
import dev.holdfast.tree.SiblingPaths;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A directory that takes the place of another, by renaming alone. Where the two are tells how far it has come, so each
 * step can be repeated. What had the target's name may hold what an application has written: it is removed only if it is
 * known to hold nothing that is not elsewhere, and stays beside the target otherwise.
 *
 * @param target its real path
 * @param staged the new one; on the target's file system
 * @param aside where the old one waits until it is certain that it is not needed any more
 * @param undone where the new one goes if the restore is undone
 * @param oldInode of the old one, if there was one
 * @param fresh how the new one looked before anybody else saw it
 * @param freshInode of the new one; empty in a journal of an earlier version
 */
record DirectorySwap(
        Path target,
        Path staged,
        Path aside,
        Path undone,
        Optional<Long> oldInode,
        TreeFingerprint fresh,
        Optional<Long> freshInode) {
    private static final System.Logger LOG = System.getLogger(DirectorySwap.class.getName());

    private static final int MAX_SHOWN = 20;

    /** @param unique tells this restore's names from any other's */
    static DirectorySwap of(DirectoryPart part, String unique) throws IOException {
        Path target = real(part.target());
        // What was allowed is the place that the new one was filled beside.
        if (!Objects.equals(target.getParent(), part.staged().toAbsolutePath().getParent())) {
            throw new ProblemException(new Problem.BackupIncompatible(
                    part.target() + " came to lead elsewhere during the restore; restore again."));
        }
        boolean existed = isThere(target);
        if (existed && !Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new ProblemException(
                    new Problem.BackupIncompatible(target + " is no directory; move it away and restore again."));
        }
        Optional<Path> mounted = existed ? Mounts.below(target) : Optional.empty();
        if (mounted.isPresent()) {
            throw new ProblemException(new Problem.BackupIncompatible("A file system is mounted at " + mounted.get()
                    + ", within what is to be replaced; unmount it, or restore the directory by hand from the"
                    + " downloaded archive."));
        }
        return new DirectorySwap(
                target,
                part.staged(),
                SiblingPaths.named(target, "replaced", unique),
                SiblingPaths.named(target, "undone", unique),
                existed ? Optional.of(inode(target)) : Optional.empty(),
                TreeFingerprint.of(part.staged()),
                Optional.of(inode(part.staged())));
    }

    /** With how the new one looks now, before any other program sees it. */
    DirectorySwap refilled() throws IOException {
        return new DirectorySwap(target, staged, aside, undone, oldInode, TreeFingerprint.of(staged), freshInode);
    }

    /** For the person who requested the restore. */
    List<String> remark(Unrecorded.CarriedOver carried) {
        List<String> remarks = new ArrayList<>();
        if (!carried.names().isEmpty()) {
            remarks.add("No backup holds these files of " + target + ", so they were left in it: "
                    + shown(carried.names()) + ". What was there before also stays in " + aside
                    + "; remove that when you have looked at it.");
        }
        if (!carried.replaced().isEmpty()) {
            remarks.add("The backup holds other files of these names in " + target + ", which are there now: "
                    + shown(carried.replaced()) + ". No backup holds what was there before; it is in " + aside + ".");
        }
        return remarks;
    }

    private static String shown(List<String> names) {
        String first = String.join(", ", names.subList(0, Math.min(MAX_SHOWN, names.size())));
        return names.size() > MAX_SHOWN ? first + " and " + (names.size() - MAX_SHOWN) + " more" : first;
    }

    /** A link to a directory stays a link. */
    private static Path real(Path target) throws IOException {
        try {
            return target.toRealPath();
        } catch (NoSuchFileException e) {
            Path absolute = target.toAbsolutePath().normalize();
            Path parent = absolute.getParent();
            return parent == null ? absolute : real(parent).resolve(absolute.getFileName());
        }
    }

    static boolean hasUnfinished(Path target) throws IOException {
        return !SiblingPaths.left(real(target)).isEmpty();
    }

    /**
     * What was being written when the process was killed, and is in no journal.
     *
     * @param real the target's path without links
     */
    static void removeUnfinished(Path real) throws IOException {
        Path parent = real.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            return;
        }
        try (PathHandle folder = PathHandle.of(parent)) {
            for (Path left : SiblingPaths.left(folder.path(), real)) {
                SecureDirectories.delete(left);
            }
        }
    }

    private static boolean isThere(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** The old one as it is now, if there is one. */
    Optional<TreeFingerprint> old() throws IOException {
        return existed() ? Optional.of(TreeFingerprint.of(target)) : Optional.empty();
    }

    /**
     * Whether the directories are where a restore can have left them, and not, say, on a file system not mounted now.
     *
     * @param in whether the new one has to be in the target's place. If it does not, an undo may have begun
     */
    boolean isPlausible(boolean in) throws IOException {
        if (oldInode.isPresent()) {
            return isOld(aside) || (!in && isOld(target));
        }
        return in ? isThere(target) : isThere(staged) || isThere(undone) || isThere(target);
    }

    /** For a person: which one has the target's name. */
    String standing() {
        try {
            if (isOld(aside)) {
                return target + " is the backup's directory, and the one from before the restore is " + aside;
            }
            boolean before = existed() ? isOld(target) : !isThere(target);
            return target + (before ? " is as it was before the restore" : " is not known to be either directory");
        } catch (IOException e) {
            return target + " cannot be read (" + e.getMessage() + ")";
        }
    }

    private boolean isOld(Path path) throws IOException {
        return isThere(path) && oldInode.equals(Optional.of(inode(path)));
    }

    private static long inode(Path path) throws IOException {
        return (Long) Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    }

    boolean existed() {
        return oldInode.isPresent();
    }

    /** For an instant the directory is missing: there is no portable way to exchange two. */
    void in() throws IOException {
        try (PathHandle folder = folder()) {
            if (!isThere(in(folder, staged))) {
                throw exchanged(staged + ", which the restore made to take the place of " + target + ", is gone");
            }
            if (existed()) {
                requireOld(folder);
                Files.move(in(folder, target), in(folder, aside));
            }
            Files.move(in(folder, staged), in(folder, target));
            SecureDirectories.sync(folder.path());
        }
    }

    /** All of them are in one folder. What is done to names in it stays there, whatever takes the folder's place. */
    private PathHandle folder() throws IOException {
        return PathHandle.of(requireNonNull(target.getParent(), "it was filled in the same folder"));
    }

    private Optional<PathHandle> folderIfThere() throws IOException {
        try {
            return Optional.of(folder());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static Path in(PathHandle folder, Path directory) {
        return folder.child(directory.getFileName().toString());
    }

    private void requireOld(PathHandle folder) throws IOException {
        if (!isOld(in(folder, target))) {
            throw exchanged(target + " is another directory than the one that was kept");
        }
    }

    private static ProblemException exchanged(String what) {
        return new ProblemException(new Problem.SourceBusy(what + ": another program removes, renames or exchanges"
                + " directories. The restore was not done. Restore again while that program does not, or stop it"
                + " meanwhile."));
    }

    /** Brings the old one back. What has the target's name meanwhile is renamed, never removed. May be repeated. */
    void out() throws IOException {
        try (PathHandle folder = folder()) {
            out(folder);
            SecureDirectories.sync(folder.path());
        }
    }

    private void out(PathHandle folder) throws IOException {
        if (isIn(folder) && isThere(in(folder, target))) {
            // An application may have made the directory again since an undo that was cut off.
            Path free = FreeName.like(in(folder, undone));
            Files.move(in(folder, target), free);
            Path name = target.resolveSibling(free.getFileName());
            if (!name.equals(undone)) {
                LOG.log(Level.WARNING, name + " was made in the place of " + target + " during an undo, and stays");
            }
        }
        if (isOld(in(folder, aside))) {
            Files.move(in(folder, aside), in(folder, target));
        }
    }

    private boolean isIn(PathHandle folder) throws IOException {
        if (existed()) {
            return isOld(in(folder, aside));
        }
        // An application may have made another one since.
        return freshInode.isPresent() ? isFresh(in(folder, target)) : !isThere(in(folder, staged));
    }

    private boolean isFresh(Path path) throws IOException {
        return isThere(path) && freshInode.equals(Optional.of(inode(path)));
    }

    /**
     * Removes the new one after {@link #out}, unless an application has written to it. May be repeated.
     *
     * @throws IOException if what is to go cannot be looked at or renamed
     */
    void removeUndone() throws IOException {
        Optional<PathHandle> there = folderIfThere();
        if (there.isEmpty()) {
            return;
        }
        try (PathHandle folder = there.get()) {
            if (isThere(in(folder, undone))) {
                remove(
                        folder,
                        undone,
                        fresh,
                        "had been put in the place of " + target + " before the restore was undone");
            }
            if (isThere(in(folder, staged))) {
                delete(folder, staged);
            }
        }
    }

    /**
     * Removes the old one. May be repeated.
     *
     * @param kept how the old one looked when all of it was kept; without, it stays
     * @throws IOException if it cannot be looked at or renamed
     */
    void settle(Optional<TreeFingerprint> kept) throws IOException {
        Optional<PathHandle> there = existed() ? folderIfThere() : Optional.empty();
        if (there.isEmpty()) {
            return;
        }
        try (PathHandle folder = there.get()) {
            if (!isOld(in(folder, aside))) {
                return;
            }
            if (kept.isPresent()) {
                remove(folder, aside, kept.get(), "was " + target + " before the restore");
            } else {
                LOG.log(
                        Level.WARNING,
                        aside + " was " + target + " before the restore; it holds what the safety"
                                + " backup does not, and stays");
            }
        }
    }

    /**
     * Unless another program has written to it since it looked as {@code known}. The other name shows a later start that
     * this was decided, though a part of it is gone.
     */
    private void remove(PathHandle folder, Path directory, TreeFingerprint known, String what) throws IOException {
        if (known.ordinary()
                && Mounts.below(directory).isEmpty()
                && TreeFingerprint.of(in(folder, directory)).equals(known)) {
            Path removed = SiblingPaths.removed(target, directory);
            Files.move(in(folder, directory), in(folder, removed));
            delete(folder, removed);
        } else {
            LOG.log(Level.WARNING, directory + " " + what + "; it may hold what no backup does, and stays");
        }
    }

    /** Under a name that {@link #removeUnfinished} knows. */
    private static void delete(PathHandle folder, Path directory) {
        try {
            SecureDirectories.delete(in(folder, directory));
        } catch (IOException e) {
            LOG.log(Level.WARNING, directory + " could not be removed; the next start of the server removes it", e);
        }
    }
}
