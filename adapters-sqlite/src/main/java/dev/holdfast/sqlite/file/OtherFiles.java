package dev.holdfast.sqlite.file;

import dev.holdfast.tree.FileIdentity;
import dev.holdfast.tree.Identities;
import dev.holdfast.tree.PathHandle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files that one operation must not open, as they were when it began: those of the server and of other databases.
 *
 * @param files by what they were
 */
record OtherFiles(Map<FileIdentity, List<Other>> files) {
    static final OtherFiles NONE = new OtherFiles(Map.of());

    OtherFiles {
        files = Map.copyOf(files);
    }

    /**
     * @param owner whose the file is, as a message names it
     * @param withoutLinks whether links on the path are not to be followed
     * @param sidecar whether programs make and remove the file while they use its database
     */
    record Other(Path path, String owner, boolean withoutLinks, boolean sidecar) {
        /** Then another file can have its inode. A main file that has gone was renamed, and is still its owner's. */
        private boolean hasGone(FileIdentity file) {
            return sidecar && Identities.hasLeft(file, path, withoutLinks);
        }
    }

    /** @param held so that its inode cannot become another file's while others are looked at again */
    Optional<String> owner(PathHandle held) throws IOException {
        FileIdentity file = held.identity();
        return files.getOrDefault(file, List.of()).stream()
                .filter(it -> !it.hasGone(file))
                .map(Other::owner)
                .findFirst();
    }
}
