package dev.holdfast.files.archive.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.util.Objects.requireNonNull;

import dev.holdfast.application.archive.UnpackResult.Unrecorded;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.files.archive.member.ArchiveErrors;
import dev.holdfast.files.archive.member.LeftOutNames;
import dev.holdfast.files.archive.member.MemberNames;
import dev.holdfast.tree.FileOwners;
import dev.holdfast.tree.LinkedPathException;
import dev.holdfast.tree.PathHandle;
import dev.holdfast.tree.SecureDirectories;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
public record UnrecordedFiles(Path top, Path staged, String name, LeftOutNames leftOut, ProtectedPaths border)
        implements Unrecorded {
    private static final int MAX_SHOWN = 1000;

    @Override
    public CarriedOver carryOver() {
        var carrying = new Carrying();
        try {
            Optional<PathHandle> live = open();
            if (live.isPresent()) {
                try (PathHandle from = live.get();
                        Filled to = new Filled(PathHandle.of(staged))) {
                    if (Files.isDirectory(from.path())) {
                        carrying.all(from, to);
                    }
                }
            }
            return new CarriedOver(carrying.names, carrying.replaced);
        } catch (LinkedPathException e) {
            throw new ProblemException(Staging.elsewhere(top), e);
        } catch (IOException e) {
            throw ArchiveErrors.with(staged, e);
        }
    }

    private Optional<PathHandle> open() throws IOException {
        try {
            return Optional.of(PathHandle.of(top.toRealPath()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** A directory of the one that is filled. It is made when something comes into it. */
    private static final class Filled implements AutoCloseable {
        private final Path name;
        private @Nullable PathHandle opened;

        Filled(PathHandle opened) {
            name = Path.of("");
            this.opened = opened;
        }

        private Filled(Filled above, Path name) throws IOException {
            this.name = name;
            PathHandle folder = above.opened;
            if (folder != null && Files.isDirectory(folder.path().resolve(name), NOFOLLOW_LINKS)) {
                opened = folder.folderBelow(name);
            }
        }

        Filled below(Path child) throws IOException {
            return new Filled(this, child);
        }

        boolean isThere() {
            return opened != null;
        }

        boolean has(Path child) {
            return opened != null && Files.exists(opened.path().resolve(child), NOFOLLOW_LINKS);
        }

        Path path() {
            return requireNonNull(opened, "it is there").path();
        }

        @Override
        public void close() {
            if (opened != null) {
                opened.close();
            }
        }
    }

    /** A directory of the present one, and the one that it becomes. */
    private record Pair(@Nullable Pair above, PathHandle from, Filled to) {}

    private final class Carrying {
        private final List<String> names = new ArrayList<>();
        private long made;
        private final List<String> replaced = new ArrayList<>();
        private Path real = top;

        void all(PathHandle from, Filled to) throws IOException {
            real = from.real();
            border.refusal(top, real).ifPresent(it -> {
                throw new ProblemException(new Problem.BackupIncompatible(it));
            });
            border.look();
            directory(new Pair(null, from, to), real, name);
        }

        /** It exists only if the backup has this directory too, or something in it was carried over already. */
        private void directory(Pair pair, Path at, String member) throws IOException {
            Filled to = pair.to();
            FileTime time = to.isThere() ? Files.getLastModifiedTime(to.path()) : null;
            long before = made;
            for (Path child : children(pair.from(), at)) {
                entry(pair, child, at.resolve(child), member + "/" + child);
            }
            if (made > before) {
                if (time != null) {
                    Files.setLastModifiedTime(to.path(), time);
                }
                SecureDirectories.sync(to.path());
            }
        }

        private void entry(Pair pair, Path child, Path at, String member) throws IOException {
            try (PathHandle file = pair.from().below(child)) {
                EntryState seen = EntryState.of(file);
                boolean unrecorded = cannotBeRecorded(file, child, at, seen, member)
                        || (leftOut.contains(real, at) && !pair.to().has(child));
                if (unrecorded) {
                    carry(pair, child, at, file, seen, true);
                } else if (seen.isDirectory()) {
                    try (Filled below = pair.to().below(child)) {
                        directory(new Pair(pair, file, below), at, member);
                    }
                }
            } catch (NoSuchFileException e) {
                // an application removed it
            }
        }

        private boolean cannotBeRecorded(PathHandle file, Path child, Path at, EntryState seen, String member) {
            return !SourceTree.isText(child)
                    || MemberNames.fault(member) != null
                    || !(seen.isDirectory() || seen.isRegular())
                    || !Files.isReadable(file.path())
                    || border.isClosed(at, seen.key());
        }

        /**
         * With all that is below it: the backup has nothing of that either.
         *
         * @param named whether the person is given its name, as of the first directory on the way
         */
        private void carry(Pair pair, Path child, Path at, PathHandle file, EntryState seen, boolean named)
                throws IOException {
            if (seen.isDirectory()) {
                try (Filled below = pair.to().below(child)) {
                    carryAll(new Pair(pair, file, below), child, at, named);
                }
                return;
            }
            if (pair.to().has(child)) {
                add(replaced, at);
                return;
            }
            make(pair);
            if (link(pair, child, at, seen) && named) {
                add(names, at);
            }
        }

        private void carryAll(Pair pair, Path child, Path at, boolean named) throws IOException {
            boolean missing =
                    !requireNonNull(pair.above(), "below the top").to().has(child);
            if (missing) {
                make(pair);
                if (named) {
                    add(names, at);
                }
            }
            for (Path below : children(pair.from(), at)) {
                try (PathHandle file = pair.from().below(below)) {
                    carry(pair, below, at.resolve(below), file, EntryState.of(file), named && !missing);
                } catch (NoSuchFileException e) {
                    // an application removed it
                }
            }
        }

        /** @return whether it was there, and has a second name now */
        private boolean link(Pair pair, Path child, Path at, EntryState seen) throws IOException {
            Path target = pair.to().path().resolve(child);
            try {
                Files.createLink(target, pair.from().path().resolve(child));
            } catch (NoSuchFileException e) {
                return false; // an application removed it
            } catch (FileSystemException | UnsupportedOperationException e) {
                requireSame(EntryState.at(pair.from(), child).key(), seen, at);
                throw new ProblemException(
                        new Problem.BackupIncompatible("No backup can hold " + MemberNames.shown(at.toString())
                                + ", and it cannot be carried over into the restored directory (" + reason(e)
                                + "). Nothing was replaced. Move it out of " + top + " and restore again."),
                        e);
            }
            made++;
            requireSame(SecureDirectories.identity(target), seen, at);
            return true;
        }

        /** What has another's file or folder in it is thrown away with all of the new directory. */
        private static void requireSame(@Nullable Object now, EntryState seen, Path at) {
            if (!seen.key().equals(now)) {
                throw new ProblemException(new Problem.SourceBusy(MemberNames.shown(at.toString())
                        + " was exchanged by another program during the restore. Nothing was"
                        + " replaced. Restore again when it stays in its place."));
            }
        }

        private static String reason(Exception failure) {
            return failure instanceof FileSystemException known && known.getReason() != null
                    ? known.getReason()
                    : String.valueOf(failure.getMessage());
        }

        /** As the one in the live directory is, with those above it. */
        private void make(Pair pair) throws IOException {
            Filled folder = pair.to();
            Pair above = pair.above();
            if (folder.isThere() || above == null) {
                return;
            }
            make(above);
            Files.createDirectory(
                    above.to().path().resolve(folder.name),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            made++;
            folder.opened = requireNonNull(above.to().opened, "it was made").folderBelow(folder.name);
            var owner = FileOwners.of(pair.from().path());
            if (owner.isPresent()) {
                FileOwners.give(folder.opened, owner.get());
            }
        }

        private void add(List<String> to, Path at) {
            if (to.size() < MAX_SHOWN) {
                to.add(MemberNames.shown(real.relativize(at).toString()));
            }
        }

        private List<Path> children(PathHandle directory, Path at) throws IOException {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(directory.path())) {
                List<Path> children = SecureDirectories.names(found);
                children.sort(null);
                return children;
            } catch (NoSuchFileException e) {
                return List.of();
            } catch (FileSystemException e) {
                throw new ProblemException(
                        new Problem.BackupIncompatible(
                                MemberNames.shown(at.toString()) + " cannot be read, so a restore"
                                        + " cannot tell what is in it that no backup holds. Nothing was replaced. Let the server's"
                                        + " user read it, or move it out of " + top + ", and restore again."),
                        e);
            }
        }
    }
}
