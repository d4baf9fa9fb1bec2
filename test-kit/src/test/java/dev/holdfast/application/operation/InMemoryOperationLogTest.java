package dev.holdfast.application.operation;

/** The stand-in keeps what the real log promises, so that tests built on it can be believed. */
class InMemoryOperationLogTest extends OperationLogContract {
    @Override
    protected OperationLog emptyLog() {
        return new InMemoryOperationLog();
    }
}
