package dev.holdfast.application.operation;

/**
 * Names the moments between two changes of state, so that a test can make the process die there. A production server
 * uses {@link #NONE}.
 */
@FunctionalInterface
public interface FailPoints {
    FailPoints NONE = step -> {};

    /** @param step for example {@code store.renamed}; each name stands in one place of the code */
    void reached(String step);
}
