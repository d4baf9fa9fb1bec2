package dev.holdfast.application.operation;

import org.junit.jupiter.api.Tag;

/** The stand-in keeps what the real log promises, so that tests built on it can be believed. */
@Tag("unit")
class InMemoryOperationLogTest extends OperationLogContract {
    @Override
    protected OperationLog emptyLog() {
        return new InMemoryOperationLog();
    }
}
