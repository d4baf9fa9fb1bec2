package dev.holdfast.files;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.BackupStoreContract;
import dev.holdfast.domain.database.DatabaseName;
import dev.holdfast.domain.naming.Naming;
import dev.holdfast.domain.naming.Profile;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

class LocalStoreContractTest extends BackupStoreContract {
    @TempDir
    private Path directory;

    @Override
    protected BackupStore emptyStore() {
        return reopenedStore();
    }

    @Override
    protected BackupStore reopenedStore() {
        return LocalStore.in(
                directory.resolve("backups"),
                DatabaseName.DEFAULT,
                Naming.of(Profile.NATIVE, "app"),
                Set.of(),
                Clock.systemUTC(),
                FailPoints.NONE);
    }
}
