package dev.holdfast.bootstrap;

import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.filesystem.FileSystemCalls;
import dev.holdfast.application.filesystem.FileSystems;
import dev.holdfast.application.filesystem.Hang;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.restore.Recovery;
import dev.holdfast.domain.database.DatabaseName;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.problem.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a start does with each database before it may be used, on a thread for each. The start does not wait for a database
 * whose file system does not answer: its operations are refused until it does and all of this is done.
 */
final class Starts {
    private static final Logger LOG = LoggerFactory.getLogger(Starts.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    private final Recovery.Pass recovery;
    private final FileSystems fileSystems;
    private final OperationRunner operations;
    private final Consumer<RegisteredDatabase> warn;
    private final List<Started> databases = new ArrayList<>();
    private final List<Started> heldBack = new ArrayList<>();

    private record Started(DatabaseName name, CompletableFuture<List<Operation>> recovered) {}

    /** @param warn of what is wrong with the files of a database; may hang */
    Starts(
            Recovery.Pass recovery,
            FileSystems fileSystems,
            OperationRunner operations,
            Consumer<RegisteredDatabase> warn) {
        this.recovery = recovery;
        this.fileSystems = fileSystems;
        this.operations = operations;
        this.warn = warn;
    }

    /** Begins with all of them. */
    void begin(Databases all) {
        Executor threads =
                task -> Thread.ofPlatform().daemon().name("database-start").start(task);
        all.all()
                .forEach(it -> databases.add(
                        new Started(it.database().name(), CompletableFuture.supplyAsync(() -> start(it), threads))));
    }

    private List<Operation> start(RegisteredDatabase registered) {
        try {
            return FileSystemCalls.waiting(() -> {
                warn.accept(registered);
                return recovery.recover(registered);
            });
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Waits for those whose file systems answer.
     *
     * @return what was running when the server ended last, as it has ended
     */
    List<Operation> await() {
        List<Operation> ended = new ArrayList<>();
        for (Started database : databases) {
            await(database).ifPresentOrElse(ended::addAll, () -> holdBack(database));
        }
        return ended;
    }

    private Optional<List<Operation>> await(Started database) {
        while (true) {
            fileSystems.probe();
            try {
                return Optional.of(database.recovered().get(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS));
            } catch (TimeoutException e) {
                if (hang(database).isPresent()) {
                    return Optional.empty();
                }
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while a database was started", e);
            }
        }
    }

    private Optional<Hang> hang(Started database) {
        return fileSystems.of(database.name(), OperationKind.BACKUP);
    }

    private void holdBack(Started database) {
        Optional<Hang> hang = hang(database);
        String text = "The start of database " + database.name() + " waits. "
                + hang.map(Hang::text).orElse("");
        LOG.warn(text);
        heldBack.add(database);
        String detail = text + " Until then no operation of this database begins: a restore that was cut off would be"
                + " completed first. Nothing was changed.";
        boolean isStore = hang.map(Hang::problem)
                .filter(Problem.StoreUnavailable.class::isInstance)
                .isPresent();
        operations.holdBack(
                database.name(), isStore ? new Problem.StoreUnavailable(detail) : new Problem.SourceBusy(detail));
    }

    /**
     * Releases each database that was not waited for once it is started.
     *
     * @param ended is called with each operation that was running on it when the server ended last
     */
    void releaseLater(Consumer<Operation> ended) {
        for (Started database : heldBack) {
            var _ = database.recovered().whenComplete((cutOff, failure) -> {
                if (failure == null) {
                    operations.release(database.name());
                    LOG.info("The start of database {} is complete: its file systems answered.", database.name());
                    cutOff.forEach(ended);
                } else {
                    LOG.error(
                            "The start of database {} failed. Its operations are refused until the server is restarted.",
                            database.name(),
                            failure);
                }
            });
        }
    }
}
