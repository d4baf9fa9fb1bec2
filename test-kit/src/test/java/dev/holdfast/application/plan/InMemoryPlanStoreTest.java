package dev.holdfast.application.plan;

import org.junit.jupiter.api.Tag;

/** The stand-in keeps what the real store promises, so that tests built on it can be believed. */
@Tag("unit")
class InMemoryPlanStoreTest extends PlanStoreContract {
    private final InMemoryPlanStore store = new InMemoryPlanStore();

    @Override
    protected PlanStore store() {
        return store;
    }

    @Override
    protected Audit audit() {
        return store;
    }

    @Override
    protected void reopen() {
        // What is in memory lives as long as the test.
    }
}
