package dev.holdfast.application.filesystem;

import dev.holdfast.application.store.Artifact;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.StagedArtifact;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.BackupKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * A store whose file system may hang: no call waits longer than {@link FileSystemCalls} allows. What is staged is written
 * on the thread that writes it, which is an operation's.
 */
public record BoundedStore(BackupStore store, FileSystemCalls calls) implements BackupStore {
    @Override
    public StagedArtifact stage(long expectedSize) {
        return calls.change(() -> store.stage(expectedSize));
    }

    @Override
    public List<Backup> list() {
        return calls.read(store::list);
    }

    @Override
    public Map<BackupKey, Instant> modificationTimes() {
        return calls.read(store::modificationTimes);
    }

    @Override
    public Optional<Backup> find(BackupKey key) {
        return calls.read(() -> store.find(key));
    }

    @Override
    public Optional<Artifact> open(BackupKey key) {
        return calls.read(() -> store.open(key)).map(it -> new BoundedArtifact(it, calls));
    }

    @Override
    public Optional<Backup> update(BackupKey key, UnaryOperator<Backup> change) {
        return calls.change(() -> store.update(key, change));
    }

    @Override
    public Deletion delete(BackupKey key, Predicate<Backup> condition) {
        return calls.change(() -> store.delete(key, condition));
    }

    @Override
    public boolean claim(String run) {
        return calls.change(() -> store.claim(run));
    }

    @Override
    public void sweep() {
        calls.change(() -> {
            store.sweep();
            return true;
        });
    }

    @Override
    public void probe() {
        calls.change(() -> {
            store.probe();
            return true;
        });
    }
}
