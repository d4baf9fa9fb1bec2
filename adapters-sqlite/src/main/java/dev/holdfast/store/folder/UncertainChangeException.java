package dev.holdfast.store.folder;

import dev.holdfast.domain.identity.BackupKey;
import java.io.IOException;

/** A change that failed too late: it may have happened, or what it made remains. */
public final class UncertainChangeException extends IOException {
    private static final long serialVersionUID = 1;

    private final IOException failure;
    private final String advice;

    /** @param advice what may be so now, and what to do; a sentence or more for the user */
    public UncertainChangeException(IOException failure, String advice) {
        super(failure);
        this.failure = failure;
        this.advice = advice;
    }

    /** The advice about a backup whose metadata may have changed. */
    public static String maybeChanged(BackupKey key) {
        return "What was asked for may have happened all the same; look at the backup \"" + key
                + "\" once the directory can be read.";
    }

    /** Why it failed. */
    IOException failure() {
        return failure;
    }

    String advice() {
        return advice;
    }
}
