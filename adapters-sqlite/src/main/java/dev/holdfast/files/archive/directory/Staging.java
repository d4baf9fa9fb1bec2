package dev.holdfast.files.archive.directory;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.util.Objects.requireNonNull;

import dev.holdfast.disk.FullDisk;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.files.archive.member.ArchiveErrors;
import dev.holdfast.files.archive.member.ArchiveRejectedException;
import dev.holdfast.files.archive.member.Attributes;
import dev.holdfast.files.archive.member.Member;
import dev.holdfast.files.archive.member.MemberNames;
import dev.holdfast.files.archive.member.Owner;
import dev.holdfast.tree.LinkedPathException;
import dev.holdfast.tree.Mounts;
import dev.holdfast.tree.PathHandle;
import dev.holdfast.tree.SecureDirectories;
import dev.holdfast.tree.SiblingPaths;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A directory that is being filled where nobody else looks. Everything is opened from the directory above it and never
 * through a link, so that nothing is written outside even if somebody replaces a part of the way.
 */
public final class Staging implements AutoCloseable {
    private static final int DEFAULT_FILE = 0644;
    private static final int DEFAULT_DIRECTORY = 0755;
    private static final long UNKNOWN_TIME = Long.MIN_VALUE;
    private static final int CHUNK = 1 << 16;
    private static final long ROOM_STEP = 64L << 20;
    private static final FileAttribute<?> OWNER_ONLY_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<?> OWNER_ONLY_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    /** For messages and as the result. */
    private final Path shown;
    /** Its name in the folder that is held. */
    private final Path place;
    /** Leads to it whatever has its name. */
    private final Path top;

    private final List<PathHandle> held;
    private boolean discarded;
    private final Object identity;
    private final Path logFile;
    private final DataOutputStream log;
    private final boolean durable;
    /** Whose files these are to be; null if they stay the server's. */
    private final @Nullable PosixFileAttributes owner;

    /** Of the present top; negative if there is none. */
    private final int topMode;
    /** Whose the top was when the archive was written. */
    private @Nullable Owner recorded;

    private final Principals principals;
    private final List<String> names = new ArrayList<>();
    private final List<SecureDirectoryStream<Path>> open = new ArrayList<>();
    private long sinceRoom = ROOM_STEP;

    /** @param held the folder in which it is filled, and itself; empty in scratch */
    private Staging(
            Path shown, Path place, List<PathHandle> held, Path log, @Nullable PosixFileAttributes owner, int topMode)
            throws IOException {
        this.shown = shown;
        this.place = place;
        this.held = held;
        top = held.isEmpty() ? place : held.getLast().path();
        this.owner = owner;
        this.topMode = topMode;
        durable = owner != null;
        principals = new Principals(top.getFileSystem());
        identity = requireNonNull(SecureDirectories.identity(place), "the new directory is gone");
        logFile = log;
        this.log = new DataOutputStream(
                new BufferedOutputStream(Files.newOutputStream(log, StandardOpenOption.CREATE_NEW), CHUNK));
        try {
            open.add(SecureDirectories.open(top));
            note("", -1, null, null);
        } catch (IOException e) {
            this.log.close();
            throw e;
        }
    }

    /** In scratch. */
    public static Staging in(Path top, Path log) throws IOException {
        Files.createDirectory(top, OWNER_ONLY_DIRECTORY);
        try {
            return new Staging(top, top, List.of(), log, null, -1);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(top);
            throw e;
        }
    }

    /**
     * Next to {@code target}, which it is to replace: in the folder that is open when {@code check} is asked of the place.
     *
     * @param check throws if the target's path without links may not be replaced
     */
    public static Staging nextTo(Path target, Consumer<Path> check, Path log) throws IOException {
        Path real = ProtectedPaths.real(target);
        Path parent = requireNonNull(real.getParent(), "a source's directory has a parent");
        Path name = requireNonNull(real.getFileName(), "a source's directory has a name");
        List<PathHandle> held = new ArrayList<>();
        try {
            PathHandle folder = PathHandle.of(parent);
            held.add(folder);
            check.accept(real);
            if (!Files.isDirectory(folder.path())) {
                throw noFolder(parent, name);
            }
            return nextTo(real, folder.path().resolve(name), held, log);
        } catch (IOException | RuntimeException e) {
            held.forEach(PathHandle::close);
            if (e instanceof LinkedPathException) {
                throw new ProblemException(elsewhere(target), e);
            }
            if (e instanceof NoSuchFileException && held.isEmpty()) {
                throw noFolder(parent, name);
            }
            if (e instanceof FileSystemException known && isBelow(known, held)) {
                throw PathHandle.named(real, known);
            }
            throw e;
        }
    }

    private static boolean isBelow(FileSystemException failure, List<PathHandle> held) {
        return failure.getFile() != null
                && held.stream().anyMatch(it -> Path.of(failure.getFile()).startsWith(it.path()));
    }

    private static ProblemException noFolder(Path parent, Path name) {
        return new ProblemException(new Problem.BackupIncompatible(
                "There is no directory " + parent + " to restore " + name + " in; make it or mount it."));
    }

    static Problem elsewhere(Path target) {
        return new Problem.BackupIncompatible(
                target + " came to lead elsewhere while the backup was unpacked; restore again.");
    }

    private static Staging nextTo(Path real, Path present, List<PathHandle> held, Path log) throws IOException {
        boolean there = Files.isDirectory(present, NOFOLLOW_LINKS);
        if (there && Mounts.isMountPoint(real)) {
            throw new ProblemException(new Problem.BackupIncompatible(real
                    + " is a mount point, which cannot be replaced as a whole; mount its file system at a directory "
                    + "above, or restore the directory by hand from the downloaded archive."));
        }
        PathHandle folder = held.getFirst();
        PosixFileAttributes like = Files.readAttributes(
                there ? present : folder.path(),
                PosixFileAttributes.class,
                there ? new LinkOption[] {NOFOLLOW_LINKS} : new LinkOption[0]);
        // As a whole: a successor also has the bits that say whose its new files are.
        int mode = there
                ? (Integer) Files.getAttribute(present, "unix:mode", NOFOLLOW_LINKS) & Attributes.DIRECTORY_BITS
                : -1;
        Path place = SiblingPaths.staged(folder.path(), real);
        try {
            held.add(folder.folderBelow(place.getFileName()));
            return new Staging(real.resolveSibling(place.getFileName()), place, held, log, like, mode);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(place);
            throw e;
        }
    }

    Path top() {
        return shown;
    }

    /** @param path below the top; empty for the top itself */
    public void directory(String path, Member member) throws IOException {
        if (!path.isEmpty()) {
            enter(path);
        } else {
            recorded = member.owner();
        }
        note(path, member.mode(), member.modified(), member.owner());
    }

    public void file(String path, Member member, InputStream content) throws IOException {
        int slash = path.lastIndexOf('/');
        enter(slash < 0 ? "" : path.substring(0, slash));
        Path name = top.getFileSystem().getPath(path.substring(slash + 1));
        SecureDirectoryStream<Path> directory = open.getLast();
        try (FileChannel out = (FileChannel) directory.newByteChannel(
                name,
                Set.of(
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        NOFOLLOW_LINKS),
                OWNER_ONLY_FILE)) {
            fill(out, content, member.size()).require(out, shown.resolve(path));
            PosixFileAttributeView view =
                    directory.getFileAttributeView(name, PosixFileAttributeView.class, NOFOLLOW_LINKS);
            dress(view, member.mode() < 0 ? DEFAULT_FILE : member.mode(), member.modified(), member.owner());
            if (durable) {
                out.force(true);
            }
        } catch (FileAlreadyExistsException e) {
            throw ArchiveRejectedException.unfit(
                    "two names in the archive are one on this file system: " + MemberNames.shown(path));
        }
    }

    private ReadBack fill(FileChannel out, InputStream content, long size) throws IOException {
        requireRoom(size);
        var written = new ReadBack();
        byte[] chunk = new byte[CHUNK];
        for (int count = content.read(chunk); count >= 0; count = content.read(chunk)) {
            requireRoom(count);
            ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, count);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            written.wrote(chunk, count);
            sinceRoom += count;
        }
        return written;
    }

    private void requireRoom(long bytes) throws IOException {
        if (sinceRoom >= ROOM_STEP || bytes >= ROOM_STEP) {
            FullDisk.require(top, shown, bytes);
            sinceRoom = 0;
        }
    }

    /** Opens the directories on the way, and makes what is missing of them. */
    private void enter(String path) throws IOException {
        String[] way = path.isEmpty() ? new String[0] : path.split("/");
        int same = 0;
        while (same < Math.min(way.length, names.size()) && way[same].equals(names.get(same))) {
            same++;
        }
        leave(same);
        for (int i = same; i < way.length; i++) {
            Path name = top.getFileSystem().getPath(way[i]);
            SecureDirectoryStream<Path> parent = open.getLast();
            SecureDirectoryStream<Path> child;
            try {
                child = parent.newDirectoryStream(name, NOFOLLOW_LINKS);
            } catch (NoSuchFileException e) {
                String made = String.join("/", List.of(way).subList(0, i + 1));
                make(made);
                child = parent.newDirectoryStream(name, NOFOLLOW_LINKS);
                note(made, -1, null, null);
            }
            names.add(way[i]);
            open.add(child);
        }
    }

    /** Java cannot make a directory below an open one. Were the way replaced, an empty directory would be all. */
    private void make(String path) throws IOException {
        try {
            Files.createDirectory(top.resolve(path), OWNER_ONLY_DIRECTORY);
        } catch (FileSystemException e) {
            throw PathHandle.named(shown.resolve(path), e);
        }
    }

    private void leave(int levels) throws IOException {
        while (names.size() > levels) {
            names.removeLast();
            open.removeLast().close();
        }
    }

    /** A directory's mode and time can only be set when nothing more goes into it. */
    private void note(String path, int mode, @Nullable FileTime modified, @Nullable Owner whose) throws IOException {
        log.writeUTF(path);
        log.writeInt(mode);
        Instant time = modified == null ? null : modified.toInstant();
        log.writeLong(time == null ? UNKNOWN_TIME : time.getEpochSecond());
        log.writeInt(time == null ? 0 : time.getNano());
        log.writeInt(whose == null ? -1 : whose.uid());
        log.writeInt(whose == null ? -1 : whose.gid());
    }

    /** @return the top, complete and, next to a target, durable */
    public Path finish() throws IOException {
        log.close();
        try (DataInputStream notes =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(logFile), CHUNK))) {
            while (true) {
                finish(
                        notes.readUTF(),
                        notes.readInt(),
                        notes.readLong(),
                        notes.readInt(),
                        Owner.of(notes.readInt(), notes.readInt()));
            }
        } catch (EOFException e) {
            // All are done.
        }
        leave(0);
        if (durable) {
            SecureDirectories.sync(held.getFirst().path());
        }
        return shown;
    }

    private void finish(String path, int mode, long second, int nano, @Nullable Owner whose) throws IOException {
        int slash = path.lastIndexOf('/');
        FileTime time = second == UNKNOWN_TIME ? null : FileTime.from(Instant.ofEpochSecond(second, nano));
        enter(slash < 0 ? "" : path.substring(0, slash));
        PosixFileAttributeView view = path.isEmpty()
                ? open.getLast().getFileAttributeView(PosixFileAttributeView.class)
                : open.getLast()
                        .getFileAttributeView(
                                top.getFileSystem().getPath(path.substring(slash + 1)),
                                PosixFileAttributeView.class,
                                NOFOLLOW_LINKS);
        if (durable) {
            SecureDirectories.sync(top.resolve(path));
        }
        int known = path.isEmpty() && topMode >= 0 ? topMode : mode;
        dress(view, known >= 0 ? known : DEFAULT_DIRECTORY, time, whose);
        if (durable && known > 0777) {
            DirectoryModes.set(place, identity, path, known);
        }
    }

    private void dress(PosixFileAttributeView view, int mode, @Nullable FileTime modified, @Nullable Owner whose)
            throws IOException {
        if (owner != null) {
            giveTo(view, owner.owner(), owner.group());
            giveBack(view, owner, whose);
        }
        view.setPermissions(Attributes.permissions(mode));
        if (modified != null) {
            view.setTimes(modified, null, null);
        }
    }

    /** What belonged to the directory's owner belongs to its present one; the rest to whom it belonged. */
    private void giveBack(PosixFileAttributeView view, PosixFileAttributes present, @Nullable Owner whose)
            throws IOException {
        if (whose == null) {
            return;
        }
        Owner before = topMode >= 0 ? recorded : null;
        boolean sameUser = before != null && before.uid() == whose.uid();
        boolean sameGroup = before != null && before.gid() == whose.gid();
        giveTo(
                view,
                sameUser ? present.owner() : principals.user(whose.uid()),
                sameGroup ? present.group() : principals.group(whose.gid()));
    }

    /** Only root may give files away; whoever else restores keeps them. */
    private static void giveTo(PosixFileAttributeView view, UserPrincipal user, GroupPrincipal group)
            throws IOException {
        PosixFileAttributes now = view.readAttributes();
        try {
            if (!now.group().equals(group)) {
                view.setGroup(group);
            }
            if (!now.owner().equals(user)) {
                view.setOwner(user);
            }
        } catch (FileSystemException e) {
            // The second: a container that has no such user.
            if (!ArchiveErrors.reason(e).contains("not permitted")
                    && !ArchiveErrors.reason(e).contains("Invalid argument")) {
                throw e;
            }
        }
    }

    /** Removes what is there, unless it was moved away. It stays open until then. */
    void discard() throws IOException {
        close();
        if (discarded) {
            return;
        }
        discarded = true;
        try {
            if (identity.equals(SecureDirectories.identity(place))) {
                SecureDirectories.delete(place);
            }
        } finally {
            held.forEach(PathHandle::close);
        }
    }

    @Override
    public void close() throws IOException {
        log.close();
        leave(0);
        for (SecureDirectoryStream<Path> stream : open) {
            stream.close();
        }
    }
}
