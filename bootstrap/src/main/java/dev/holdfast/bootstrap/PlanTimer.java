package dev.holdfast.bootstrap;

import dev.holdfast.application.planned.PlannedWork;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the plans looked at once a second. */
final class PlanTimer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PlanTimer.class);
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final Duration END = Duration.ofSeconds(5);

    private final PlannedWork work;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("plans").factory());

    /** One for each look at one database. */
    private final ExecutorService looks = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("plan-look-", 1).factory());

    PlanTimer(PlannedWork work) {
        this.work = work;
    }

    void start() {
        var _ = thread.scheduleWithFixedDelay(this::look, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Whatever happens, the next second is another one: what is thrown would end the timer without a word. */
    private void look() {
        try {
            work.look(looks);
        } catch (RuntimeException | Error e) {
            LOG.error("The plans could not be looked at", e);
        }
    }

    /** Nothing is begun any more. */
    @Override
    public void close() {
        end(thread);
        end(looks);
    }

    private static void end(ExecutorService threads) {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(END.toMillis(), TimeUnit.MILLISECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
