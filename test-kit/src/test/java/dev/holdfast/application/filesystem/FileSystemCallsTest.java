package dev.holdfast.application.filesystem;

import static dev.holdfast.application.filesystem.FrozenFileSystem.LONGER;
import static dev.holdfast.application.filesystem.FrozenFileSystem.PATIENT;
import static dev.holdfast.application.filesystem.FrozenFileSystem.SHORT;
import static dev.holdfast.application.filesystem.FrozenFileSystem.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.domain.problem.ProblemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(30)
class FileSystemCallsTest {
    private FrozenFileSystem files = new FrozenFileSystem(SHORT);
    private FileSystemCalls calls = files.calls;

    private void use(CallLimits limits) {
        files = new FrozenFileSystem(limits);
        calls = files.calls;
    }

    @AfterEach
    void thaw() {
        files.thaw();
    }

    private void hang() {
        files.freeze();
        assertThatThrownBy(() -> calls.read(files::waitUntilThawed)).isInstanceOf(ProblemException.class);
    }

    @Test
    void a_call_answers_with_what_it_found_or_fails_as_it_failed() {
        use(PATIENT);
        assertThat(calls.read(() -> "found")).isEqualTo("found");
        assertThatThrownBy(() -> calls.read(() -> {
                    throw new IllegalArgumentException("broken");
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("broken");
        assertThat(calls.hungSince()).isEmpty();
    }

    @Test
    void a_call_that_is_slow_is_waited_for_while_the_file_system_answers_probes() {
        use(PATIENT);
        String found = calls.read(() -> {
            until(() -> files.probes.get() >= 3);
            return "late";
        });

        assertThat(found).isEqualTo("late");
        assertThat(calls.hungSince()).isEmpty();
    }

    @Test
    void once_the_file_system_hangs_later_calls_fail_without_being_made() {
        hang();
        var made = new AtomicInteger();

        assertThatThrownBy(() -> calls.read(made::incrementAndGet))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        it -> assertThat(it.problem().detail()).isEqualTo("nothing happens"));
        assertThat(made).hasValue(0);
        assertThat(calls.hungSince()).isPresent();
    }

    @Test
    void it_answers_again_by_itself_and_its_threads_end() {
        hang();
        files.thaw();

        until(() -> calls.hungSince().isEmpty());
        until(files::answers);
        until(() -> calls.threads() == 0);
    }

    @Test
    void no_more_threads_wait_for_it_than_its_bound() throws InterruptedException {
        files.freeze();
        var refused = new AtomicInteger();
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            callers.add(Thread.startVirtualThread(() -> {
                try {
                    calls.read(files::waitUntilThawed);
                } catch (ProblemException e) {
                    refused.incrementAndGet();
                }
            }));
        }
        for (Thread caller : callers) {
            caller.join();
        }

        assertThat(refused).hasValue(50);
        assertThat(calls.threads()).isLessThanOrEqualTo(FrozenFileSystem.THREADS + 1);
    }

    @Test
    void a_call_that_had_no_thread_when_its_caller_gave_up_is_never_made() throws InterruptedException {
        use(LONGER);
        files.freeze();
        List<Thread> callers = new ArrayList<>();
        var begun = new CountDownLatch(FrozenFileSystem.THREADS);
        for (int i = 0; i < FrozenFileSystem.THREADS; i++) {
            callers.add(Thread.startVirtualThread(() -> assertThatThrownBy(() -> calls.read(() -> {
                        begun.countDown();
                        return files.waitUntilThawed();
                    }))
                    .isInstanceOf(ProblemException.class)));
        }
        begun.await();
        var made = new AtomicBoolean();
        assertThatThrownBy(() -> calls.change(() -> made.getAndSet(true)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        it -> assertThat(it.problem().detail()).isEqualTo("nothing happens"));
        for (Thread caller : callers) {
            caller.join();
        }

        files.thaw();
        until(() -> calls.threads() == 0);
        assertThat(made).isFalse();
    }

    @Test
    void a_change_that_has_not_returned_holds_back_all_calls_although_probes_are_answered() {
        // The change has begun by then, also on a busy machine.
        var limits = new CallLimits(
                Duration.ofMillis(5),
                Duration.ofMinutes(1),
                Duration.ofSeconds(1),
                Duration.ZERO,
                FrozenFileSystem.THREADS);
        var stuck = new FrozenFileSystem(limits);
        var returns = new CountDownLatch(1);

        assertThatThrownBy(() -> stuck.calls.change(() -> await(returns)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        it -> assertThat(it.problem().detail()).isEqualTo("may still happen"));
        assertThatThrownBy(() -> stuck.calls.read(() -> "found")).isInstanceOf(ProblemException.class);

        returns.countDown();
        until(() -> stuck.calls.hungSince().isEmpty());
        until(stuck::answers);
    }

    @Test
    void a_look_that_has_not_returned_is_forgiven_later_because_its_mount_may_be_gone() {
        var limits = new CallLimits(
                Duration.ofMillis(5),
                Duration.ofMinutes(1),
                Duration.ofMillis(20),
                Duration.ofMillis(40),
                FrozenFileSystem.THREADS);
        var stuck = new FrozenFileSystem(limits);
        var returns = new CountDownLatch(1);

        assertThatThrownBy(() -> stuck.calls.read(() -> await(returns))).isInstanceOf(ProblemException.class);

        until(() -> stuck.calls.hungSince().isEmpty());
        until(stuck::answers);
        returns.countDown();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void a_probe_that_gets_no_thread_says_nothing_of_the_file_system(int failures) {
        var left = new AtomicInteger(failures);
        var patient = new CallLimits(
                Duration.ofMillis(5),
                Duration.ofSeconds(20),
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                FrozenFileSystem.THREADS);
        var files = new FrozenFileSystem(patient, probe -> {
            if (left.getAndDecrement() > 0) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            Thread.ofPlatform().daemon().start(probe);
        });

        for (int i = 0; i < failures; i++) {
            files.calls.probe();
        }
        String found = files.calls.read(() -> {
            until(() -> files.probes.get() >= 2);
            return "late";
        });

        assertThat(found).isEqualTo("late");
        until(() -> files.calls.threads() == 0);
        assertThat(files.calls.hungSince()).isEmpty();
    }

    private static boolean await(CountDownLatch latch) {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void what_is_opened_after_its_caller_has_gone_is_closed() {
        use(LONGER);
        files.freeze();
        var closed = new AtomicInteger();
        assertThatThrownBy(() -> calls.open(files::waitUntilThawed, _ -> closed.incrementAndGet()))
                .isInstanceOf(ProblemException.class);

        files.thaw();
        until(() -> closed.get() == 1);
    }

    @Test
    void what_cannot_be_closed_now_is_closed_when_the_file_system_answers() {
        hang();
        var closed = new AtomicInteger();
        calls.close(() -> {
            files.waitUntilThawed();
            closed.incrementAndGet();
        });
        assertThat(closed).hasValue(0);

        files.thaw();
        until(() -> closed.get() == 1);
    }

    @Test
    void an_operation_makes_its_calls_on_its_own_thread_and_waits() throws Exception {
        hang();
        var begun = new CountDownLatch(1);
        var caller = new Thread[1];
        Thread operation = Thread.ofPlatform().daemon().start(() -> {
            try {
                FileSystemCalls.waiting(() -> calls.read(() -> {
                    caller[0] = Thread.currentThread();
                    begun.countDown();
                    return files.waitUntilThawed();
                }));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        begun.await();
        assertThat(caller[0]).isSameAs(operation);

        files.thaw();
        operation.join();
    }
}
