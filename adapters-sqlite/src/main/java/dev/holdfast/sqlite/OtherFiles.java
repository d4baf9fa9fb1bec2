package dev.holdfast.sqlite;

import dev.holdfast.tree.FileIdentity;
import java.util.Map;
import java.util.Optional;

/**
 * The files that one operation must not open, as they were when it began: those of the server and of other databases.
 *
 * @param owners whose they are, as a message names it
 */
record OtherFiles(Map<FileIdentity, String> owners) {
    static final OtherFiles NONE = new OtherFiles(Map.of());

    OtherFiles {
        owners = Map.copyOf(owners);
    }

    Optional<String> owner(FileIdentity file) {
        return Optional.ofNullable(owners.get(file));
    }
}
