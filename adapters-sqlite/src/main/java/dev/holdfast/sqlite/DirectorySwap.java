package dev.holdfast.sqlite;

import dev.holdfast.application.archive.Unpacking.DirectoryPart;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A directory that takes the place of another, by renaming alone. Where the two are tells how far it has come, so each
 * step can be repeated.
 *
 * @param target its real path
 * @param staged the new one; on the target's file system
 * @param aside where the old one waits until it is certain that it is not needed any more
 * @param existed whether there was an old one
 */
record DirectorySwap(Path target, Path staged, Path aside, boolean existed) {
    static DirectorySwap of(DirectoryPart part) throws IOException {
        Path target = real(part.target());
        boolean existed = isThere(target);
        if (existed && !Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new ProblemException(
                    new Problem.BackupIncompatible(target + " is no directory; move it away and restore again."));
        }
        Path aside = beside(target, ".replaced");
        if (isThere(aside)) {
            throw new ProblemException(new Problem.BackupIncompatible(aside
                    + " is what an earlier restore replaced, and nothing is known of that restore any more; look at it,"
                    + " move it away and restore again."));
        }
        return new DirectorySwap(target, part.staged(), aside, existed);
    }

    /** A link to a directory stays a link. */
    private static Path real(Path target) throws IOException {
        try {
            return target.toRealPath();
        } catch (NoSuchFileException e) {
            return target.toAbsolutePath().normalize();
        }
    }

    /** Each target has one of each kind, so that what a killed process left is known by its name. */
    private static Path beside(Path target, String kind) {
        return target.resolveSibling(".holdfast-" + target.getFileName() + kind);
    }

    /** What was being written when the process was killed, and is in no journal. */
    static void removeUnfinished(Path target) throws IOException {
        removeIfThere(beside(real(target), ".restoring"));
    }

    private static boolean isThere(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** For an instant the directory is missing: there is no portable way to exchange two. */
    void in() throws IOException {
        if (existed && !isThere(aside)) {
            Files.move(target, aside);
        }
        if (isThere(staged)) {
            Files.move(staged, target);
        }
        sync();
    }

    void out() throws IOException {
        boolean isIn = existed ? isThere(aside) && isThere(target) : !isThere(staged) && isThere(target);
        if (isIn) {
            removeIfThere(staged);
            Files.move(target, staged);
        }
        if (existed && isThere(aside)) {
            Files.move(aside, target);
        }
        sync();
        removeIfThere(staged);
    }

    /** The old one is not needed any more. */
    void settle() throws IOException {
        removeIfThere(aside);
    }

    private static void removeIfThere(Path directory) throws IOException {
        if (isThere(directory)) {
            Scratch.delete(directory);
        }
    }

    private void sync() throws IOException {
        Path parent = target.getParent();
        if (parent != null) {
            Channels.sync(parent);
        }
    }
}
