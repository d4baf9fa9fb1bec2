package dev.holdfast.bootstrap.start;

import dev.holdfast.application.database.Databases;
import dev.holdfast.application.database.RegisteredDatabase;
import dev.holdfast.application.filesystem.FileSystemCalls;
import dev.holdfast.application.filesystem.FileSystems;
import dev.holdfast.application.filesystem.Hang;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.catalogue.CatalogueException;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a start does with each database before it may be used, on a thread for each. The start does not wait for a database
 * whose file system does not answer: its operations are refused until it does and all of this is done.
 */
public final class Starts {
    private static final Logger LOG = LoggerFactory.getLogger(Starts.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    private final FileSystems fileSystems;
    private final OperationRunner operations;
    private final Function<RegisteredDatabase, List<Operation>> work;
    private final List<Started> databases = new ArrayList<>();
    private final List<Started> heldBack = new ArrayList<>();

    private record Started(DatabaseName name, CompletableFuture<List<Operation>> recovered) {}

    /** @param work prepares and recovers a database, and returns what was running on it; may hang */
    public Starts(
            FileSystems fileSystems, OperationRunner operations, Function<RegisteredDatabase, List<Operation>> work) {
        this.fileSystems = fileSystems;
        this.operations = operations;
        this.work = work;
    }

    /** Begins with all of them. */
    public void begin(Databases all) {
        Executor threads =
                task -> Thread.ofPlatform().daemon().name("database-start").start(task);
        all.all()
                .forEach(it -> databases.add(
                        new Started(it.database().name(), CompletableFuture.supplyAsync(() -> start(it), threads))));
    }

    private List<Operation> start(RegisteredDatabase registered) {
        try {
            return FileSystemCalls.waiting(() -> work.apply(registered));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Waits for those whose file systems answer. A database whose start fails is held back, and the others start.
     *
     * @return what was running when the server ended last, as it has ended
     */
    public List<Operation> await() {
        List<Operation> ended = new ArrayList<>();
        for (Started database : databases) {
            try {
                await(database).ifPresentOrElse(ended::addAll, () -> holdBack(database));
            } catch (FailedStartException e) {
                holdBack(database, e.getCause());
            }
        }
        return ended;
    }

    private static final class FailedStartException extends Exception {
        private static final long serialVersionUID = 1L;

        FailedStartException(@Nullable Throwable cause) {
            super(cause);
        }
    }

    private Optional<List<Operation>> await(Started database) throws FailedStartException {
        while (true) {
            fileSystems.probe();
            try {
                return Optional.of(database.recovered().get(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS));
            } catch (TimeoutException e) {
                if (hang(database).isPresent()) {
                    return Optional.empty();
                }
            } catch (ExecutionException e) {
                if (isOfServer(e.getCause())) {
                    throw e.getCause() instanceof RuntimeException known
                            ? known
                            : new IllegalStateException(e.getCause());
                }
                throw new FailedStartException(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while a database was started", e);
            }
        }
    }

    /** Whether the failure says something about the server itself, so that no database can be started. */
    private static boolean isOfServer(@Nullable Throwable failure) {
        return switch (failure) {
            case Error _, CatalogueException _, StartupException _ -> true;
            case ProblemException e -> e.problem() instanceof Problem.InsufficientStorage;
            case null, default -> false;
        };
    }

    private void holdBack(Started database, @Nullable Throwable failure) {
        String why = failure instanceof ProblemException known ? known.problem().detail() : String.valueOf(failure);
        String text = "The start of database " + database.name() + " failed: " + why
                + " No operation of this database begins until the server is started again. Its files and backups are"
                + " as they were. Put right what the text names, and restart the server.";
        LOG.error(text, failure);
        operations.holdBack(database.name(), new Problem.SourceNotAccessible(text));
    }

    private Optional<Hang> hang(Started database) {
        return fileSystems.of(database.name(), OperationKind.BACKUP);
    }

    private void holdBack(Started database) {
        Optional<Hang> hang = hang(database);
        String text = "The start of database " + database.name() + " waits. "
                + hang.map(Hang::text).orElse("Its files or its store have not answered yet.");
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
    public void releaseLater(Consumer<Operation> ended) {
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
