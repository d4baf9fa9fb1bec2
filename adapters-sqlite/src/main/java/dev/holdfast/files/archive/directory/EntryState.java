package dev.holdfast.files.archive.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.util.Objects.requireNonNull;

import dev.holdfast.files.archive.member.Attributes;
import dev.holdfast.files.archive.member.Owner;
import dev.holdfast.tree.PathHandle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;

/** A file or directory as it was when it was looked at: all that is asked of it, in one call. */
record EntryState(int mode, int uid, int gid, Object key, long size, FileTime modified) {
    private static final String WANTED = "unix:mode,uid,gid,fileKey,size,lastModifiedTime";
    private static final int KIND = 0170000;
    private static final int DIRECTORY = 0040000;
    private static final int REGULAR = 0100000;
    private static final int LINK = 0120000;

    static EntryState of(PathHandle file) throws IOException {
        return of(file.attributes(WANTED));
    }

    static EntryState at(PathHandle directory, Path name) throws IOException {
        return of(Files.readAttributes(directory.path().resolve(name), WANTED, NOFOLLOW_LINKS));
    }

    private static EntryState of(Map<String, Object> all) {
        return new EntryState(
                (Integer) value(all, "mode"),
                (Integer) value(all, "uid"),
                (Integer) value(all, "gid"),
                value(all, "fileKey"),
                (Long) value(all, "size"),
                (FileTime) value(all, "lastModifiedTime"));
    }

    private static Object value(Map<String, Object> all, String name) {
        return requireNonNull(all.get(name), name);
    }

    boolean isDirectory() {
        return (mode & KIND) == DIRECTORY;
    }

    boolean isRegular() {
        return (mode & KIND) == REGULAR;
    }

    boolean isLink() {
        return (mode & KIND) == LINK;
    }

    Attributes attributes() {
        int bits = isDirectory() ? Attributes.DIRECTORY_BITS : Attributes.FILE_BITS;
        return new Attributes(mode & bits, modified, Owner.of(uid, gid));
    }
}
