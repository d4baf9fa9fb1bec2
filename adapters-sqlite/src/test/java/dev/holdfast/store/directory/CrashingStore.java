package dev.holdfast.store.directory;

import static dev.holdfast.application.store.BackupFixture.put;
import static dev.holdfast.store.directory.TestStore.A;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.BackupStore;
import java.nio.file.Path;

/** A server's process that dies at a fail point, without any of its {@code finally} blocks being run. */
final class CrashingStore {
    static final int DIED_AS_PLANNED = 42;

    private CrashingStore() {}

    enum Step {
        PUBLISH,
        UPDATE,
        DELETE
    }

    /** @param args directory, {@link Step}, fail point */
    public static void main(String[] args) {
        FailPoints dying = point -> {
            if (point.equals(args[2])) {
                Runtime.getRuntime().halt(DIED_AS_PLANNED);
            }
        };
        BackupStore store = TestStore.in(Path.of(args[0]), dying);
        switch (Step.valueOf(args[1])) {
            case PUBLISH -> put(store, A, "content");
            case UPDATE -> store.update(A, it -> it.withPinned(true));
            case DELETE -> store.delete(A);
        }
    }
}
