package dev.holdfast.application.store;

import org.junit.jupiter.api.Tag;

/** The stand-in keeps what a real store promises, so that tests built on it can be believed. */
@Tag("unit")
class InMemoryBackupStoreTest extends BackupStoreContract {
    private final InMemoryBackupStore store = new InMemoryBackupStore();

    @Override
    protected BackupStore emptyStore() {
        return store;
    }

    @Override
    protected BackupStore reopenedStore() {
        return store;
    }

    @Override
    protected BackupStore storeOfAnotherServer() {
        return store.ofAnotherServer();
    }
}
