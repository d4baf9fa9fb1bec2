package dev.holdfast.rest.monitoring;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thing that is looked at from time to time, by one thread at a time. For use under a lock. */
final class Probe<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Probe.class);

    private final String name;
    private final Supplier<T> look;
    private final Executor threads;
    private @Nullable CompletableFuture<T> running;

    Probe(String name, Supplier<T> look, Executor threads) {
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

    /** @param otherwise what to answer if there is no answer, by the reason */
    T answer(Duration atMost, Function<String, T> otherwise) {
        CompletableFuture<T> current = running;
        if (current == null) {
            return otherwise.apply("was not looked at");
        }
        try {
            T answer = current.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
            running = null;
            return answer;
        } catch (TimeoutException _) {
            return otherwise.apply("does not answer");
        } catch (ExecutionException e) {
            running = null;
            LOG.warn("{} could not be probed", name, e.getCause());
            return otherwise.apply("could not be probed");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return otherwise.apply("was not waited for");
        }
    }
}
