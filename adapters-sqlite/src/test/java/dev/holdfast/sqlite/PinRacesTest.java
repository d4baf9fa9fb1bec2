package dev.holdfast.sqlite;

import static dev.holdfast.application.store.BackupFixture.NOON;
import static dev.holdfast.application.store.BackupFixture.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.backup.UpdateBackup.Change;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.Requester;
import dev.holdfast.application.store.BackupFixture;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.profile.Profile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/** Requests that contradict each other, at the same moment: at most one of them is granted. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class PinRacesTest {
    private static final int RACES = 200;
    private static final Requester ANN = new Requester("ann", Optional.empty());
    private static final BackupKey KEY = new BackupKey("app_20260413_120000.db");
    private static final BackupKey NEWER = new BackupKey("app_20260414_120000.db");

    @TempDir(factory = MemoryDirectory.class)
    private Path root;

    private UseCasesFixture server;
    private final ExecutorService threads = Executors.newFixedThreadPool(2);

    @BeforeEach
    void start() throws IOException {
        server = UseCasesFixture.in(
                root,
                Source.of(root.resolve("app.db")),
                Profile.NATIVE,
                Duration.ofSeconds(5),
                FailPoints.NONE,
                Map.of("retention.last", "1"));
    }

    @AfterEach
    void stop() {
        threads.close();
        server.close();
    }

    @Test
    void of_a_pin_and_a_deletion_one_is_granted() throws Exception {
        for (int race = 0; race < RACES; race++) {
            put(server.store(), KEY, "content");

            var both = atOnce(this::pin, () -> server.useCases().delete().delete("default", KEY.value()));

            switch (both.first()) {
                case Outcome.Done<Backup>(Backup backup) -> {
                    assertThat(both.second()).isEqualTo(Outcome.refused(new Problem.BackupPinned(KEY)));
                    assertThat(server.store().find(KEY)).contains(backup);
                    assertThat(server.store().delete(KEY)).isTrue();
                }
                case Outcome.Refused<Backup>(Problem problem) -> {
                    assertThat(problem).isEqualTo(new Problem.BackupNotFound(KEY));
                    assertThat(both.second()).isEqualTo(Outcome.done(KEY));
                    assertThat(server.store().find(KEY)).isEmpty();
                }
            }
        }
    }

    @Test
    void of_a_pin_and_retention_one_is_granted() throws Exception {
        put(server.store(), NEWER, "newer", it -> at(it, NOON.plus(Duration.ofDays(1))));
        for (int race = 0; race < RACES; race++) {
            put(server.store(), KEY, "content", it -> at(it, NOON));

            long pause = TimeUnit.MICROSECONDS.toNanos(100L * (race % 30));
            var both = atOnce(
                    () -> {
                        LockSupport.parkNanos(pause); // the run looks at the backup only after it has begun
                        return pin();
                    },
                    this::expire);

            boolean removed = both.second().removed().contains(KEY);
            assertThat(both.second().failed()).isEmpty();
            switch (both.first()) {
                case Outcome.Done<Backup>(Backup backup) -> {
                    assertThat(removed).isFalse();
                    assertThat(server.store().find(KEY)).contains(backup);
                    assertThat(server.store().delete(KEY)).isTrue();
                }
                case Outcome.Refused<Backup>(Problem problem) -> {
                    assertThat(problem).isEqualTo(new Problem.BackupNotFound(KEY));
                    assertThat(removed).isTrue();
                    assertThat(server.store().find(KEY)).isEmpty();
                }
            }
        }
    }

    private Outcome<Backup> pin() {
        return server.useCases()
                .update()
                .update("default", KEY.value(), new Change(Optional.of(true), Optional.empty()));
    }

    private Result.Expired expire() throws InterruptedException {
        var started = (Outcome.Done<Operation>) server.useCases().expire().start("default", ANN);
        return (Result.Expired)
                server.runner().awaitEnd(started.value().id()).result().orElseThrow();
    }

    private static Backup at(Backup backup, Instant createdAt) {
        Backup fresh = BackupFixture.with(backup, Origin.AUTOMATIC, backup.layout());
        return new Backup(
                fresh.key(),
                fresh.database(),
                fresh.size(),
                createdAt,
                fresh.sha256(),
                fresh.origin(),
                fresh.layout(),
                fresh.verification(),
                fresh.pinned(),
                fresh.labels());
    }

    /** A directory without a disk, where there is one: a race takes a dozen synchronisations. */
    static final class MemoryDirectory implements TempDirFactory {
        private static final Path MEMORY = Path.of("/dev/shm");

        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext extension)
                throws IOException {
            return Files.isWritable(MEMORY)
                    ? Files.createTempDirectory(MEMORY, "pin-races")
                    : Files.createTempDirectory("pin-races");
        }
    }

    private record Both<A, B>(A first, B second) {}

    private <A, B> Both<A, B> atOnce(Callable<A> first, Callable<B> second) throws Exception {
        var start = new CyclicBarrier(2);
        Future<A> one = threads.submit(() -> {
            start.await();
            return first.call();
        });
        Future<B> other = threads.submit(() -> {
            start.await();
            return second.call();
        });
        return new Both<>(one.get(), other.get());
    }
}
