package dev.holdfast.store.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.operation.FailPoints;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class WriteBackTest {
    @TempDir
    Path directory;

    @Test
    void what_the_disk_refuses_meanwhile_is_told_at_the_end() {
        var failure = new IOException("the disk is broken");
        var runs = new AtomicInteger();
        var writeBack = new WriteBack(() -> {
            if (runs.incrementAndGet() == 1) {
                throw failure;
            }
        });
        writeBack.begin();

        assertThatThrownBy(writeBack::end).isSameAs(failure);
        writeBack.begin();
        assertThatThrownBy(writeBack::end).isSameAs(failure);
    }

    @Test
    void a_file_that_was_given_up_meanwhile_is_no_failure() {
        var writeBack = new WriteBack(() -> {
            throw new AsynchronousCloseException();
        });
        writeBack.begin();

        assertThatCode(writeBack::end).doesNotThrowAnyException();
    }

    @Test
    void it_runs_once_at_a_time_and_is_waited_for_at_the_end() throws Exception {
        var runs = new AtomicInteger();
        var gate = new CountDownLatch(1);
        var writeBack = new WriteBack(() -> {
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            runs.incrementAndGet();
        });
        writeBack.begin();
        writeBack.begin();
        gate.countDown();
        writeBack.end();

        assertThat(runs).hasValue(1);
    }

    @Test
    void nothing_begun_is_nothing_to_wait_for() {
        assertThatCode(new WriteBack(() -> {})::end).doesNotThrowAnyException();
    }

    @Test
    void a_file_of_several_steps_holds_what_was_written() throws Exception {
        Path file = Files.createFile(directory.resolve("large"));
        byte[] megabyte = new byte[1 << 20];
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        long length = 2 * WriteBack.STEP_BYTES + (5 << 20);
        try (var output = new HashingOutput(file, FailPoints.NONE)) {
            for (long at = 0; at < length; at += megabyte.length) {
                Arrays.fill(megabyte, (byte) (at >> 20));
                digest.update(megabyte);
                output.write(megabyte, 0, megabyte.length);
            }
            assertThat(output.finish().toString()).contains(HexFormat.of().formatHex(digest.digest()));
        }
        assertThat(file).hasSize(length);
    }
}
