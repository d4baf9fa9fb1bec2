package dev.holdfast.application.operation;

import dev.holdfast.domain.operation.Operation;

/** Is told of operations. Called by the thread that ran the operation; returns quickly and throws nothing. */
public interface OperationEvents {
    OperationEvents NONE = operation -> {};

    /** The operation is in a final state, and that is kept. */
    void ended(Operation operation);
}
