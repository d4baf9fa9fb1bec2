package dev.holdfast.store.folder;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Says which folders may hold backups of a database, in addition to its backup directory. Asked at every operation. */
public interface FolderRule {
    /**
     * Returns why the folder must not hold backups now; empty if it may.
     *
     * @param folder an absolute path without links
     * @return completes a sentence that begins with the folder: "is not below …"
     */
    Optional<String> refusal(Path folder);

    /** Returns the folder of the settings that allows this one: the same, or one above. Empty if there is none. */
    Optional<Path> allowedBy(Path folder);

    /** Returns whether new backups go to the folder that a client has chosen, and not to the backup directory. */
    boolean isChoiceInForce();

    /** Reports the folders that hold backups now, so that another part looks whether their file systems answer. */
    void watch(List<Path> folders);

    /** A rule that allows no folder. */
    FolderRule NONE = new FolderRule() {
        @Override
        public Optional<String> refusal(Path folder) {
            return Optional.of("is not the backup directory");
        }

        @Override
        public Optional<Path> allowedBy(Path folder) {
            return Optional.empty();
        }

        @Override
        public boolean isChoiceInForce() {
            return false;
        }

        @Override
        public void watch(List<Path> folders) {
            // There are none.
        }
    };
}
