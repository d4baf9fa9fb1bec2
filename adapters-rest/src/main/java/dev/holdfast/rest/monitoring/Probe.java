package dev.holdfast.rest.monitoring;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thing that is looked at from time to time, by one thread at a time. For use under a lock. */
final class Probe {
    private static final Logger LOG = LoggerFactory.getLogger(Probe.class);

    private final String name;
    private final Supplier<Optional<String>> look;
    private final Executor threads;
    private @Nullable CompletableFuture<Optional<String>> running;

    /** @param look answers what is wrong, if anything is */
    Probe(String name, Supplier<Optional<String>> look, Executor threads) {
        this.name = name;
        this.look = look;
        this.threads = threads;
    }

    String name() {
        return name;
    }

    /** Does not begin again while the last look goes on: a place that hangs must not collect threads. */
    void begin() {
        if (running == null) {
            running = CompletableFuture.supplyAsync(look, threads);
        }
    }

    /** What is wrong, if anything is. */
    Optional<String> failure(Duration atMost) {
        CompletableFuture<Optional<String>> current = running;
        if (current == null) {
            return Optional.of("was not looked at");
        }
        try {
            Optional<String> failure = current.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
            running = null;
            return failure;
        } catch (TimeoutException _) {
            return Optional.of("does not answer");
        } catch (ExecutionException e) {
            running = null;
            LOG.warn("{} could not be probed", name, e.getCause());
            return Optional.of("could not be probed");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.of("was not waited for");
        }
    }
}
