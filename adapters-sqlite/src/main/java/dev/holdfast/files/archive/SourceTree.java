package dev.holdfast.files.archive;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.util.Objects.requireNonNull;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.tree.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One of a source's directories, while others write to it. Every component is opened from the one above and never
 * followed if it is a link, so that nothing outside is read whatever is swapped meanwhile.
 */
final class SourceTree {
    private final Path shown;
    private final String name;
    private final Border border;
    private @Nullable Path realTop;

    /**
     * @param shown as the source names it
     * @param name under which its content stands in the archive
     */
    SourceTree(Path shown, String name, Border border) {
        this.shown = shown;
        this.name = name;
        this.border = border;
    }

    /** What is done with the entries, each directory's own in the order of their names. */
    interface Visitor {
        void directory(String name, Attributes attributes) throws IOException;

        void file(String name, Entry entry) throws IOException;

        /**
         * @param name for a person
         * @param encoded as {@link LeftOutNames#encoded} writes it; empty for the directory itself
         * @param why in a few words
         */
        void leftOut(String name, String encoded, String why);
    }

    /** A regular file, as it was when it was looked at. */
    static final class Entry {
        private final SecureDirectoryStream<Path> directory;
        private final Path name;
        private final Path real;
        private final PosixFileAttributes seen;

        private Entry(SecureDirectoryStream<Path> directory, Path name, Path real, PosixFileAttributes seen) {
            this.real = real;
            this.directory = directory;
            this.name = name;
            this.seen = seen;
        }

        long size() {
            return seen.size();
        }

        Attributes attributes() {
            return SourceTree.attributes(real, seen);
        }

        InputStream open() throws IOException {
            try {
                return Channels.newInputStream(
                        directory.newByteChannel(name, Set.of(StandardOpenOption.READ, NOFOLLOW_LINKS)));
            } catch (FileSystemException e) {
                if (e instanceof NoSuchFileException || look(directory, name).isRegularFile()) {
                    throw e;
                }
                throw new NoSuchFileException(name.toString(), null, "something else has taken its place");
            }
        }

        /** Null if it is as it was, else what became of it. */
        @Nullable
        String change() throws IOException {
            try {
                PosixFileAttributes now = look(directory, name);
                boolean same = now.size() == seen.size()
                        && now.lastModifiedTime().equals(seen.lastModifiedTime())
                        && String.valueOf(now.fileKey()).equals(String.valueOf(seen.fileKey()));
                return same ? null : "changed while it was read";
            } catch (NoSuchFileException e) {
                return "was removed while it was read";
            }
        }
    }

    String name() {
        return name;
    }

    /** As the source names it. */
    Path shown() {
        return shown;
    }

    void walk(Visitor visitor) throws IOException {
        try (SecureDirectoryStream<Path> stream = Trees.open(shown)) {
            PosixFileAttributes own =
                    stream.getFileAttributeView(PosixFileAttributeView.class).readAttributes();
            Path top = allowed(own);
            if (top == null) {
                visitor.leftOut(name, "", "was replaced while it was looked at");
                return;
            }
            visitor.directory(name, attributes(top, own));
            realTop = top;
            walk(stream, top, name, visitor);
        } catch (NoSuchFileException e) {
            visitor.leftOut(name, "", "was removed meanwhile");
        } catch (AccessDeniedException e) {
            throw Trouble.unreadable(shown.toString(), e);
        }
    }

    /**
     * Where it really is. Asked of what is open already, so that no link made afterwards changes it.
     *
     * @return null if it was replaced meanwhile
     */
    private @Nullable Path allowed(PosixFileAttributes opened) throws IOException {
        Path real = shown.toRealPath();
        border.look();
        border.refusal(shown, real).ifPresent(it -> {
            throw refused(it);
        });
        if (!Objects.equals(Trees.identity(real), opened.fileKey())) {
            return null;
        }
        if (border.isClosed(real, opened.fileKey())) {
            throw refused(shown + " leads to what belongs to this server alone; take it out of the database's"
                    + " directories.");
        }
        return real;
    }

    private static ProblemException refused(String why) {
        return new ProblemException(Problem.SourceCorrupt.because(why));
    }

    private void walk(SecureDirectoryStream<Path> directory, Path at, String prefix, Visitor visitor)
            throws IOException {
        for (Path child : sorted(directory, prefix)) {
            String full = prefix + "/" + child;
            String fault = isText(child) ? Names.fault(full) : "is not text in the server's locale";
            if (fault != null) {
                visitor.leftOut(
                        Names.shown(full),
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

    private List<Path> sorted(SecureDirectoryStream<Path> directory, String prefix) {
        try {
            List<Path> names = Trees.names(directory);
            names.sort(Comparator.comparing(Path::toString));
            return names;
        } catch (IOException e) {
            throw Trouble.unreadable(shown(prefix), e);
        }
    }

    private void visit(SecureDirectoryStream<Path> directory, Path child, Path real, String full, Visitor visitor)
            throws IOException {
        PosixFileAttributes seen = look(directory, child);
        if (seen.isSymbolicLink()) {
            visitor.leftOut(full, encoded(real), "is a symbolic link and was left out");
        } else if (border.isClosed(real, seen.fileKey())) {
            visitor.leftOut(full, encoded(real), "is a database in use, or this server's own, and was left out");
        } else if (seen.isDirectory()) {
            try (SecureDirectoryStream<Path> below = directory.newDirectoryStream(child, NOFOLLOW_LINKS)) {
                visitor.directory(full, attributes(real, seen));
                border.look();
                walk(below, real, full, visitor);
            } catch (FileSystemException e) {
                if (e instanceof NoSuchFileException || look(directory, child).isDirectory()) {
                    throw e;
                }
                visitor.leftOut(full, encoded(real), "became something else and was left out");
            }
        } else if (!seen.isRegularFile()) {
            visitor.leftOut(full, encoded(real), "is no ordinary file and was left out");
        } else {
            visitor.file(full, new Entry(directory, child, real, seen));
        }
    }

    private static PosixFileAttributes look(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        return directory
                .getFileAttributeView(name, PosixFileAttributeView.class, NOFOLLOW_LINKS)
                .readAttributes();
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
        return Names.shown(shown + member.substring(name.length()));
    }

    /** The rest is to be had by a path only; whatever else has come to that path meanwhile does not count. */
    private static Attributes attributes(Path real, PosixFileAttributes seen) {
        int mode = Attributes.mode(seen.permissions());
        try {
            Map<String, Object> all = Files.readAttributes(real, "unix:mode,uid,gid,fileKey", NOFOLLOW_LINKS);
            if (Objects.equals(all.get("fileKey"), seen.fileKey())) {
                int bits = seen.isDirectory() ? Attributes.DIRECTORY_BITS : Attributes.FILE_BITS;
                Owner owner = Owner.of(number(all, "uid"), number(all, "gid"));
                return new Attributes(number(all, "mode") & bits, seen.lastModifiedTime(), owner);
            }
        } catch (IOException e) {
            // It was moved away meanwhile, which is told of its content.
        }
        return new Attributes(mode, seen.lastModifiedTime(), null);
    }

    private static int number(Map<String, Object> attributes, String name) {
        return (Integer) requireNonNull(attributes.get(name), name);
    }
}
