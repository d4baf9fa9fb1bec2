package dev.holdfast.tree;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.util.Objects.requireNonNull;

import dev.holdfast.domain.backup.FileOwnership;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Owners and modes of files by their numbers: names may mean another user on another machine. Nothing follows a link,
 * so that an application that may write in a folder cannot have another file given to it.
 */
public final class FileOwners {
    private static final int PERMISSIONS = 0777;
    private static final int STICKY = 01000;
    private static final int READ_AND_WRITE = 0666;
    private static final int WRITE_OF_OTHERS = 02;

    private FileOwners() {}

    /** Returns what {@code file} has, over links; empty if it is missing or its file system has no owners. */
    public static Optional<FileOwnership> of(Path file) {
        try {
            return Optional.of(read(file));
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static FileOwnership read(Path file, LinkOption... options) throws IOException {
        Map<String, Object> seen = Files.readAttributes(file, "unix:uid,gid,mode", options);
        return new FileOwnership(number(seen, "uid"), number(seen, "gid"), number(seen, "mode") & PERMISSIONS);
    }

    private static int number(Map<String, Object> attributes, String name) {
        return (Integer) requireNonNull(attributes.get(name), name);
    }

    /**
     * Returns what a new file in {@code folder} gets if nothing else is known of it: the folder's owner and group, and of
     * its permissions those to read and write. Never more than the folder gives: in one with the sticky bit others may
     * add files, but not change them.
     */
    public static Optional<FileOwnership> likeFolder(Path folder) {
        try {
            Map<String, Object> seen = Files.readAttributes(folder, "unix:uid,gid,mode");
            int mode = number(seen, "mode");
            int given = mode & READ_AND_WRITE & ((mode & STICKY) == 0 ? PERMISSIONS : ~WRITE_OF_OTHERS);
            return Optional.of(new FileOwnership(number(seen, "uid"), number(seen, "gid"), given));
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * Sets owner, group and permissions as far as the server may. Where the file cannot get its owner or its group, it
     * gets no permission for others than its owner that it was not made with.
     *
     * @return what the file has if that is something else than {@code wanted}; empty otherwise
     */
    public static Optional<FileOwnership> give(Path file, FileOwnership wanted) throws IOException {
        return give(file, wanted, NOFOLLOW_LINKS);
    }

    /** As {@link #give(Path, FileOwnership)}, to what was opened, whatever has its name by now. */
    public static Optional<FileOwnership> give(PathHandle file, FileOwnership wanted) throws IOException {
        return give(file.path(), wanted, file.options());
    }

    private static Optional<FileOwnership> give(Path file, FileOwnership wanted, LinkOption... options)
            throws IOException {
        FileOwnership made = read(file, options);
        if (made.gid() != wanted.gid()) {
            attempt(file, "unix:gid", wanted.gid(), options);
        }
        if (made.uid() != wanted.uid()) {
            attempt(file, "unix:uid", wanted.uid(), options);
        }
        FileOwnership now = read(file, options);
        // The permissions of a group are for the group that they were recorded of.
        int mode = now.gid() == wanted.gid() ? wanted.mode() : wanted.mode() & 0707;
        if (now.mode() != mode) {
            attempt(file, "unix:mode", mode, options);
        }
        FileOwnership given = read(file, options);
        return given.equals(wanted) ? Optional.empty() : Optional.of(given);
    }

    /** Only root may give files away, and some file systems have no owners. */
    private static void attempt(Path file, String attribute, int value, LinkOption... options) throws IOException {
        try {
            Files.setAttribute(file, attribute, value, options);
        } catch (FileSystemException e) {
            String reason = String.valueOf(e.getReason());
            // The second: a container that has no such user.
            if (!reason.contains("not permitted")
                    && !reason.contains("Invalid argument")
                    && !reason.contains("not supported")
                    && !reason.contains("Permission denied")) {
                throw e;
            }
        } catch (UnsupportedOperationException e) {
            // It stays as it is, which is reported.
        }
    }
}
