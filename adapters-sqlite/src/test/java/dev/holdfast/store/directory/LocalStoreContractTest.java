package dev.holdfast.store.directory;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.BackupStoreContract;
import dev.holdfast.application.store.KnownStores;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

@Tag("adapter")
@Tag("slow")
class LocalStoreContractTest extends BackupStoreContract {
    @TempDir
    private Path directory;

    /** Of each server, as its catalogue. */
    private final Map<String, KnownStores> known = new HashMap<>();

    @Override
    protected BackupStore emptyStore() {
        return reopenedStore();
    }

    @Override
    protected BackupStore reopenedStore() {
        return storeOf("server");
    }

    @Override
    protected BackupStore storeOfAnotherServer() {
        return storeOf("other");
    }

    private BackupStore storeOf(String server) {
        return LocalStore.in(
                TestStore.setup(
                        directory.resolve("backups"),
                        server,
                        known.computeIfAbsent(server, _ -> KnownStores.inMemory())),
                Clock.systemUTC(),
                FailPoints.NONE);
    }
}
