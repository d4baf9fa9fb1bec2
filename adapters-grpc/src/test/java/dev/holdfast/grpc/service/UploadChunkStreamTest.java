package dev.holdfast.grpc.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class UploadChunkStreamTest {
    private final IdleTimeout silence = new IdleTimeout(Duration.ofHours(1));
    private final CountDownLatch readOne = new CountDownLatch(1);
    private final UploadChunkStream chunks = new UploadChunkStream(silence, readOne::countDown);
    private final ExecutorService reader = Executors.newSingleThreadExecutor();

    @AfterEach
    void stop() {
        reader.shutdownNow();
    }

    private Future<byte[]> readAllAfterOneByteCame() throws Exception {
        Future<byte[]> read = reader.submit(chunks::readAllBytes);
        chunks.add(ByteString.copyFromUtf8("x"));
        assertThat(readOne.await(10, TimeUnit.SECONDS)).isTrue();
        return read;
    }

    @Test
    void a_reader_that_waits_gives_up_when_nothing_is_waited_for_any_more() throws Exception {
        Future<byte[]> read = readAllAfterOneByteCame();

        silence.end();

        assertThat(read).failsWithin(Duration.ofSeconds(10)).withThrowableThat().withMessageContaining("nothing came");
    }

    @Test
    void a_reader_that_waits_gives_up_when_it_is_interrupted() throws Exception {
        Future<byte[]> read = readAllAfterOneByteCame();

        reader.shutdownNow();

        assertThat(read).failsWithin(Duration.ofSeconds(10)).withThrowableThat().withMessageContaining("interrupted");
    }

    @Test
    void what_came_before_the_end_is_read_whole() throws Exception {
        Future<byte[]> read = readAllAfterOneByteCame();

        chunks.add(ByteString.copyFromUtf8("yz"));
        chunks.complete();
        chunks.breakOff("the client went away");

        assertThat(read).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(new byte[] {'x', 'y', 'z'});
    }
}
