package dev.holdfast.files;

import java.io.IOException;

/** A change that failed too late: it may have happened, or what it made remains. */
final class UncertainChangeException extends IOException {
    private static final long serialVersionUID = 1;

    private final IOException failure;
    private final String advice;

    /** @param advice what may be so now, and what to do; a sentence or more for the user */
    UncertainChangeException(IOException failure, String advice) {
        super(failure);
        this.failure = failure;
        this.advice = advice;
    }

    /** Why it failed. */
    IOException failure() {
        return failure;
    }

    String advice() {
        return advice;
    }
}
