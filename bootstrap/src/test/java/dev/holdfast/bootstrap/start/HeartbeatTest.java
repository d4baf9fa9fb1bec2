package dev.holdfast.bootstrap.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.bootstrap.start.Heartbeat.Beat;
import dev.holdfast.bootstrap.start.Heartbeat.Place;
import dev.holdfast.bootstrap.start.Heartbeat.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class HeartbeatTest {
    private static final Place HERE = new Place("here", "boot-1", "pid:[1]", 10);
    private static final Place OTHER_MACHINE = new Place("there", "boot-2", "pid:[1]", 10);

    /** The largest number of a process is 2^22. */
    private static final long NO_PROCESS = 1L << 30;

    @TempDir
    Path root;

    private Path file;

    /** What the start waited for. */
    private final List<Duration> pauses = new ArrayList<>();

    private final Semaphore intervals = new Semaphore(0);
    private Runnable meanwhile = () -> {};

    @BeforeEach
    void path() {
        file = root.resolve("holdfast.heartbeat");
    }

    /** Lets the time of the start pass at once, and that of the running server when the test says so. */
    private Heartbeat begin() {
        Thread starting = Thread.currentThread();
        Waiting waiting = time -> {
            if (Thread.currentThread().equals(starting)) {
                pauses.add(time);
                meanwhile.run();
            } else {
                intervals.acquire();
            }
        };
        return Heartbeat.begin(file, new Random(1), HERE, waiting);
    }

    private void left(Place place, long count) {
        write(new Beat("other", place, count));
    }

    private void write(Beat beat) {
        try {
            Files.writeString(file, beat.text());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void assertRefused() {
        assertThatThrownBy(this::begin)
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("a directory that no other server uses")
                .hasMessageContaining("holdfast.heartbeat");
        try (var files = Files.list(root)) {
            assertThat(files.filter(it -> it.toString().endsWith(".part"))).isEmpty();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void the_first_server_writes_a_file_that_it_removes() throws Exception {
        try (Heartbeat _ = begin()) {
            assertThat(Beat.of(Files.readString(file)))
                    .hasValueSatisfying(it -> assertThat(it.place()).isEqualTo(HERE));
        }
        assertThat(root).isEmptyDirectory();
        assertThat(pauses).hasSize(1);
    }

    @Test
    void a_server_that_was_killed_here_is_followed_at_once() throws Exception {
        left(new Place("here", "boot-1", "pid:[1]", NO_PROCESS), 7);
        try (Heartbeat _ = begin()) {
            assertThat(pauses).hasSize(1);
        }
    }

    @Test
    void the_same_process_number_in_a_container_that_was_started_again_is_followed_at_once() throws Exception {
        left(HERE, 7);
        try (Heartbeat _ = begin()) {
            assertThat(pauses).hasSize(1);
        }
    }

    @Test
    void a_heartbeat_that_stands_still_is_taken_over_after_it_was_watched() throws Exception {
        left(new Place("here", "boot-1", "pid:[2]", 10), 7);
        try (Heartbeat _ = begin()) {
            assertThat(pauses.stream().reduce(Duration.ZERO, Duration::plus)).isGreaterThan(Heartbeat.WATCHED);
        }
    }

    @Test
    void a_heartbeat_that_goes_on_refuses_the_start() {
        Place place = new Place("here", "boot-1", "pid:[2]", 10);
        left(place, 7);
        meanwhile = () -> left(place, 7 + pauses.size() / 3);
        assertRefused();
        assertThat(pauses).hasSize(3);
    }

    @Test
    void a_fresh_heartbeat_of_another_machine_refuses_the_start_at_once() {
        left(OTHER_MACHINE, 7);
        assertRefused();
        assertThat(pauses).isEmpty();
    }

    @Test
    void an_old_heartbeat_of_another_machine_is_watched() throws Exception {
        left(OTHER_MACHINE, 7);
        Files.setLastModifiedTime(
                file, FileTime.from(Instant.now().minus(Heartbeat.FRESH).minusSeconds(5)));
        try (Heartbeat _ = begin()) {
            assertThat(pauses).hasSizeGreaterThan(2);
        }
    }

    @Test
    void of_two_that_start_at_once_the_one_that_wrote_first_gives_way() throws Exception {
        meanwhile = () -> left(OTHER_MACHINE, 0);
        assertRefused();
        assertThat(Beat.of(Files.readString(file)))
                .hasValueSatisfying(it -> assertThat(it.run()).isEqualTo("other"));
    }

    @Test
    void a_running_server_counts_up_and_ends_when_another_one_has_taken_over() throws Exception {
        try (Heartbeat heartbeat = begin()) {
            CountDownLatch lost = new CountDownLatch(1);
            heartbeat.whenLost(lost::countDown);
            Beat first = Beat.of(Files.readString(file)).orElseThrow();
            intervals.release();
            while (Beat.of(Files.readString(file)).orElseThrow().count() == first.count()) {
                Thread.onSpinWait();
            }
            assertThat(lost.getCount()).isEqualTo(1);
            left(OTHER_MACHINE, 3);
            intervals.release();
            assertThat(lost.await(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(Beat.of(Files.readString(file)))
                .hasValueSatisfying(it -> assertThat(it.run()).isEqualTo("other"));
    }

    @Test
    void a_server_that_has_lost_before_it_serves_is_stopped_when_it_does() throws Exception {
        try (Heartbeat heartbeat = begin()) {
            left(OTHER_MACHINE, 3);
            intervals.release();
            CountDownLatch lost = new CountDownLatch(1);
            heartbeat.whenLost(lost::countDown);
            assertThat(lost.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "a b c d e f\n", "a =%zz =b =c 1 2\n", "\u00fc =a =b =c 1 2\n"})
    void a_file_that_is_no_heartbeat_is_replaced(String content) throws Exception {
        Files.writeString(file, content);
        try (Heartbeat heartbeat = begin()) {
            assertThat(heartbeat).isNotNull();
            assertThat(Files.readString(file)).endsWith(" 0\n");
        }
    }

    @Test
    void names_with_spaces_and_without_text_survive() {
        Beat beat = new Beat("run", new Place("a host\nname", "", "", 1), 5);
        assertThat(Beat.of(beat.text())).contains(beat);
        assertThat(Beat.of("")).isEmpty();
        assertThat(Beat.of("half of it")).isEmpty();
    }
}
