package dev.holdfast.files;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.holdfast.domain.backup.BackupKey;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/** Records in metadata that its artifact was seen to be missing, or was exchanged, while the server runs. */
final class Absences {
    private static final System.Logger LOG = System.getLogger(Absences.class.getName());

    private final Folders folders;
    private final MetadataFiles metadata;
    private final KeyLocks locks;
    private final InstantSource clock;

    Absences(Folders folders, MetadataFiles metadata, KeyLocks locks, InstantSource clock) {
        this.folders = folders;
        this.metadata = metadata;
        this.locks = locks;
        this.clock = clock;
    }

    /**
     * Does nothing if the metadata has changed since it was read, as it has when the backup was deleted.
     *
     * @param read the stamp of the metadata when it was read
     * @return false if it cannot be recorded now; the caller has to remember it
     */
    boolean record(BackupKey key, FileStamp read) {
        Path file = folders.metadata(key.value());
        try {
            return locks.tryHolding(key, () -> {
                if (read.equals(FileStamp.of(file)) && isAtRest(file)) {
                    metadata.markAway(List.of(file), clock.instant());
                }
                return file;
            });
        } catch (NoSuchFileException e) {
            return true; // deleted meanwhile
        } catch (IOException | ProblemException e) {
            LOG.log(System.Logger.Level.DEBUG, "The absence of backup " + key + " cannot be recorded", e);
            return false;
        }
    }

    /** Returns whether no other server is just removing the backup, which gives the metadata a second name. */
    private static boolean isAtRest(Path file) throws IOException {
        return ((Integer) Files.getAttribute(file, "unix:nlink", NOFOLLOW_LINKS)) == 1;
    }
}
