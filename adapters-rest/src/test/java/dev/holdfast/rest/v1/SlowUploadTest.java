package dev.holdfast.rest.v1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Uploads whose client is slow, silent or gone. */
@Tag("adapter")
class SlowUploadTest extends UploadFixture {
    @Test
    void a_client_is_not_faster_than_the_reader() throws Exception {
        server.fake.patience.drainPermits();
        var sent = new AtomicLong();
        long size = 100L * MIB;
        String begin = part("file", "a.db", "");
        begin = begin.substring(0, begin.length() - 2);
        String end = "\r\n--b--\r\n";
        try (Socket socket = server.connect()) {
            socket.setSendBufferSize(64 * 1024);
            RestServerFixture.write(socket, head(PATH, begin.length() + size + end.length()) + begin);
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    OutputStream out = socket.getOutputStream();
                    byte[] piece = new byte[64 * 1024];
                    while (sent.get() < size) {
                        out.write(piece);
                        sent.addAndGet(piece.length);
                    }
                    RestServerFixture.write(socket, end);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            RestServerFixture.await(
                    "the reader has a first piece",
                    () -> !server.fake.uploads.isEmpty() && uploaded().received.get() > 0);
            awaitStandstill(sent);
            // What it could push is in the two sockets' buffers and in the few pieces between them and the reader.
            assertThat(sent.get()).isLessThan(16L * MIB);
            long before = uploaded().received.get();
            assertThat(before).isLessThanOrEqualTo(64 * 1024);
            server.fake.patience.release(Integer.MAX_VALUE / 2);
            assertThat(answer(socket)).startsWith("HTTP/1.1 201 ");
            sender.join();
        }
        assertThat(uploaded().received.get()).isEqualTo(size);
    }

    /** Until nothing has moved for a while. */
    private static void awaitStandstill(AtomicLong count) throws InterruptedException {
        long[] seen = {-1, 0};
        RestServerFixture.await("standstill", () -> {
            long now = count.get();
            seen[1] = now == seen[0] ? seen[1] + 1 : 0;
            seen[0] = now;
            return seen[1] == 50;
        });
    }

    @Test
    void a_client_that_goes_away_ends_the_reading() throws Exception {
        String begin = part("file", "a.db", "abc");
        try (Socket socket = server.connect()) {
            RestServerFixture.write(socket, head(PATH, 1_000_000) + begin);
            RestServerFixture.await("it is being read", () -> !server.fake.uploads.isEmpty());
        }
        RestServerFixture.await(
                "the reader learns of it", () -> uploaded().thrown.get() != null);
        assertThat(uploaded().thrown.get()).isInstanceOf(IOException.class);
    }

    @Test
    void a_client_that_falls_silent_is_given_up() throws Exception {
        try (Socket socket = server.connect()) {
            RestServerFixture.write(socket, head(PATH, 1_000_000) + part("file", "a.db", "abc"));
            assertThat(answer(socket)).startsWith("HTTP/1.1 500 ");
            assertThat(uploaded().thrown.get())
                    .isInstanceOf(IOException.class)
                    .hasRootCauseMessage("nothing came for PT2S");
        }
        try (Socket socket = server.connect()) {
            RestServerFixture.write(socket, head(PATH, 1_000_000) + "--b\r\n");
            assertThat(answer(socket)).startsWith("HTTP/1.1 400 ").contains("stopped before");
        }
    }
}
