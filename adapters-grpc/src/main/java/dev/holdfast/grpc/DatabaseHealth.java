package dev.holdfast.grpc;

import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.application.overview.ListDatabases.Overview;
import io.grpc.BindableService;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
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
            databases
                    .list()
                    .forEach(it -> statuses.setStatus(it.database().name().value(), status(it)));
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "How the databases are could not be found out", e);
        }
    }

    private static ServingStatus status(Overview overview) {
        return overview.sourceSize().isPresent() && overview.storeProblem().isEmpty()
                ? ServingStatus.SERVING
                : ServingStatus.NOT_SERVING;
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
