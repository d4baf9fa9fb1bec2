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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

@Tag("adapter")
@Tag("slow")
class LocalStoreContractTest extends BackupStoreContract {
    @TempDir
    private Path directory;

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
                directory.resolve("backups"),
                server,
                DatabaseName.DEFAULT,
                Naming.of(Profile.NATIVE, "app"),
                Set.of(),
                Clock.systemUTC(),
                FailPoints.NONE);
    }
}
