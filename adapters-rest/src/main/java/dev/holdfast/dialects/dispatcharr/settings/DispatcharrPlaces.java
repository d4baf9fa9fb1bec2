package dev.holdfast.dialects.dispatcharr.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where things lie that a client of the job API may name. Asked only while the dialect is served. */
public interface DispatcharrPlaces {
    /** The backup directory of the settings. */
    Path backups();

    /** The folder that new backups go to: the backup directory, or one that a client has chosen since. */
    Path chosen();

    /**
     * Looks whether new backups can go to a folder, and makes it if it is missing.
     *
     * @param text as the client sent it; a relative path is below {@link #backups}
     */
    Choice choose(String text);

    /** Why these directories cannot belong to the backups too, for a person; empty if they can. */
    Optional<String> refusal(List<Path> extra);

    /** What a folder is that a client has named. */
    sealed interface Choice {
        /** @param reason a sentence for a person */
        record Forbidden(String reason) implements Choice {}

        /** @param reason for a person */
        record Inaccessible(String reason) implements Choice {}

        /**
         * It can be used.
         *
         * @param commit has new backups go there
         * @param undo removes what was made for it, instead
         */
        record Open(Runnable commit, Runnable undo) implements Choice {}
    }
}
