package dev.holdfast.bootstrap.timer;

import io.micronaut.scheduling.executor.ExecutorType;
import java.util.Map;
import java.util.concurrent.ThreadFactory;

/**
 * The threads of the framework's scheduler: one for each timer, so that a run that lasts delays no other timer.
 * Platform threads, because SQLite's native calls hold the thread that carries them. Daemons, because a run may hang.
 */
public final class TimerThreads implements ThreadFactory {
    /** The timers of a running server. A test counts the places that start one. */
    public static final int COUNT = 7;

    /** What the framework has to know. The pool is a bean: it ends with the context. */
    public static final Map<String, Object> PROPERTIES = Map.of(
            "micronaut.executors.scheduled.type", ExecutorType.SCHEDULED,
            "micronaut.executors.scheduled.core-pool-size", COUNT,
            "micronaut.executors.scheduled.thread-factory-class", TimerThreads.class);

    private final ThreadFactory threads =
            Thread.ofPlatform().daemon().name("timer-", 1).factory();

    @Override
    public Thread newThread(Runnable task) {
        return threads.newThread(task);
    }
}
