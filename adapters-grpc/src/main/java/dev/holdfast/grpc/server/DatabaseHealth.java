package dev.holdfast.grpc.server;

import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.application.overview.ListDatabases.Overview;
import dev.holdfast.domain.problem.Problem;
import io.grpc.BindableService;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.micronaut.scheduling.TaskScheduler;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Tells {@code grpc.health.v1} how things are: the server as a whole, its services, and each database by its name,
 * which is serving while its files are there and its backups can be read.
 */
final class DatabaseHealth implements AutoCloseable {
    private static final Logger LOG = System.getLogger(DatabaseHealth.class.getName());

    private final HealthStatusManager statuses = new HealthStatusManager();
    private final ExecutorService looking = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("grpc-health-look").factory());
    private final ListDatabases databases;
    private final Duration patience;
    private Future<List<Overview>> look = CompletableFuture.completedFuture(List.of());

    /** Of each database, what was told last. */
    private final Map<String, ServingStatus> told = new ConcurrentHashMap<>();

    private boolean failing;
    private volatile @Nullable Future<?> timer;

    /** @param patience with files that do not answer: what cannot be seen does not serve */
    DatabaseHealth(ListDatabases databases, Duration patience) {
        this.databases = databases;
        this.patience = patience;
    }

    BindableService service() {
        return statuses.getHealthService();
    }

    /** @param every how old an answer may be */
    void start(TaskScheduler scheduler, List<String> services, Duration every) {
        services.forEach(it -> statuses.setStatus(it, ServingStatus.SERVING));
        timer = scheduler.scheduleWithFixedDelay(Duration.ZERO, every, this::look);
    }

    synchronized void look() {
        try {
            if (look.isDone()) { // files that hang must not collect threads
                look = looking.submit(databases::list);
            }
            look.get(patience.toNanos(), TimeUnit.NANOSECONDS).forEach(this::tell);
            failing = false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            tellOfNone(e.getCause());
        } catch (TimeoutException | RuntimeException | Error e) { // whatever it is, the timer has to look again
            tellOfNone(e);
        }
    }

    private void tellOfNone(@Nullable Throwable cause) {
        told.keySet().forEach(it -> tell(it, ServingStatus.NOT_SERVING));
        if (!failing) {
            LOG.log(Level.WARNING, "How the databases are cannot be found out, so none is serving", cause);
        }
        failing = true;
    }

    /** What is wrong is logged once, not with every look. */
    private void tell(Overview overview) {
        String name = overview.database().name().value();
        boolean filesAreThere = overview.sourceSize().isPresent();
        boolean serving = filesAreThere && overview.storeProblem().isEmpty();
        ServingStatus before = tell(name, serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
        if (!serving && before != ServingStatus.NOT_SERVING) {
            LOG.log(
                    Level.WARNING,
                    "Database " + name + " is not serving: "
                            + overview.storeProblem().map(Problem::detail).orElse("a file of it is not there."));
        }
    }

    /** @return what was told before */
    private ServingStatus tell(String name, ServingStatus status) {
        statuses.setStatus(name, status);
        ServingStatus before = told.put(name, status);
        return before == null ? ServingStatus.UNKNOWN : before;
    }

    /** Whoever asks or watches is told that nothing is served any more. */
    @Override
    public void close() {
        if (!looking.isShutdown()) {
            Future<?> begun = timer;
            if (begun != null) {
                begun.cancel(true);
            }
            looking.shutdownNow();
            statuses.enterTerminalState();
        }
    }
}
