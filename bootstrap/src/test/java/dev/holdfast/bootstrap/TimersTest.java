package dev.holdfast.bootstrap;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.bootstrap.timer.PlanTimer;
import dev.holdfast.bootstrap.timer.RepeatedTask;
import dev.holdfast.bootstrap.timer.TimerThreads;
import io.micronaut.context.ApplicationContext;
import io.micronaut.scheduling.TaskScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** The timers on the framework's scheduler, with the pool that the server gives it. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class TimersTest {
    private static final Duration PAUSE = Duration.ofMillis(1);

    private final ApplicationContext context = ApplicationContext.builder()
            .enableDefaultPropertySources(false)
            .deduceEnvironment(false)
            .banner(false)
            .properties(TimerThreads.PROPERTIES)
            .start();
    private final TaskScheduler scheduler = context.getBean(TaskScheduler.class);
    private final CountDownLatch released = new CountDownLatch(1);

    @AfterEach
    void end() {
        released.countDown();
        context.close();
    }

    @Test
    void after_a_first_run_that_throws_the_second_run_comes() throws Exception {
        for (Throwable failure : List.of(new IllegalStateException("a fault"), new StackOverflowError("a worse one"))) {
            var log = new ListAppender<ILoggingEvent>();
            log.start();
            Logger logger = (Logger) LoggerFactory.getLogger(RepeatedTask.class);
            logger.addAppender(log);
            var runs = new AtomicInteger();
            var second = new CountDownLatch(1);
            try (var timer = new RepeatedTask(scheduler, PAUSE, "Looking", () -> {
                if (runs.incrementAndGet() == 1) {
                    throwUnchecked(failure);
                }
                second.countDown();
            })) {
                timer.start();
                assertThat(second.await(30, SECONDS)).isTrue();
            } finally {
                logger.detachAppender(log);
            }
            assertThat(log.list).singleElement().satisfies(it -> {
                assertThat(it.getLevel()).isEqualTo(Level.ERROR);
                assertThat(it.getFormattedMessage()).startsWith("Looking failed");
                assertThat(it.getThrowableProxy().getMessage()).isEqualTo(failure.getMessage());
            });
        }
    }

    private static void throwUnchecked(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) failure;
    }

    @Test
    void after_a_first_look_at_the_plans_that_throws_the_second_look_comes() throws Exception {
        var looks = new AtomicInteger();
        var second = new CountDownLatch(1);
        try (var plans = new PlanTimer(scheduler, _ -> {
            if (looks.incrementAndGet() == 1) {
                throw new IllegalStateException("the catalogue does not answer");
            }
            second.countDown();
        })) {
            plans.start();
            assertThat(second.await(30, SECONDS)).isTrue();
        }
    }

    /** Also if all of them hang. */
    @Test
    void a_run_that_lasts_three_periods_overlaps_none_of_its_timer_and_delays_no_plan() throws Exception {
        var running = new Semaphore(TimerThreads.COUNT - 1);
        var overlapped = new AtomicBoolean();
        var begun = new CountDownLatch(TimerThreads.COUNT - 1);
        List<RepeatedTask> others = new ArrayList<>();
        for (int i = 1; i < TimerThreads.COUNT; i++) {
            var other = new RepeatedTask(scheduler, PAUSE, "Hanging", () -> {
                if (!running.tryAcquire()) {
                    overlapped.set(true);
                }
                begun.countDown();
                try {
                    released.await();
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                } finally {
                    running.release();
                }
            });
            others.add(other);
            other.start();
        }
        assertThat(begun.await(30, SECONDS)).isTrue();

        var looks = new CountDownLatch(3);
        try (var plans = new PlanTimer(scheduler, _ -> looks.countDown())) {
            plans.start();
            assertThat(looks.await(30, SECONDS)).isTrue();
        }

        assertThat(running.availablePermits()).isZero();
        assertThat(overlapped).isFalse();
        others.forEach(RepeatedTask::close);
    }

    @Test
    void a_timer_that_ends_waits_for_its_run_and_does_not_interrupt_it() throws Exception {
        var begun = new CountDownLatch(1);
        var whole = new AtomicBoolean();
        var runs = new AtomicInteger();
        var timer = new RepeatedTask(scheduler, PAUSE, "Working", () -> {
            runs.incrementAndGet();
            begun.countDown();
            whole.set(await(released));
        });
        timer.start();
        assertThat(begun.await(30, SECONDS)).isTrue();
        Thread closing = Thread.ofPlatform().start(timer::close);
        while (closing.getState() != Thread.State.TIMED_WAITING) {
            assertThat(closing.isAlive()).isTrue();
            Thread.onSpinWait();
        }

        released.countDown();
        assertThat(closing.join(Duration.ofSeconds(30))).isTrue();

        assertThat(whole).isTrue();
        assertThat(runs).hasValue(1);
    }

    @Test
    void a_run_that_hangs_is_interrupted_when_its_timer_has_waited_long_enough() throws Exception {
        var begun = new CountDownLatch(1);
        var interrupted = new CountDownLatch(1);
        var timer = new RepeatedTask(
                scheduler,
                PAUSE,
                "Hanging",
                () -> {
                    begun.countDown();
                    try {
                        released.await();
                    } catch (InterruptedException _) {
                        interrupted.countDown();
                    }
                },
                Duration.ofMillis(10));
        timer.start();
        assertThat(begun.await(30, SECONDS)).isTrue();

        timer.close();

        assertThat(interrupted.await(30, SECONDS)).isTrue();
    }

    @Test
    void a_timer_that_ended_before_its_begin_never_runs() {
        var runs = new AtomicInteger();
        var timer = new RepeatedTask(scheduler, PAUSE, "Late", runs::incrementAndGet);
        timer.close();

        timer.start();

        var after = new CountDownLatch(2);
        try (var other = new RepeatedTask(scheduler, PAUSE, "Other", after::countDown)) {
            other.start();
            assertThat(await(after)).isTrue();
        }
        assertThat(runs).hasValue(0);
    }

    @Test
    void the_threads_have_names_keep_no_process_alive_and_end_with_the_server() throws Exception {
        List<Thread> seen = new ArrayList<>();
        var ran = new CountDownLatch(TimerThreads.COUNT);
        List<RepeatedTask> timers = new ArrayList<>();
        for (int i = 0; i < TimerThreads.COUNT; i++) {
            var begun = new AtomicBoolean();
            var timer = new RepeatedTask(scheduler, PAUSE, "Looking", () -> {
                if (begun.compareAndSet(false, true)) {
                    synchronized (seen) {
                        seen.add(Thread.currentThread());
                    }
                    ran.countDown();
                    await(released);
                }
            });
            timers.add(timer);
            timer.start();
        }
        assertThat(ran.await(30, SECONDS)).isTrue();

        assertThat(seen)
                .hasSize(TimerThreads.COUNT)
                .doesNotHaveDuplicates()
                .allMatch(it -> it.getName().startsWith("timer-") && it.isDaemon() && !it.isVirtual());
        released.countDown();
        timers.forEach(RepeatedTask::close);
        context.close();
        for (Thread thread : seen) {
            assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(30, SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
