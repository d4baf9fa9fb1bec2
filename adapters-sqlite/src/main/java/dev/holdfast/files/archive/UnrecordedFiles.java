package dev.holdfast.files.archive;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.util.Objects.requireNonNull;

import dev.holdfast.application.archive.Unpacking.Unrecorded;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.tree.FileOwners;
import dev.holdfast.tree.Trees;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of a directory that a backup could not record: those that it names itself, and those that no archive can
 * hold. Each gets a second name in the directory that takes the place of this one, so that whatever fails, and wherever
 * the process dies, it has at least one. A name is compared by its bytes: it may be no text here.
 *
 * @param top of the directory that is to be replaced; may be missing
 * @param staged that takes its place
 * @param name under which the directory's content stands in an archive
 * @param leftOut what the backup names, as {@link LeftOutNames} writes it
 */
record UnrecordedFiles(Path top, Path staged, String name, LeftOutNames leftOut, Border border) implements Unrecorded {
    private static final int MAX_SHOWN = 1000;

    @Override
    public CarriedOver carryOver() {
        var carrying = new Carrying();
        try {
            if (Files.isDirectory(top)) {
                Path real = top.toRealPath();
                border.look();
                carrying.directory(real, real, staged, name);
            }
            return new CarriedOver(carrying.names, carrying.replaced);
        } catch (IOException e) {
            throw Trouble.with(staged, e);
        }
    }

    private final class Carrying {
        private final List<String> names = new ArrayList<>();
        private long made;
        private final List<String> replaced = new ArrayList<>();

        /** @param to exists only if the backup has this directory too, or something in it was carried over already */
        private void directory(Path real, Path from, Path to, String member) throws IOException {
            boolean there = Files.isDirectory(to, NOFOLLOW_LINKS);
            FileTime time = there ? Files.getLastModifiedTime(to, NOFOLLOW_LINKS) : null;
            long before = made;
            for (Path child : children(from)) {
                entry(real, child, to, member + "/" + child.getFileName());
            }
            if (made > before) {
                if (time != null) {
                    Files.setLastModifiedTime(to, time);
                }
                Trees.sync(to);
            }
        }

        private void entry(Path real, Path child, Path to, String member) throws IOException {
            BasicFileAttributes seen;
            try {
                seen = Files.readAttributes(child, BasicFileAttributes.class, NOFOLLOW_LINKS);
            } catch (NoSuchFileException e) {
                return; // an application removed it
            }
            Path target = to.resolve(child.getFileName());
            boolean unrecorded = cannotBeRecorded(child, seen, member)
                    || (leftOut.contains(real, child) && !Files.exists(target, NOFOLLOW_LINKS));
            if (unrecorded) {
                carry(real, child, seen, target, true);
            } else if (seen.isDirectory()) {
                directory(real, child, target, member);
            }
        }

        private boolean cannotBeRecorded(Path child, BasicFileAttributes seen, String member) {
            return !SourceTree.isText(child.getFileName())
                    || Names.fault(member) != null
                    || !(seen.isDirectory() || seen.isRegularFile())
                    || !Files.isReadable(child)
                    || border.isClosed(child, seen.fileKey());
        }

        /**
         * With all that is below it: the backup has nothing of that either.
         *
         * @param named whether the person is given its name, as of the first directory on the way
         */
        private void carry(Path real, Path child, BasicFileAttributes seen, Path target, boolean named)
                throws IOException {
            if (seen.isDirectory()) {
                boolean missing = !Files.exists(target, NOFOLLOW_LINKS);
                if (missing) {
                    make(child, target);
                    if (named) {
                        add(names, real, child);
                    }
                }
                for (Path below : children(child)) {
                    carry(
                            real,
                            below,
                            Files.readAttributes(below, BasicFileAttributes.class, NOFOLLOW_LINKS),
                            target.resolve(below.getFileName()),
                            named && !missing);
                }
                return;
            }
            if (Files.exists(target, NOFOLLOW_LINKS)) {
                add(replaced, real, child);
                return;
            }
            Path folder = target.getParent();
            if (folder != null && !Files.isDirectory(folder, NOFOLLOW_LINKS)) {
                make(requireNonNull(child.getParent(), "below the top"), folder);
            }
            try {
                Files.createLink(target, child);
                made++;
            } catch (NoSuchFileException e) {
                return; // an application removed it
            } catch (FileSystemException | UnsupportedOperationException e) {
                throw new ProblemException(
                        new Problem.BackupIncompatible("No backup can hold " + Names.shown(child.toString())
                                + ", and it cannot be carried over into the restored directory (" + e.getMessage()
                                + "). Nothing was replaced. Move it out of " + top + " and restore again."),
                        e);
            }
            if (named) {
                add(names, real, child);
            }
        }

        /** As the one in the live directory is, with those above it. */
        private void make(Path like, Path folder) throws IOException {
            Path parent = folder.getParent();
            if (parent != null && !Files.isDirectory(parent, NOFOLLOW_LINKS)) {
                make(requireNonNull(like.getParent(), "below the top"), parent);
            }
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            made++;
            var owner = FileOwners.of(like);
            if (owner.isPresent()) {
                FileOwners.give(folder, owner.get());
            }
        }

        private void add(List<String> to, Path real, Path child) {
            if (to.size() < MAX_SHOWN) {
                to.add(Names.shown(real.relativize(child).toString()));
            }
        }

        private List<Path> children(Path directory) throws IOException {
            List<Path> children = new ArrayList<>();
            try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
                found.forEach(children::add);
            } catch (NoSuchFileException e) {
                return List.of();
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            } catch (FileSystemException e) {
                throw new ProblemException(
                        new Problem.BackupIncompatible(
                                Names.shown(directory.toString()) + " cannot be read, so a restore"
                                        + " cannot tell what is in it that no backup holds. Nothing was replaced. Let the server's"
                                        + " user read it, or move it out of " + top + ", and restore again."),
                        e);
            }
            children.sort(null);
            return children;
        }
    }
}
