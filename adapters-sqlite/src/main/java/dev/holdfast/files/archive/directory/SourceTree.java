package dev.holdfast.files.archive.directory;

import static java.util.Objects.requireNonNull;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.files.archive.member.ArchiveErrors;
import dev.holdfast.files.archive.member.Attributes;
import dev.holdfast.files.archive.member.LeftOutNames;
import dev.holdfast.files.archive.member.MemberNames;
import dev.holdfast.tree.LinkedPathException;
import dev.holdfast.tree.PathHandle;
import dev.holdfast.tree.RealPath;
import dev.holdfast.tree.SecureDirectories;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One of a source's directories, while others write to it. All of it is opened part by part, and read through what was
 * opened, so that nothing outside is read whatever is swapped meanwhile. See {@code docs/internals/locations.md}.
 */
public final class SourceTree {
    /** A program that exchanges a folder above leaves moments in which a part of the path is a link. */
    private static final int MAX_ATTEMPTS = 10;

    private final Path shown;
    private final String name;
    private final ProtectedPaths border;
    private @Nullable Path realTop;

    /**
     * @param shown as the source names it
     * @param name under which its content stands in the archive
     */
    public SourceTree(Path shown, String name, ProtectedPaths border) {
        this.shown = shown;
        this.name = name;
        this.border = border;
    }

    /** What is done with the entries, each directory's own in the order of their names. */
    public interface Visitor {
        void directory(String name, Attributes attributes) throws IOException;

        void file(String name, Entry entry) throws IOException;

        /**
         * @param name for a person
         * @param encoded as {@link LeftOutNames#encoded} writes it; empty for the directory itself
         * @param why in a few words
         */
        void leftOut(String name, String encoded, String why);
    }

    /** A regular file, as it was when it was looked at. Of use during the visit alone. */
    public static final class Entry {
        private final PathHandle directory;
        private final Path name;
        private final PathHandle file;
        private final EntryState seen;

        private Entry(PathHandle directory, Path name, PathHandle file, EntryState seen) {
            this.directory = directory;
            this.name = name;
            this.file = file;
            this.seen = seen;
        }

        public long size() {
            return seen.size();
        }

        public Attributes attributes() {
            return seen.attributes();
        }

        /** Opens the file that was looked at, whatever has its name by now. */
        public InputStream open() throws IOException {
            try {
                return Channels.newInputStream(file.open(StandardOpenOption.READ));
            } catch (FileSystemException e) {
                EntryState.at(directory, name); // throws if it was removed
                throw e;
            }
        }

        /** Null if it is as it was, else what became of it. */
        @Nullable
        public String change() throws IOException {
            try {
                EntryState now = EntryState.at(directory, name);
                boolean same = now.size() == seen.size()
                        && now.modified().equals(seen.modified())
                        && now.key().equals(seen.key());
                return same ? null : "changed while it was read";
            } catch (NoSuchFileException e) {
                return "was removed while it was read";
            }
        }
    }

    public String name() {
        return name;
    }

    /** As the source names it. */
    public Path shown() {
        return shown;
    }

    public void walk(Visitor visitor) throws IOException {
        try (PathHandle top = open()) {
            Path real = requireNonNull(realTop, "it was opened");
            EntryState own = EntryState.of(top);
            requireAllowed(real);
            border.look();
            if (border.isClosed(real, own.key())) {
                throw refused(shown + " leads to what belongs to this server alone; take it out of the database's"
                        + " directories.");
            }
            List<Path> names = sorted(top, name);
            visitor.directory(name, own.attributes());
            walk(top, names, real, name, visitor);
        } catch (NoSuchFileException e) {
            requireAllowed(RealPath.of(shown));
            visitor.leftOut(name, "", "was removed meanwhile");
        } catch (AccessDeniedException e) {
            throw ArchiveErrors.unreadable(shown.toString(), e);
        }
    }

    /**
     * Opens the directory, and notes by which path without links. What is checked of that path then is true of what is
     * open, and no link that is made afterwards changes it.
     */
    private PathHandle open() throws IOException {
        for (int attempt = 1; ; attempt++) {
            Path real = shown.toRealPath();
            try {
                PathHandle opened = PathHandle.of(real);
                realTop = real;
                return opened;
            } catch (LinkedPathException | NoSuchFileException e) {
                if (attempt == MAX_ATTEMPTS) {
                    throw new ProblemException(
                            new Problem.SourceBusy("A program keeps exchanging " + shown + " or a folder above it, so"
                                    + " there is no backup of it. Nothing was read through it. Back up again when it"
                                    + " stays in its place."),
                            e);
                }
            }
        }
    }

    private void requireAllowed(Path real) {
        requireAllowed(border, shown, real);
    }

    /** @param real where the directory is, or would be, without links */
    public static void requireAllowed(ProtectedPaths border, Path directory, Path real) {
        border.refusal(directory, real).ifPresent(it -> {
            throw refused(it);
        });
    }

    private static ProblemException refused(String why) {
        return new ProblemException(new Problem.SourceNotAccessible(why));
    }

    private void walk(PathHandle directory, List<Path> names, Path at, String prefix, Visitor visitor)
            throws IOException {
        for (Path child : names) {
            String full = prefix + "/" + child;
            String fault = isText(child) ? MemberNames.fault(full) : "is not text in the server's locale";
            if (fault != null) {
                visitor.leftOut(
                        MemberNames.shown(full),
                        encoded(at.resolve(child)),
                        "has a name that " + fault + " and was left out");
                continue;
            }
            try {
                visit(directory, child, at.resolve(child), full, visitor);
            } catch (NoSuchFileException e) {
                visitor.leftOut(full, encoded(at.resolve(child)), "was removed before it was read");
            } catch (AccessDeniedException e) {
                visitor.leftOut(
                        full, encoded(at.resolve(child)), "cannot be read (permission denied) and was left out");
            }
        }
    }

    private List<Path> sorted(PathHandle directory, String prefix) throws IOException {
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory.path())) {
            return sorted(stream, prefix);
        }
    }

    private List<Path> sorted(DirectoryStream<Path> stream, String prefix) {
        try {
            List<Path> names = SecureDirectories.names(stream);
            names.sort(Comparator.comparing(Path::toString));
            return names;
        } catch (IOException e) {
            throw ArchiveErrors.unreadable(shown(prefix), e);
        }
    }

    private void visit(PathHandle directory, Path child, Path real, String full, Visitor visitor) throws IOException {
        try (PathHandle entry = directory.below(child)) {
            EntryState seen = EntryState.of(entry);
            if (seen.isLink()) {
                visitor.leftOut(full, encoded(real), "is a symbolic link and was left out");
            } else if (border.isClosed(real, seen.key())) {
                visitor.leftOut(full, encoded(real), "is a database in use, or this server's own, and was left out");
            } else if (seen.isDirectory()) {
                List<Path> names = sorted(entry, full);
                visitor.directory(full, seen.attributes());
                border.look();
                walk(entry, names, real, full, visitor);
            } else if (!seen.isRegular()) {
                visitor.leftOut(full, encoded(real), "is no ordinary file and was left out");
            } else {
                visitor.file(full, new Entry(directory, child, entry, seen));
            }
        }
    }

    private String encoded(Path real) {
        return LeftOutNames.encoded(requireNonNull(realTop, "known once the walk has begun"), real);
    }

    static boolean isText(Path name) {
        try {
            return name.getFileSystem().getPath(name.toString()).equals(name);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private String shown(String member) {
        return MemberNames.shown(shown + member.substring(name.length()));
    }
}
