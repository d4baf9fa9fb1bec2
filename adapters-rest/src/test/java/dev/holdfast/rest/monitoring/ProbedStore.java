package dev.holdfast.rest.monitoring;

import dev.holdfast.application.store.Artifact;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.application.store.StagedArtifact;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.BackupKey;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** A store that can be probed and nothing else. */
final class ProbedStore implements BackupStore {
    final AtomicInteger probes = new AtomicInteger();
    volatile Runnable probe = () -> {};

    @Override
    public void probe() {
        probes.incrementAndGet();
        probe.run();
    }

    @Override
    public StagedArtifact stage(long expectedSize) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Backup> list() {
        return List.of();
    }

    @Override
    public Optional<Backup> find(BackupKey key) {
        return Optional.empty();
    }

    @Override
    public Optional<Artifact> open(BackupKey key) {
        return Optional.empty();
    }

    @Override
    public Optional<Backup> update(BackupKey key, UnaryOperator<Backup> change) {
        return Optional.empty();
    }

    @Override
    public Deletion delete(BackupKey key, Predicate<Backup> condition) {
        return new Deletion.Absent();
    }

    @Override
    public boolean claim(String run) {
        return true;
    }

    @Override
    public void sweep() {}
}
