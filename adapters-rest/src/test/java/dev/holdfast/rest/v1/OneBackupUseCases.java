package dev.holdfast.rest.v1;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.CreateBackup;
import dev.holdfast.application.backup.DeleteBackup;
import dev.holdfast.application.backup.FindBackup;
import dev.holdfast.application.backup.ListBackups;
import dev.holdfast.application.backup.OpenBackup;
import dev.holdfast.application.backup.PruneBackups;
import dev.holdfast.application.backup.RestoreBackup;
import dev.holdfast.application.backup.RunRestoreDrill;
import dev.holdfast.application.backup.UpdateBackup;
import dev.holdfast.application.backup.UploadBackup;
import dev.holdfast.application.backup.VerifyBackup;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.application.plan.PlanService;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.OperationState;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.operation.Progress;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.plan.DrillOutcome;
import dev.holdfast.domain.plan.Freshness;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.domain.profile.ParsedName;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.domain.retention.RetentionDecision;
import dev.holdfast.domain.retention.RetentionReason;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** All use cases over one database in memory, {@code default}, with one backup. Operations end when a test says so. */
final class OneBackupUseCases {
    static final Instant MOMENT = Instant.parse("2026-04-13T14:25:30Z");
    static final String NAME = "app_20260413_142530.db";

    /** What operations end with; while it is absent they run. */
    final AtomicReference<@Nullable Ending> ending = new AtomicReference<>();

    /** What use cases refuse with, if anything. */
    final AtomicReference<@Nullable Problem> refusal = new AtomicReference<>();

    /** What use cases throw, if anything. */
    final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

    final List<Upload> uploads = new CopyOnWriteArrayList<>();

    /** Whether uploads are read at all; else they are over at once. */
    final AtomicBoolean reading = new AtomicBoolean(true);

    /** How many bytes of uploads may be read before the next is waited with. */
    final Semaphore patience = new Semaphore(Integer.MAX_VALUE / 2);

    final List<Requester> requesters = new CopyOnWriteArrayList<>();
    final List<Depth> depths = new CopyOnWriteArrayList<>();
    final List<RestoreBackup.Allowed> allowed = new CopyOnWriteArrayList<>();
    final List<String> databases = new CopyOnWriteArrayList<>();
    final AtomicReference<byte[]> content = new AtomicReference<>(bytes(1000));
    final AtomicReference<@Nullable Artifact> artifact = new AtomicReference<>();
    final AtomicReference<Backup> backup = new AtomicReference<>(backup(NAME, bytes(1000)));
    final AtomicReference<Map<String, Optional<String>>> plan = new AtomicReference<>(Map.of());
    final AtomicInteger leases = new AtomicInteger();
    final AtomicInteger streams = new AtomicInteger();
    private final Map<OperationId, Operation> operations = new ConcurrentHashMap<>();
    private final List<Operation> changes = new CopyOnWriteArrayList<>();
    private final AtomicInteger ids = new AtomicInteger();

    sealed interface Ending {
        record Success() implements Ending {}

        record Fails(String code, String detail) implements Ending {}

        record Cancels() implements Ending {}
    }

    static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + i / 256);
        }
        return bytes;
    }

    static Backup backup(String name, byte[] content) {
        return new Backup(
                new BackupKey(name),
                DatabaseName.DEFAULT,
                content.length,
                MOMENT,
                Optional.of(sha256(content)),
                Origin.MANUAL,
                Layout.SQLITE,
                new Verification.Passed(Depth.QUICK, MOMENT.plusSeconds(1)),
                false,
                Backup.Labels.NONE);
    }

    static Sha256 sha256(byte[] content) {
        try {
            return Sha256.of(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    void hold(String name, byte[] newContent) {
        content.set(newContent);
        artifact.set(null);
        backup.set(backup(name, newContent));
    }

    void reset() {
        // An operation that another test has left running would be found by a search for running ones.
        operations.values().stream()
                .filter(it -> !it.state().isFinal())
                .forEach(it -> end(it.id(), new Ending.Cancels()));
        ending.set(new Ending.Success());
        refusal.set(null);
        failure.set(null);
        uploads.clear();
        reading.set(true);
        patience.drainPermits();
        patience.release(Integer.MAX_VALUE / 2);
        requesters.clear();
        depths.clear();
        allowed.clear();
        databases.clear();
        hold(NAME, bytes(1000));
    }

    CreateBackup createBackup() {
        return (database, _, _, requester) ->
                asked(database, requester).then(_ -> Outcome.done(begin(OperationKind.BACKUP)));
    }

    RestoreBackup restoreBackup() {
        return (database, filename, insisted, requester) -> asked(database, requester)
                .then(_ -> located(filename))
                .then(_ -> {
                    allowed.add(insisted);
                    return Outcome.done(begin(OperationKind.RESTORE));
                });
    }

    VerifyBackup verifyBackup() {
        return (database, filename, depth, requester) -> asked(database, requester)
                .then(_ -> located(filename))
                .then(_ -> {
                    depths.add(depth);
                    return Outcome.done(begin(OperationKind.VERIFY));
                });
    }

    ListBackups listBackups() {
        return (database, pageSize, _) -> checked(database)
                .then(_ -> pageSize < 0
                        ? Outcome.refused(new Problem.InvalidArgument("page_size", "page_size is not negative."))
                        : Outcome.done(new ListBackups.Page(List.of(backup.get()), pageSize == 1 ? "next" : "")));
    }

    FindBackup findBackup() {
        return (database, filename) -> checked(database).then(_ -> located(filename));
    }

    UpdateBackup updateBackup() {
        return (database, filename, change) -> checked(database)
                .then(_ -> located(filename))
                .then(it -> {
                    Backup changed = change.labels()
                            .map(labels -> it.with(new Backup.Labels(labels)))
                            .orElse(it);
                    backup.set(change.pinned().map(changed::withPinned).orElse(changed));
                    return Outcome.done(backup.get());
                });
    }

    /** Reads on a thread of its own, as the real one does, as soon as a test lets it. */
    UploadBackup uploadBackup() {
        return (database, filename, from, announcedSize, requester) -> asked(database, requester)
                .then(_ -> {
                    Operation operation = begin(OperationKind.UPLOAD);
                    var upload = new Upload(filename, announcedSize);
                    uploads.add(upload);
                    if (reading.get()) {
                        Thread.ofVirtual().start(() -> receive(operation.id(), upload, from));
                    } else {
                        end(operation.id(), new Ending.Success());
                    }
                    return Outcome.done(operation);
                });
    }

    private void receive(OperationId id, Upload upload, InputStream from) {
        try {
            byte[] piece = new byte[64 * 1024];
            for (int n = from.read(piece); n >= 0; n = from.read(piece)) {
                upload.digest.update(piece, 0, n);
                upload.received.addAndGet(n);
                if (!patience.tryAcquire(n, 20, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("the test does not let it read on");
                }
            }
            if (BackupKey.isValid(upload.filename)) {
                backup.set(backup(upload.filename, new byte[0]));
            }
            end(id, Optional.ofNullable(ending.get()).orElse(new Ending.Success()));
        } catch (ProblemException e) {
            end(id, new Ending.Fails(e.problem().code().id(), e.problem().detail()));
        } catch (Exception e) {
            upload.thrown.set(e);
            end(id, new Ending.Fails("internal", "It broke off."));
        }
    }

    /** What came of an upload. */
    static final class Upload {
        final String filename;
        final long announcedSize;
        final AtomicLong received = new AtomicLong();
        final AtomicReference<@Nullable Exception> thrown = new AtomicReference<>();
        private final MessageDigest digest;

        Upload(String filename, long announcedSize) {
            this.filename = filename;
            this.announcedSize = announcedSize;
            try {
                digest = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }

        Sha256 sha256() {
            return Sha256.of(digest.digest());
        }
    }

    DeleteBackup deleteBackup() {
        return (database, filename) ->
                checked(database).then(_ -> located(filename)).then(it -> Outcome.done(it.key()));
    }

    OpenBackup openBackup() {
        return (database, filename, work) -> checked(database)
                .then(_ -> located(filename))
                .then(it -> {
                    leases.incrementAndGet();
                    return Outcome.done(new Lease(it));
                });
    }

    ListDatabases listDatabases() {
        return () -> List.of(new ListDatabases.Overview(
                new Database(DatabaseName.DEFAULT, Source.of(Path.of("/srv/app.db")), Profile.NATIVE, "app"),
                Optional.of(4096L),
                Optional.of(backup.get()),
                Optional.of(MOMENT),
                3,
                1000,
                2,
                new ListDatabases.Planned(
                        Optional.of(MOMENT.plusSeconds(3600)),
                        Optional.of(Freshness.Standing.STALE),
                        Optional.empty(),
                        Optional.empty()),
                Optional.empty()));
    }

    private Outcome<String> checked(String database) {
        databases.add(database);
        RuntimeException thrown = failure.get();
        if (thrown != null) {
            throw thrown;
        }
        Problem problem = refusal.get();
        if (problem != null) {
            return Outcome.refused(problem);
        }
        return database.equals("default")
                ? Outcome.done(database)
                : Outcome.refused(new Problem.DatabaseNotFound(database));
    }

    private Outcome<String> asked(String database, Requester requester) {
        requesters.add(requester);
        return checked(database);
    }

    private Outcome<Backup> located(String filename) {
        if (!BackupKey.isValid(filename)) {
            return Outcome.refused(new Problem.InvalidFilename("A backup's name is a plain file name."));
        }
        if (filename.equals(backup.get().key().value())) {
            return Outcome.done(backup.get());
        }
        return Naming.of(Profile.NATIVE, "app").parse(filename) instanceof ParsedName.Valid(BackupKey absent)
                ? Outcome.refused(new Problem.BackupNotFound(absent))
                : Outcome.refused(new Problem.InvalidFilename("It is called app_YYYYMMDD_HHMMSS.db."));
    }

    Operation begin(OperationKind kind) {
        var id = new OperationId("op-" + ids.incrementAndGet());
        var operation = new Operation(
                id,
                kind,
                DatabaseName.DEFAULT,
                Optional.empty(),
                "anonymous",
                OperationState.RUNNING,
                Phase.STARTING,
                Progress.NONE,
                false,
                MOMENT,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                1);
        keep(operation);
        return operation;
    }

    /** A running operation has gone on. */
    synchronized void progress(OperationId id, long done, long total) {
        Operation it = get(id);
        keep(new Operation(
                id,
                it.kind(),
                it.database(),
                it.subject(),
                it.requestedBy(),
                it.state(),
                Phase.COPYING,
                Progress.counting(total, MOMENT).plus(done),
                it.cancelRequested(),
                it.startedAt(),
                it.finishedAt(),
                it.result(),
                it.failure(),
                it.revision() + 1));
    }

    synchronized void end(OperationId id, Ending how) {
        Operation it = get(id);
        OperationState state = switch (how) {
            case Ending.Success() -> OperationState.SUCCEEDED;
            case Ending.Fails _ -> OperationState.FAILED;
            case Ending.Cancels() -> OperationState.CANCELLED;
        };
        keep(new Operation(
                id,
                it.kind(),
                it.database(),
                Optional.of(backup.get().key()),
                it.requestedBy(),
                state,
                Phase.PUBLISHING,
                it.progress(),
                it.cancelRequested(),
                it.startedAt(),
                Optional.of(MOMENT.plusSeconds(2)),
                state == OperationState.SUCCEEDED ? Optional.of(result(it.kind())) : Optional.empty(),
                how instanceof Ending.Fails(String code, String detail)
                        ? Optional.of(new Failure(code, detail))
                        : Optional.empty(),
                it.revision() + 1));
    }

    private synchronized void keep(Operation operation) {
        operations.put(operation.id(), operation);
        changes.add(operation);
        notifyAll();
    }

    private Operation get(OperationId id) {
        Operation found = operations.get(id);
        if (found == null) {
            throw new IllegalArgumentException(id.value());
        }
        return found;
    }

    private Result result(OperationKind kind) {
        Backup it = backup.get();
        return switch (kind) {
            case BACKUP -> new Result.BackupMade(it);
            case UPLOAD -> new Result.Uploaded(it);
            case RESTORE ->
                new Result.Restored(
                        it.key(), Optional.of(new BackupKey("app_20260413_150000.db")), List.of(), it.foreign());
            case VERIFY ->
                new Result.Verified(it.key(), new Verification.Corrupt(Depth.FULL, MOMENT, "page 3 is gone"));
            case EXPIRE -> new Result.Expired(List.of(it.key()), List.of());
            case DRILL -> new Result.Drilled(Optional.of(it.key()), DrillOutcome.PASSED, "It can be restored.");
        };
    }

    PruneBackups expireBackups() {
        return new PruneBackups() {
            @Override
            public Outcome<Operation> start(String database, Requester requester) {
                return asked(database, requester).then(_ -> Outcome.done(begin(OperationKind.EXPIRE)));
            }

            @Override
            public Outcome<List<RetentionDecision>> preview(String database, Map<String, Optional<String>> change) {
                plan.set(change);
                return checked(database)
                        .then(_ -> Outcome.done(List.of(
                                new RetentionDecision.Keep(
                                        backup.get(), Set.of(RetentionReason.DAILY, RetentionReason.PINNED)),
                                new RetentionDecision.Remove(backup.get()))));
            }
        };
    }

    RunRestoreDrill drillRestore() {
        return (database, requester) -> asked(database, requester).then(_ -> Outcome.done(begin(OperationKind.DRILL)));
    }

    /** Knows no plan, but what was asked of it. */
    PlanService planStatus() {
        return new PlanService() {
            @Override
            public Outcome<View> find(String database) {
                return Outcome.refused(new Problem.DatabaseNotFound(database));
            }

            @Override
            public View of(RegisteredDatabase registered, Collection<Backup> backups) {
                throw new IllegalStateException("not asked in these tests");
            }

            @Override
            public Outcome<View> change(String database, Map<String, Optional<String>> change, String who) {
                plan.set(change);
                return find(database);
            }
        };
    }

    Operations operations() {
        return new BackupOperations();
    }

    private final class BackupOperations implements Operations {
        @Override
        public Outcome<Operation> find(String id) {
            Operation found = OperationId.isValid(id) ? operations.get(new OperationId(id)) : null;
            return found == null ? Outcome.refused(new Problem.OperationNotFound(id)) : Outcome.done(found);
        }

        @Override
        public Outcome<Page> list(OperationLog.Filter filter, int pageSize, String pageToken) {
            return Outcome.done(new Page(
                    operations.values().stream()
                            .filter(it -> filter.state().map(it.state()::equals).orElse(true))
                            .filter(it ->
                                    filter.database().map(it.database()::equals).orElse(true))
                            .filter(it -> filter.kind().map(it.kind()::equals).orElse(true))
                            .filter(it -> filter.requestedBy()
                                    .map(it.requestedBy()::equals)
                                    .orElse(true))
                            .toList(),
                    ""));
        }

        @Override
        public Outcome<Operation> cancel(String id) {
            return find(id).then(it -> {
                end(it.id(), new Ending.Cancels());
                return find(id);
            });
        }

        @Override
        public Optional<Operation> awaitChange(OperationId id, long revision, Duration atMost)
                throws InterruptedException {
            synchronized (OneBackupUseCases.this) {
                long until = System.nanoTime() + atMost.toNanos();
                while (get(id).revision() <= revision) {
                    long left = (until - System.nanoTime()) / 1_000_000;
                    if (left <= 0) {
                        return Optional.empty();
                    }
                    OneBackupUseCases.this.wait(left);
                }
                return Optional.of(get(id));
            }
        }

        @Override
        public Changes awaitChanges(Optional<DatabaseName> database, String position, Duration atMost)
                throws InterruptedException {
            synchronized (OneBackupUseCases.this) {
                if (!position.matches("fake-\\d+")) {
                    return new Changes(
                            true,
                            operations.values().stream()
                                    .filter(it -> !it.state().isFinal())
                                    .map(it -> new Change("", it))
                                    .toList(),
                            "fake-" + changes.size());
                }
                int from = Integer.parseInt(position.substring("fake-".length()));
                if (from == changes.size()) {
                    OneBackupUseCases.this.wait(atMost.toMillis());
                }
                List<Change> found = IntStream.range(from, changes.size())
                        .filter(i ->
                                database.map(changes.get(i).database()::equals).orElse(true))
                        .mapToObj(i -> new Change("fake-" + (i + 1), changes.get(i)))
                        .toList();
                return new Changes(false, found, "fake-" + changes.size());
            }
        }

        @Override
        public Operation awaitEnd(OperationId id) throws InterruptedException {
            synchronized (OneBackupUseCases.this) {
                Ending how = ending.get();
                if (how != null && get(id).kind() != OperationKind.UPLOAD) {
                    end(id, how);
                }
                while (!get(id).state().isFinal()) {
                    OneBackupUseCases.this.wait();
                }
                return get(id);
            }
        }
    }

    private final class Lease implements OpenBackup.Opened {
        private final Backup of;
        private boolean closed;

        Lease(Backup of) {
            this.of = of;
        }

        @Override
        public Backup backup() {
            return of;
        }

        @Override
        public Artifact artifact() {
            Artifact own = artifact.get();
            return own != null ? own : new MemoryArtifact(content.get());
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                leases.decrementAndGet();
            }
        }
    }

    /** Counts the streams that are open. */
    abstract class CountedStream extends InputStream {
        CountedStream() {
            streams.incrementAndGet();
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public abstract int read(byte[] into, int from, int length);

        @Override
        public void close() {
            streams.decrementAndGet();
        }
    }

    private final class MemoryArtifact implements Artifact {
        private final byte[] bytes;

        MemoryArtifact(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public InputStream open(long offset) {
            return new CountedStream() {
                private int at = (int) offset;

                @Override
                public int read(byte[] into, int from, int length) {
                    int n = Math.min(length, bytes.length - at);
                    if (n <= 0) {
                        return -1;
                    }
                    System.arraycopy(bytes, at, into, from, n);
                    at += n;
                    return n;
                }
            };
        }

        @Override
        public Optional<Path> file() {
            return Optional.empty();
        }

        @Override
        public String version() {
            return "1";
        }
    }

    /** So many zero bytes that are nowhere held. */
    final class EndlessArtifact implements Artifact {
        private final long size;

        EndlessArtifact(long size) {
            this.size = size;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public InputStream open(long offset) {
            return new CountedStream() {
                private long left = size - offset;

                @Override
                public int read(byte[] into, int from, int length) {
                    int n = (int) Math.min(length, left);
                    left -= n;
                    return n == 0 ? -1 : n;
                }
            };
        }

        @Override
        public Optional<Path> file() {
            return Optional.empty();
        }

        @Override
        public String version() {
            return "1";
        }
    }
}
