package dev.holdfast.sqlite.lock;

import dev.holdfast.tree.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The file system that a file is on, to be compared with those of open descriptors. Only the texts of {@code /proc} are
 * read: a descriptor on a file system that hangs must not hold up an operation of another one. See proc_pid_fdinfo(5).
 */
final class FileSystemOfDescriptors {
    private static final String MOUNT = "mnt_id:";
    private static final String INODE = "ino:";
    private static final int MAX_ATTEMPTS = 20;

    private final MountTable mounts;
    private final Optional<String> device;
    private final Optional<String> inode;

    private FileSystemOfDescriptors(MountTable mounts, Optional<String> device, Optional<String> inode) {
        this.mounts = mounts;
        this.device = device;
        this.inode = inode;
    }

    /** @param descriptor as in {@code /proc/self/fd} */
    static FileSystemOfDescriptors of(Path descriptor) throws IOException {
        MountTable mounts = MountTable.read();
        return new FileSystemOfDescriptors(
                mounts, detail(descriptor, MOUNT).flatMap(mounts::device), detail(descriptor, INODE));
    }

    /** @param file by its path without links */
    static FileSystemOfDescriptors ofFile(Path file) throws IOException {
        MountTable mounts = MountTable.read();
        return new FileSystemOfDescriptors(mounts, mounts.of(file).map(MountTable.Mount::device), Optional.empty());
    }

    /**
     * Returns whether the descriptor may be of a file there. A mount that is not in the table was unmounted while the file was
     * open, or is another namespace's. Then the number of the inode decides, if it is known.
     *
     * @param descriptor as in {@code /proc/PID/fd}
     */
    boolean mayHold(Path descriptor) throws IOException {
        Optional<String> other = detail(descriptor, MOUNT).flatMap(mounts::device);
        if (other.isPresent() && device.isPresent()) {
            return other.equals(device);
        }
        Optional<String> otherInode = detail(descriptor, INODE);
        return inode.isEmpty() || otherInode.isEmpty() || otherInode.equals(inode);
    }

    private static Optional<String> detail(Path descriptor, String name) throws IOException {
        Path details = descriptor.resolveSibling("../fdinfo").resolve(descriptor.getFileName());
        try {
            return lines(details.normalize()).stream()
                    .filter(it -> it.startsWith(name))
                    .map(it -> it.substring(name.length()).strip())
                    .findFirst();
        } catch (NoSuchFileException e) {
            return Optional.empty(); // closed meanwhile
        }
    }

    /**
     * Reads what the kernel says of a descriptor.
     *
     * @param details as in {@code /proc/PID/fdinfo}
     * @throws NoSuchFileException if the descriptor was closed meanwhile
     */
    static List<String> lines(Path details) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return Files.readAllLines(details);
            } catch (NoSuchFileException e) {
                throw e;
            } catch (IOException e) {
                // Closed between the opening and the reading of its details, which Java reports without the reason. The
                // number may be that of another file by now.
                if (attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }
}
