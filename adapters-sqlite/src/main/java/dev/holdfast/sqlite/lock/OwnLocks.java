package dev.holdfast.sqlite.lock;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The locks of this process on one file, as the kernel lists them in {@code /proc}. */
public final class OwnLocks {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final Path DETAILS = Path.of("/proc/self/fdinfo");
    private static final Path ALL = Path.of("/proc/locks");
    private static final String MARK = "lock:";

    private OwnLocks() {}

    /**
     * One lock.
     *
     * @param descriptor of this process, through which the lock was taken; -1 if unknown
     * @param line as the kernel prints it, without the ordinal: kind, mode, type, process, file, first and last byte
     */
    record Lock(int descriptor, String line) {
        /** Whether the lock belongs to an open file description, not to the process. */
        boolean isOfDescription() {
            return line.startsWith("OFDLCK");
        }

        boolean overlaps(long start, long length) {
            String[] words = line.split(" +", -1);
            long first = Long.parseLong(words[words.length - 2]);
            String last = words[words.length - 1];
            return first < start + length && (last.equals("EOF") || Long.parseLong(last) >= start);
        }

        /** Device and inode, as {@code major:minor:inode}. */
        String file() {
            String[] words = line.split(" +", -1);
            return words[words.length - 3];
        }

        long process() {
            String[] words = line.split(" +", -1);
            return Long.parseLong(words[words.length - 4]);
        }
    }

    /** Returns the locks on the file that {@code descriptor} has open, taken through any descriptor. */
    static List<Lock> on(int descriptor) throws IOException {
        Path own = DESCRIPTORS.resolve(Integer.toString(descriptor));
        FileId file = FileId.of(own);
        FileSystemOfDescriptors fileSystem = FileSystemOfDescriptors.of(own);
        List<Lock> locks = new ArrayList<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path other : descriptors) {
                try {
                    if (fileSystem.mayHold(other) && FileId.of(other).equals(file)) {
                        locks.addAll(locksOf(other.getFileName().toString()));
                    }
                } catch (NoSuchFileException e) {
                    // Another thread has closed it: it is none of this file, whose gate this thread has.
                }
            }
        }
        return locks;
    }

    private static List<Lock> locksOf(String descriptor) throws IOException {
        return FileSystemOfDescriptors.lines(DETAILS.resolve(descriptor)).stream()
                .filter(line -> line.startsWith(MARK))
                .map(line -> new Lock(Integer.parseInt(descriptor), withoutOrdinal(line.substring(MARK.length()))))
                .toList();
    }

    private static String withoutOrdinal(String line) {
        return line.substring(line.indexOf(':') + 1).trim();
    }

    /** Returns whether the list of all locks has more locks on these bytes of the file than this process's own. */
    static boolean areAmongOthers(List<Lock> own, long start, long length) throws IOException {
        String file = own.getFirst().file();
        List<String> others = new ArrayList<>(
                all(file, start, length).stream().map(Lock::line).toList());
        own.forEach(lock -> others.remove(lock.line()));
        return !others.isEmpty();
    }

    /**
     * Returns the processes with locks on these bytes. The list of all locks lacks processes of other PID namespaces, and
     * an open file description has no process.
     *
     * @param file as {@link Lock#file} names it
     */
    public static Set<Long> processesOn(String file, long start, long length) throws IOException {
        return all(file, start, length).stream()
                .map(Lock::process)
                .filter(process -> process > 0)
                .collect(Collectors.toSet());
    }

    /** Returns whether the process has this file open; empty if this process may not see that. */
    public static Optional<Boolean> hasOpen(long process, Path file) throws IOException {
        FileId wanted = FileId.of(file);
        FileSystemOfDescriptors fileSystem = FileSystemOfDescriptors.ofFile(file);
        try (DirectoryStream<Path> descriptors =
                Files.newDirectoryStream(Path.of("/proc", Long.toString(process), "fd"))) {
            for (Path descriptor : descriptors) {
                if (isOf(descriptor, wanted, fileSystem)) {
                    return Optional.of(true);
                }
            }
            return Optional.of(false);
        } catch (IOException | DirectoryIteratorException e) {
            return Optional.empty();
        }
    }

    /** Returns the inodes of files that the process has open, and that had this name before they were removed. */
    public static Set<Long> removedFiles(long process, Path name) {
        Set<Long> removed = new HashSet<>();
        String end = "/" + name + " (deleted)";
        try (DirectoryStream<Path> descriptors =
                Files.newDirectoryStream(Path.of("/proc", Long.toString(process), "fd"))) {
            for (Path descriptor : descriptors) {
                if (isNamed(descriptor, end)) {
                    removed.add((Long) requireNonNull(Files.getAttribute(descriptor, "unix:ino")));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return removed; // it has ended, or this process may not see it
        }
        return removed;
    }

    private static boolean isNamed(Path descriptor, String end) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString().endsWith(end);
        } catch (NoSuchFileException e) {
            return false; // closed meanwhile
        }
    }

    private static boolean isOf(Path descriptor, FileId file, FileSystemOfDescriptors fileSystem) throws IOException {
        try {
            return fileSystem.mayHold(descriptor) && FileId.of(descriptor).equals(file);
        } catch (NoSuchFileException e) {
            return false; // closed meanwhile
        }
    }

    private static List<Lock> all(String file, long start, long length) throws IOException {
        if (!Files.isReadable(ALL)) {
            return List.of();
        }
        return Files.readAllLines(ALL).stream()
                .map(line -> new Lock(-1, withoutOrdinal(line)))
                .filter(lock -> !lock.line().startsWith("->")) // waits for the lock
                .filter(lock -> !lock.line().startsWith("FLOCK") && lock.line().split(" +", -1).length == 7)
                .filter(lock -> lock.file().equals(file) && lock.overlaps(start, length))
                .toList();
    }

    /** What makes a file the same under another name. */
    private record FileId(Object device, Object inode) {
        static FileId of(Path path) throws IOException {
            var attributes = Files.readAttributes(path, "unix:dev,ino");
            return new FileId(requireNonNull(attributes.get("dev")), requireNonNull(attributes.get("ino")));
        }
    }
}
