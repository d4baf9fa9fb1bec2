package dev.holdfast.application.store;

import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Keeps backups as long as the test runs. */
public class InMemoryBackupStore implements BackupStore {
    private final Map<BackupKey, Stored> stored = new TreeMap<>();
    private final Map<BackupKey, String> beside = new HashMap<>();
    private final Map<BackupKey, Instant> touched = new HashMap<>();
    private int versions;
    private int lists;
    private long room = Long.MAX_VALUE;
    private boolean brokenDown;
    private boolean readOnly;
    private boolean damagesStaged;
    private final Set<BackupKey> stuck = new HashSet<>();

    private final Map<String, String> claims = new HashMap<>();

    private record Stored(Backup backup, Bytes bytes) {}

    private static final class Bytes implements Artifact {
        private final byte[] content;
        private final String version;

        /** @param version another one for each content that a key has had */
        Bytes(byte[] content, String version) {
            this.content = content;
            this.version = version;
        }

        @Override
        public String version() {
            return version;
        }

        @Override
        public long size() {
            return content.length;
        }

        @Override
        public InputStream open(long offset) {
            return new ByteArrayInputStream(content, Math.toIntExact(offset), content.length);
        }

        @Override
        public Optional<Path> file() {
            return Optional.empty();
        }
    }

    @Override
    public boolean claim(String run) {
        return claim(run, "this");
    }

    private synchronized boolean claim(String run, String server) {
        refuseIf(brokenDown || readOnly);
        return claims.computeIfAbsent(run, _ -> server).equals(server);
    }

    /** The same store, as another server sees it. */
    public BackupStore ofAnotherServer() {
        return new OfAnotherServer(this);
    }

    private record OfAnotherServer(InMemoryBackupStore store) implements BackupStore {
        @Override
        public boolean claim(String run) {
            return store.claim(run, "another");
        }

        @Override
        public StagedArtifact stage(long expectedSize) {
            return store.stage(expectedSize);
        }

        @Override
        public List<Backup> list() {
            return store.list();
        }

        @Override
        public Optional<Backup> find(BackupKey key) {
            return store.find(key);
        }

        @Override
        public Optional<Artifact> open(BackupKey key) {
            return store.open(key);
        }

        @Override
        public Optional<Backup> update(BackupKey key, UnaryOperator<Backup> change) {
            return store.update(key, change);
        }

        @Override
        public Deletion delete(BackupKey key, Predicate<Backup> condition) {
            return store.delete(key, condition);
        }

        @Override
        public void sweep() {
            store.sweep();
        }

        @Override
        public void probe() {
            store.probe();
        }
    }

    /** Refuses what is announced as larger. */
    public void leaveRoomFor(long bytes) {
        room = bytes;
    }

    @Override
    public StagedArtifact stage(long expectedSize) {
        if (expectedSize > room) {
            throw new ProblemException(new Problem.InsufficientStorage(expectedSize + " bytes do not fit."));
        }
        return new Staged();
    }

    @Override
    public synchronized List<Backup> list() {
        lists++;
        refuseIf(brokenDown);
        return stored.values().stream()
                .map(Stored::backup)
                .sorted(Backup.newestFirst())
                .toList();
    }

    @Override
    public synchronized Optional<Backup> find(BackupKey key) {
        return Optional.ofNullable(stored.get(key)).map(Stored::backup);
    }

    @Override
    public synchronized Optional<Artifact> open(BackupKey key) {
        return Optional.ofNullable(stored.get(key))
                .map(it -> new StoredBytes(
                        it.bytes(), Optional.ofNullable(beside.get(key)), Optional.ofNullable(touched.get(key))));
    }

    @Override
    public synchronized Map<BackupKey, Instant> modificationTimes() {
        Map<BackupKey, Instant> times = new HashMap<>(BackupStore.super.modificationTimes());
        times.replaceAll((key, time) -> touched.getOrDefault(key, time));
        return times;
    }

    /** From now on this one's bytes were written then. */
    public synchronized void touch(BackupKey key, Instant modified) {
        touched.put(key, modified);
    }

    /** From now on something lies beside this backup. */
    public synchronized void putBeside(BackupKey key, String what) {
        beside.put(key, what);
    }

    private record StoredBytes(Artifact bytes, Optional<String> beside, Optional<Instant> modified)
            implements Artifact {
        @Override
        public long size() {
            return bytes.size();
        }

        @Override
        public InputStream open(long offset) throws IOException {
            return bytes.open(offset);
        }

        @Override
        public Optional<Path> file() {
            return bytes.file();
        }

        @Override
        public String version() {
            return bytes.version();
        }
    }

    @Override
    public synchronized Optional<Backup> update(BackupKey key, UnaryOperator<Backup> change) {
        refuseIf(readOnly);
        Stored before = stored.get(key);
        if (before == null) {
            return Optional.empty();
        }
        Backup after = change.apply(before.backup);
        if (!after.key().equals(key)
                || after.size() != before.backup.size()
                || !after.database().equals(before.backup.database())
                || !after.foreign().equals(before.backup.foreign())) {
            throw new IllegalArgumentException("update of " + key + ": changes key, size or database");
        }
        stored.put(key, new Stored(after, before.bytes));
        return Optional.of(after);
    }

    @Override
    public synchronized Deletion delete(BackupKey key, Predicate<Backup> condition) {
        refuseIf(readOnly || stuck.contains(key));
        Stored now = stored.get(key);
        if (now == null) {
            return new Deletion.Absent();
        }
        if (!condition.test(now.backup())) {
            return new Deletion.Retained(now.backup());
        }
        stored.remove(key);
        return new Deletion.Deleted();
    }

    @Override
    public void sweep() {
        // Nobody is killed here.
    }

    @Override
    public void probe() {
        // There is always room.
    }

    /** How often it was listed. */
    public synchronized int lists() {
        return lists;
    }

    /** From now on it cannot be listed, or can again. */
    public synchronized void breakDown(boolean yes) {
        brokenDown = yes;
    }

    /** From now on it can be read and added to only. */
    public synchronized void makeReadOnly() {
        readOnly = true;
    }

    /** From now on this one cannot be deleted. */
    public synchronized void stick(BackupKey key) {
        stuck.add(key);
    }

    /** From now on it can be deleted again. */
    public synchronized void loosen(BackupKey key) {
        stuck.remove(key);
    }

    /** From now on what is read back of a staged artifact is not what was written. */
    public synchronized void damageStaged() {
        damagesStaged = true;
    }

    private synchronized byte[] readBack(byte[] written) {
        if (damagesStaged) {
            written[0] ^= 1;
        }
        return written;
    }

    private static void refuseIf(boolean unable) {
        if (unable) {
            throw new ProblemException(new Problem.StoreUnavailable("The disk does not answer."));
        }
    }

    /** Damages the content of a backup, as a failing disk does: nobody is told. */
    public synchronized void damage(BackupKey key) {
        Objects.requireNonNull(stored.get(key)).bytes.content[0] ^= 1;
    }

    /** What is listed as of now, whatever is staged. */
    public synchronized void add(Backup backup) {
        stored.put(backup.key(), new Stored(backup, bytes(new byte[Math.toIntExact(backup.size())])));
    }

    private Bytes bytes(byte[] content) {
        return new Bytes(content, "v" + versions++);
    }

    private synchronized boolean putIfAbsent(Backup backup, byte[] content) {
        return stored.putIfAbsent(backup.key(), new Stored(backup, bytes(content))) == null;
    }

    private final class Staged implements StagedArtifact {
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();

        @Override
        public OutputStream output() {
            return written;
        }

        @Override
        public Sealed seal() {
            var digest = Sha256.newDigest();
            digest.update(written.toByteArray());
            return new Sealed(written.size(), Sha256.of(digest.digest()));
        }

        @Override
        public Artifact content() {
            return new Bytes(readBack(written.toByteArray()), "staged");
        }

        @Override
        public Publication publish(Backup backup) {
            return putIfAbsent(backup, written.toByteArray())
                    ? new Publication.Published()
                    : new Publication.KeyTaken(backup.key());
        }

        @Override
        public void close() {
            // Nothing was ever outside of this.
        }
    }
}
