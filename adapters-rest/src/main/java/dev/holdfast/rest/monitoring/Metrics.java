package dev.holdfast.rest.monitoring;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.database.Databases;
import dev.holdfast.application.notice.DeliveryTally;
import dev.holdfast.application.operation.OperationEvents;
import dev.holdfast.application.operation.OperationLog;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.application.overview.ListDatabases;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Counts what the operations of each database come to, from when the process began; when the last backup was made is
 * known from before, once {@link #recall} was called. To be told of operations as their {@link OperationEvents}.
 */
public final class Metrics implements OperationEvents, DeliveryTally {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<DatabaseName, DatabaseMeters> databases;
    private volatile @Nullable Inventory inventory;

    private Metrics(Databases databases) {
        this.databases = databases.all().stream()
                .map(it -> it.database().name())
                .collect(Collectors.toUnmodifiableMap(Function.identity(), it -> new DatabaseMeters(registry, it)));
        Stream.<MeterBinder>of(
                        new JvmMemoryMetrics(),
                        new JvmThreadMetrics(),
                        new ClassLoaderMetrics(),
                        new ProcessorMetrics(),
                        new UptimeMetrics(),
                        new FileDescriptorMetrics())
                .forEach(it -> it.bindTo(registry));
    }

    public static Metrics of(Databases databases) {
        return new Metrics(databases);
    }

    /** Takes up when each database was last backed up, and how large the newest backup is. To be called once, at the start. */
    public void recall(ListDatabases history) {
        history.list().forEach(this::stands);
    }

    private void stands(ListDatabases.Overview overview) {
        DatabaseMeters meters = databases.get(overview.database().name());
        if (meters != null) {
            meters.stands(overview);
        }
    }

    /** From now on each scrape shows what the sources and stores are like. To be called once, at the start. */
    public void watch(ListDatabases list, InstantSource clock) {
        inventory = new Inventory(list, this::stands, clock);
    }

    /** Shows how many operations run, as asked of {@code operations} with each scrape. To be called once, at the start. */
    public void watch(Operations operations) {
        databases.forEach((name, meters) -> meters.watch(() -> running(operations, name)));
    }

    private static double running(Operations operations, DatabaseName name) {
        var running = new OperationLog.Filter(Optional.of(name), Optional.of(OperationState.RUNNING));
        return switch (operations.list(running, Operations.LARGEST_PAGE, "")) {
            case Outcome.Done<Operations.Page>(Operations.Page page) ->
                page.operations().size();
            case Outcome.Refused<Operations.Page> _ -> Double.NaN;
        };
    }

    @Override
    public void ended(Operation operation) {
        DatabaseMeters meters = databases.get(operation.database());
        if (meters != null) { // a database that the settings no longer name has no meters
            meters.ended(operation);
        }
        Inventory known = inventory;
        if (known != null) {
            known.outdate();
        }
    }

    @Override
    public void add(String receiver, End end, int number) {
        Counter.builder("holdfast.notices")
                .description("Notices and pings, by what became of them")
                .tags("receiver", receiver, "outcome", end.name().toLowerCase(Locale.ROOT))
                .register(registry)
                .increment(number);
    }

    /** In Prometheus' text format. */
    String scrape() {
        Inventory known = inventory;
        if (known != null) {
            known.refresh();
        }
        return registry.scrape();
    }
}
