package dev.holdfast.store.metadata;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.store.folder.FileStamp;
import dev.holdfast.store.folder.Folders;
import dev.holdfast.store.folder.KeyLocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Records in metadata that its artifact was seen to be missing, or was exchanged, while the server runs. */
public final class Absences {
    private static final System.Logger LOG = System.getLogger(Absences.class.getName());

    private final Folders folders;
    private final MetadataFiles metadata;
    private final KeyLocks locks;
    private final InstantSource clock;

    public Absences(Folders folders, MetadataFiles metadata, KeyLocks locks, InstantSource clock) {
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
    public boolean record(BackupKey key, FileStamp read) {
        Path file = folders.metadata(key.value());
        AtomicBoolean recorded = new AtomicBoolean();
        try {
            return locks.tryHolding(key, () -> {
                        if (!read.equals(FileStamp.of(file))) {
                            recorded.set(true);
                        } else if (isAtRest(file)) {
                            metadata.markAway(List.of(file), clock.instant());
                            recorded.set(true);
                        }
                        return file;
                    })
                    && recorded.get();
        } catch (NoSuchFileException e) {
            return true; // deleted meanwhile
        } catch (IOException | ProblemException e) {
            LOG.log(System.Logger.Level.DEBUG, "The absence of backup " + key + " cannot be recorded", e);
            return false;
        }
    }

    /**
     * Returns whether no server is just publishing or removing the backup, which gives the metadata a second name in
     * {@code part/}. Any other further name is another program's, for example that of a snapshot of hard links. Some file
     * systems do not count the names.
     */
    private boolean isAtRest(Path file) throws IOException {
        if (((Integer) Files.getAttribute(file, "unix:nlink", NOFOLLOW_LINKS)) == 1) {
            return true;
        }
        Object metadataKey = fileKey(file);
        for (Path part : folders.ownFilesIn(folders.part())) {
            if (metadataKey == null || metadataKey.equals(fileKeyIfThere(part))) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable Object fileKeyIfThere(Path part) throws IOException {
        try {
            return fileKey(part);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static @Nullable Object fileKey(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS)
                .fileKey();
    }
}
