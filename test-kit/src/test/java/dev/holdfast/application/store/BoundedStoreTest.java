package dev.holdfast.application.store;

import dev.holdfast.application.filesystem.BoundedStore;
import dev.holdfast.application.filesystem.CallLimits;
import dev.holdfast.application.filesystem.FileSystemCalls;
import dev.holdfast.application.filesystem.RepeatedProbes;
import dev.holdfast.domain.problem.Problem;
import java.time.InstantSource;
import org.junit.jupiter.api.Tag;

/** Bounds take nothing away from what a store promises. */
@Tag("unit")
class BoundedStoreTest extends BackupStoreContract {
    private final InMemoryBackupStore store = new InMemoryBackupStore();

    @Override
    protected BackupStore emptyStore() {
        return bounded(store);
    }

    @Override
    protected BackupStore reopenedStore() {
        return bounded(store);
    }

    @Override
    protected BackupStore storeOfAnotherServer() {
        return bounded(store.ofAnotherServer());
    }

    private static BackupStore bounded(BackupStore store) {
        return new BoundedStore(
                store,
                new FileSystemCalls(
                        "store",
                        () -> {},
                        (_, _) -> new Problem.StoreUnavailable("hangs"),
                        CallLimits.USUAL,
                        InstantSource.system(),
                        Runnable::run,
                        new RepeatedProbes(() -> ""),
                        () -> {},
                        () -> false));
    }
}
