package dev.holdfast.bootstrap.timer;

import io.micronaut.scheduling.TaskScheduler;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Has the plans looked at once a second. */
public final class PlanTimer implements AutoCloseable {
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final Duration END = Duration.ofSeconds(5);

    private final RepeatedTask task;

    /** One for each look at one database. */
    private final ExecutorService looks = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("plan-look-", 1).factory());

    /** @param work begins what is due, with the given threads */
    public PlanTimer(TaskScheduler scheduler, Consumer<Executor> work) {
        task = new RepeatedTask(scheduler, EVERY, "Looking at the plans", () -> work.accept(looks));
    }

    public void start() {
        task.start();
    }

    /** Nothing is begun any more. */
    @Override
    public void close() {
        task.close();
        looks.shutdown();
        try {
            if (!looks.awaitTermination(END.toMillis(), TimeUnit.MILLISECONDS)) {
                looks.shutdownNow();
            }
        } catch (InterruptedException e) {
            looks.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
