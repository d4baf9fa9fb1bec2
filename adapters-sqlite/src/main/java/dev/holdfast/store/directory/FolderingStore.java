package dev.holdfast.store.directory;

import dev.holdfast.application.store.IdentifiedStore;
import java.nio.file.Path;
import java.util.List;

/**
 * A store whose backups are in a backup directory and in folders that clients have chosen since. All of them are one store: a
 * name is taken in all, and a backup is found in whichever has it. See {@code docs/internals/backup-folders.md}.
 */
public interface FolderingStore extends IdentifiedStore {
    /** The folder that new backups go to; the backup directory unless a client has chosen another one. */
    Path chosen();

    /** The folders that held backups when the store was last used. Asks no file system. */
    List<Path> folders();

    /**
     * Makes a folder, if it is missing, and opens it. Nothing goes there before {@link Choice#commit}.
     *
     * @param folder an absolute path without links and without {@code ..}
     * @throws FolderRefusedException if no backup can go there; then nothing was made
     */
    Choice choose(Path folder) throws FolderRefusedException;

    /** A folder that new backups can go to. */
    interface Choice {
        /** Has new backups go there. Durable when this returns. */
        void commit();

        /** Removes what was made for it. Not after {@link #commit}. */
        void undo();
    }

    /** The folder cannot hold backups of the database. */
    final class FolderRefusedException extends Exception {
        private static final long serialVersionUID = 1;

        private final boolean forbidden;

        FolderRefusedException(boolean forbidden, String message) {
            super(message);
            this.forbidden = forbidden;
        }

        /** Returns whether it is not allowed, and not merely out of reach. */
        public boolean isForbidden() {
            return forbidden;
        }

        /** A sentence for a person. */
        public String reason() {
            return String.valueOf(getMessage());
        }
    }
}
