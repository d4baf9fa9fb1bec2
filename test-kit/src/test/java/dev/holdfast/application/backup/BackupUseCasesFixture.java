package dev.holdfast.application.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.archive.PlainArchives;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.application.check.ImageChecks.Finding;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.InMemoryOperationLog;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.plan.InMemoryPlanStore;
import dev.holdfast.application.plan.PlanParser;
import dev.holdfast.application.plan.PlanProperties;
import dev.holdfast.application.plan.Plans;
import dev.holdfast.application.restore.LiveDatabases;
import dev.holdfast.application.restore.RestoreDrills.Tried;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.application.snapshot.Snapshots.Taken;
import dev.holdfast.application.store.InMemoryBackupStore;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.domain.operation.Progress;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import dev.holdfast.domain.profile.Profile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Timeout;

/** The use cases over one database, whose content is a text. Its backups, plan and operations are held in memory. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(30)
abstract class BackupUseCasesFixture {
    static final Instant NOON = Instant.parse("2026-04-13T12:00:00Z");
    static final DatabaseName NAME = DatabaseName.DEFAULT;
    static final BackupKey KEY = new BackupKey("app_20260412_120000.db");
    static final Requester ANN = new Requester("ann", Optional.empty());
    static final Verification CORRUPT = new Verification.Corrupt(Depth.FULL, NOON, "row 7 is missing");

    final SettableClock clock = new SettableClock(NOON);
    final InMemoryBackupStore store = new InMemoryBackupStore();
    final InMemoryPlanStore kept = new InMemoryPlanStore();
    final InMemoryOperationLog log = new InMemoryOperationLog();
    /** The operations whose end was reported, in the order of the reports. */
    final List<Operation> reported = new CopyOnWriteArrayList<>();

    private final AtomicInteger ids = new AtomicInteger();
    final OperationRunner runner = new OperationRunner(
            log,
            clock,
            () -> new OperationId("op-" + ids.incrementAndGet()),
            Thread.ofVirtual().factory(),
            reported::add,
            Duration.ofSeconds(5));

    /** The depths of the checks of copies, in their order. */
    final List<Depth> checked = new ArrayList<>();
    /** Every content that the live database has had, the current one last. */
    final List<String> live = new ArrayList<>(List.of("live content"));
    /** The content of the live database once the interrupted restore is completed; empty if there is none. */
    Optional<String> halfDone = Optional.empty();
    /** The operation of the interrupted restore, if it is known. */
    Optional<OperationId> halfDoneBy = Optional.empty();
    /** Whether a restore left files next to the live database. */
    boolean leftovers;
    /** Whether another process writes to the live database. */
    boolean busy;

    Profile profile = Profile.NATIVE;
    /** What a check of a copy finds; empty if the copy passes. */
    Optional<Finding> finding = Optional.empty();

    /** What happens while a copy is checked. */
    Runnable duringCheck = () -> {};

    Tried tried = new Tried.Proven(Optional.empty());

    @AfterEach
    void stop() {
        runner.close();
    }

    Databases databases() {
        var database = new Database(NAME, Source.of(Path.of("/data/app.db")), profile, "app");
        return new Databases(List.of(new RegisteredDatabase(database, store)));
    }

    BackupUseCases useCases(Map<String, String> terms) {
        Databases databases = databases();
        var plans = new Plans(databases, Map.of(NAME, PlanProperties.of(terms)), kept, new PlanParser(), clock);
        return new BackupUseCases(
                databases,
                runner,
                plans,
                kept,
                (source, work) -> new Taken.Pinned(new Pinned(image())),
                (image, depth, work) -> {
                    checked.add(depth);
                    duringCheck.run();
                    return finding.orElseGet(() -> new Finding.Sound(depth));
                },
                new PlainArchives(),
                new UploadRules(20, UnpackLimits.NONE),
                new Live(),
                (image, recorded, work) -> tried,
                clock,
                FailPoints.NONE);
    }

    private record Pinned(Image image) implements Snapshot {
        @Override
        public List<Image> images() {
            return List.of(image);
        }

        @Override
        public void close() {
            // It holds nothing.
        }
    }

    private record Text(String content) implements Image {
        @Override
        public long size() {
            return content.getBytes(UTF_8).length;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(content.getBytes(UTF_8));
        }
    }

    private Image image() {
        return new Text(live.getLast());
    }

    /** A live database whose content is the last text of {@link #live}. */
    final class Live implements LiveDatabases {
        @Override
        public <K> Outcome<Optional<K>> replace(
                Source source, NewContent content, Keeper<K> keeper, ProgressMonitor work) {
            return keeper.keep(List.of(new DatabaseImage(source.main(), image())))
                    .then(safety -> {
                        try (InputStream in =
                                content.databases().getFirst().image().open(0)) {
                            live.add(new String(in.readAllBytes(), UTF_8));
                        } catch (IOException e) {
                            return Outcome.refused(new Problem.Internal(e));
                        }
                        return Outcome.done(Optional.of(safety.what()));
                    });
        }

        @Override
        public boolean isUnfinished(Source source) {
            return halfDone.isPresent();
        }

        @Override
        public boolean hasLeftovers(Source source) {
            return leftovers;
        }

        @Override
        public List<String> unfinishedBeside(Collection<Source> known) {
            return List.of();
        }

        @Override
        public <K> List<Settlement> settle(Source source, LeftoverKeeper<K> keeper) {
            if (leftovers) {
                leftovers = false;
                return List.of();
            }
            if (busy) {
                throw new ProblemException(new Problem.SourceBusy("another process writes"));
            }
            keeper.keep(List.of(new DatabaseImage(source.main(), image())), Optional.of("half of it is new"));
            live.add(halfDone.orElseThrow());
            halfDone = Optional.empty();
            return List.of(new Settlement(Settled.COMPLETED, halfDoneBy));
        }
    }

    Operation ended(Outcome<Operation> started) throws InterruptedException {
        assertThat(started).isInstanceOf(Outcome.Done.class);
        return runner.awaitEnd(((Outcome.Done<Operation>) started).value().id());
    }

    Backup made(Map<String, String> terms) throws InterruptedException {
        Operation ended = ended(useCases(terms).create().start("default", ANN));
        return ((Result.BackupMade) ended.result().orElseThrow()).backup();
    }

    Operation verified() throws InterruptedException {
        return ended(useCases(Map.of()).verify().start("default", KEY.value(), Depth.FULL, ANN));
    }

    Operation restored(boolean evenIfCorrupt) throws InterruptedException {
        return restored(new RestoreBackup.Allowed(evenIfCorrupt, false));
    }

    Operation restored(RestoreBackup.Allowed allowed) throws InterruptedException {
        return ended(useCases(Map.of()).restore(kept).start("default", KEY.value(), allowed, ANN));
    }

    /** A restore that was interrupted and that the last start of the server could not complete. */
    Operation unfinished(String id, Instant began) {
        Operation restore = Operation.started(
                        new OperationId(id), OperationKind.RESTORE, NAME, Optional.of(KEY), "ann", began)
                .in(Phase.REPLACING, Progress.NONE)
                .failed(Failure.unfinished(), began);
        log.save(restore);
        return restore;
    }

    Result.Drilled drilled() throws InterruptedException {
        Operation ended = ended(useCases(Map.of()).drill().start("default", ANN));
        return (Result.Drilled) ended.result().orElseThrow();
    }
}
