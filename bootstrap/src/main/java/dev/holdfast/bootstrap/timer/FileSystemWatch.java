package dev.holdfast.bootstrap.timer;

import dev.holdfast.application.filesystem.FileSystems;
import dev.holdfast.application.notice.HangNotices;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.tree.MountTable;
import io.micronaut.scheduling.TaskScheduler;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks all file systems once a second whether they answer, and has the operations and notices look at that. */
public final class FileSystemWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileSystemWatch.class);
    private static final Duration EVERY = Duration.ofSeconds(1);

    private final FileSystems fileSystems;
    private final OperationRunner operations;
    private final HangNotices notices;
    private final RepeatedTask task;

    public FileSystemWatch(
            TaskScheduler scheduler, FileSystems fileSystems, OperationRunner operations, HangNotices notices) {
        this.fileSystems = fileSystems;
        this.operations = operations;
        this.notices = notices;
        task = new RepeatedTask(scheduler, EVERY, "Looking at the file systems", this::look);
    }

    public void start() {
        task.start();
    }

    private void look() {
        operations.look();
        notices.look();
        fileSystems.probe();
    }

    /** Asks the file system that a path is on, by {@code statvfs}: it opens nothing, and is answered from no cache of NFS or FUSE. */
    public static void ask(Path path) {
        @Nullable File file = path.toAbsolutePath().toFile();
        while (file != null && file.getTotalSpace() == 0) { // so it is for a path that does not exist
            file = file.getParentFile();
        }
    }

    /** What is mounted where, or nothing if the table cannot be read. Asks no file system. */
    public static Optional<MountTable> mounts() {
        try {
            return Optional.of(MountTable.read());
        } catch (IOException e) {
            LOG.debug("The list of mounted file systems cannot be read", e);
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        task.close();
    }
}
