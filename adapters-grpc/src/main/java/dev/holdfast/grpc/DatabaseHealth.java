package dev.holdfast.grpc;

import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.application.overview.ListDatabases.Overview;
import dev.holdfast.domain.problem.Problem;
import io.grpc.BindableService;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Tells {@code grpc.health.v1} how things are: the server as a whole, its services, and each database by its name,
 * which is serving while its files are there and its backups can be read.
 */
final class DatabaseHealth implements AutoCloseable {
    private static final Logger LOG = System.getLogger(DatabaseHealth.class.getName());

    private final HealthStatusManager statuses = new HealthStatusManager();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("grpc-health").factory());
    private final ListDatabases databases;
    /** Of each database, what was told last. */
    private final Map<String, ServingStatus> told = new ConcurrentHashMap<>();

    private volatile boolean failing;

    DatabaseHealth(ListDatabases databases) {
        this.databases = databases;
    }

    BindableService service() {
        return statuses.getHealthService();
    }

    /** @param every how old an answer may be */
    void start(List<String> services, Duration every) {
        services.forEach(it -> statuses.setStatus(it, ServingStatus.SERVING));
        var _ = timer.scheduleWithFixedDelay(this::look, 0, every.toMillis(), TimeUnit.MILLISECONDS);
    }

    void look() {
        try {
            databases.list().forEach(this::tell);
            failing = false;
        } catch (RuntimeException | Error e) { // whatever it is, the timer has to look again
            told.keySet().forEach(it -> tell(it, ServingStatus.NOT_SERVING));
            if (!failing) {
                LOG.log(Level.WARNING, "How the databases are cannot be found out, so none is serving", e);
            }
            failing = true;
        }
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
        if (!timer.isShutdown()) {
            timer.shutdownNow();
            statuses.enterTerminalState();
        }
    }
}
