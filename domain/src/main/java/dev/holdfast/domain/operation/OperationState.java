package dev.holdfast.domain.operation;

/** Where an operation stands. */
public enum OperationState {
    RUNNING,
    SUCCEEDED,
    FAILED,
    CANCELLED;

    /** Whether nothing about it changes any more. */
    public boolean isFinal() {
        return this != RUNNING;
    }
}
