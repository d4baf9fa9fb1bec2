package dev.holdfast.application.snapshot;

import dev.holdfast.domain.problem.Problem;

/** The result of comparing a source with what it was when its image was pinned. */
public sealed interface Confirmation {
    Confirmation UNCHANGED = new Unchanged();

    /** The bytes that were read are one committed state. */
    record Unchanged() implements Confirmation {}

    /**
     * The source changed although its lock was held, so the bytes that were read may mix two states.
     *
     * @param problem names the cause
     */
    record Changed(Problem problem) implements Confirmation {}
}
