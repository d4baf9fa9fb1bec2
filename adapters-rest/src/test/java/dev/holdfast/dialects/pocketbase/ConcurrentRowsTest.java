package dev.holdfast.dialects.pocketbase;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.http.dialect.HttpCalls;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rows of the contract about calls that arrive while an operation runs. */
@Tag("adapter")
class ConcurrentRowsTest extends ContractRowsFixture {
    private static final String BUSY = "Try again later - another backup/restore process has already been started.";

    /** What a restore replaces is kept, under a name of the second in which it was. */
    private static final String SAFETY = "pb_backup_acme_20240115120000.zip";

    @Test
    void while_a_backup_is_made_only_another_operation_is_refused() throws Exception {
        server.put("other.zip", Origin.MANUAL);
        server.put("third.zip", Origin.MANUAL);
        server.database.text.hold();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> running = threads.submit(() -> create("made.zip"));
            awaitCanBackup("false");
            assertBusy();
            assertRefused(
                    call("DELETE", BACKUPS + "/made.zip", ""),
                    400,
                    "The backup is currently being used and cannot be deleted.");
            assertDone(call("DELETE", BACKUPS + "/other.zip", ""));
            assertDone(upload("sent.zip", PocketBaseServerFixture.ARCHIVE));
            assertThat(call("GET", BACKUPS + "/third.zip", "").status()).isEqualTo(200);
            assertThat(keys()).containsExactly("sent.zip", "third.zip");
            assertThat(running.isDone())
                    .as("a create answers when the backup is there")
                    .isFalse();
            server.database.text.release();
            assertDone(running.get());
        }
        assertThat(keys()).containsExactly("made.zip", "sent.zip", "third.zip");
        awaitCanBackup("true");
    }

    /** Whatever else is wrong with the call. */
    private void assertBusy() throws Exception {
        for (String body : List.of("", "{", "{\"name\":\"Not allowed\"}")) {
            assertRefused(call("POST", BACKUPS, body), 400, BUSY);
        }
        assertRefused(call("POST", BACKUPS + "/third.zip/restore", ""), 400, BUSY);
        assertRefused(call("POST", BACKUPS + "/missing.zip/restore", ""), 400, BUSY);
        assertRefused(server.send("POST", BACKUPS, "{"), 401, NEEDS_TOKEN);
    }

    private void awaitCanBackup(String expected) throws Exception {
        for (long end = System.nanoTime() + 30_000_000_000L; System.nanoTime() < end; ) {
            if (call("GET", "/api/health", "").at("data.canBackup").equals(expected)) {
                return;
            }
        }
        throw new AssertionError("canBackup does not become " + expected);
    }

    @Test
    void a_restore_answers_before_its_work_and_keeps_others_out_until_it_is_done() throws Exception {
        server.put("third.zip", Origin.MANUAL);
        assertDone(create("kept.zip"));
        server.database.text.hold();
        assertDone(call("POST", BACKUPS + "/kept.zip/restore", ""));
        assertThat(call("GET", "/api/health", "").at("data.canBackup")).isEqualTo("false");
        assertBusy();
        assertRefused(
                call("DELETE", BACKUPS + "/kept.zip", ""),
                400,
                "The backup is currently being used and cannot be deleted.");
        assertDone(call("DELETE", BACKUPS + "/third.zip", ""));
        server.database.text.release();
        awaitCanBackup("true");
        assertThat(keys()).as("in addition to what it replaced").containsExactly("kept.zip", SAFETY);
        assertThat(call("GET", "/api/health", "").at("data.lastRestore.state")).isEqualTo("succeeded");
    }

    @Test
    void a_restore_keeps_nobody_from_reading_or_uploading() throws Exception {
        server.put("other.zip", Origin.MANUAL);
        assertDone(create("kept.zip"));
        server.database.text.hold();
        assertDone(call("POST", BACKUPS + "/kept.zip/restore", ""));
        assertDone(upload("sent.zip", PocketBaseServerFixture.ARCHIVE));
        assertThat(call("GET", BACKUPS + "/other.zip", "").status()).isEqualTo(200);
        assertThat(call("GET", BACKUPS + "/kept.zip", "").status()).isEqualTo(200);
        assertThat(keys()).containsExactly("kept.zip", "other.zip", "sent.zip");
        assertThat(call("PATCH", SETTINGS, "{}").status()).isEqualTo(200);
        server.database.text.release();
        awaitCanBackup("true");
    }

    @Test
    void an_upload_keeps_no_backup_from_being_made_but_another_upload_has_to_wait() throws Exception {
        byte[] form = HttpCalls.form("slow.zip", PocketBaseServerFixture.ARCHIVE);
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(60_000);
            write(socket, uploading(form, 10));
            server.awaitRunning(OperationKind.UPLOAD);

            assertThat(call("GET", "/api/health", "").at("data.canBackup")).isEqualTo("true");
            assertDone(create("made.zip"));
            assertRefused(upload("other.zip", PocketBaseServerFixture.ARCHIVE), 400, "Failed to upload backup.");
            assertThat(keys()).as("nothing half-made is listed").containsExactly("made.zip");

            write(socket, new String(form, form.length - 10, 10, ISO_8859_1));
            assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith("HTTP/1.1 204 ");
        }
        assertThat(keys()).containsExactly("made.zip", "slow.zip");
        assertDone(upload("other.zip", PocketBaseServerFixture.ARCHIVE));
    }

    @Test
    void a_client_that_goes_away_stops_no_restore_and_leaves_no_half_upload() throws Exception {
        assertDone(create("kept.zip"));
        server.database.text.hold();
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            write(
                    socket,
                    "POST /api/backups/kept.zip/restore HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + token
                            + "\r\nPrefer: return=representation\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n");
            awaitCanBackup("false");
        }
        server.database.text.release();
        awaitCanBackup("true");
        assertThat(call("GET", "/api/health", "").at("data.lastRestore.state")).isEqualTo("succeeded");

        byte[] form = HttpCalls.form("cut.zip", PocketBaseServerFixture.ARCHIVE);
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            write(socket, uploading(form, 10));
            server.awaitRunning(OperationKind.UPLOAD);
        }
        server.database.settle();
        assertThat(keys()).containsExactly("kept.zip", SAFETY);
        assertDone(upload("cut.zip", PocketBaseServerFixture.ARCHIVE));
    }

    /** A request but for its last bytes. */
    private String uploading(byte[] form, int missing) {
        return "POST /api/backups/upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + token
                + "\r\nContent-Type: multipart/form-data; boundary=b\r\nConnection: close\r\nContent-Length: "
                + form.length + "\r\n\r\n" + new String(form, 0, form.length - missing, ISO_8859_1);
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }

    @Test
    void of_several_that_begin_at_once_all_but_those_whose_turn_it_is_are_told_so() throws Exception {
        List<Answer> answers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var begin = new CountDownLatch(1);
            List<Future<Answer>> calls = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String name = "at_once_" + i + ".zip";
                calls.add(threads.submit(() -> {
                    begin.await();
                    return create(name);
                }));
            }
            begin.countDown();
            for (Future<Answer> call : calls) {
                answers.add(call.get());
            }
        }
        for (Answer answer : answers) {
            if (answer.status() != 204) {
                assertRefused(answer, 400, BUSY);
            }
        }
        assertThat(keys()).isNotEmpty().hasSize((int)
                answers.stream().filter(it -> it.status() == 204).count());
    }

    @Test
    void a_backup_that_is_being_sent_stays_until_the_client_has_it() throws Exception {
        server.put("large.zip", Origin.MANUAL, 64 << 20);
        String file = call("POST", "/api/files/token", "").at("token");
        try (InputStream body = server.open(BACKUPS + "/large.zip?token=" + file)) {
            assertThat(body.readNBytes(10)).hasSize(10);
            assertRefused(
                    call("DELETE", BACKUPS + "/large.zip", ""),
                    400,
                    "The backup is currently being used and cannot be deleted.");
            // The token counts when a download begins.
            server.clock.advance(Duration.ofMinutes(4));
            assertRefused(server.send("GET", BACKUPS + "/large.zip?token=" + file, ""), 403, CLOSED);
            long left = 0;
            for (byte[] piece = body.readNBytes(1 << 20); piece.length > 0; piece = body.readNBytes(1 << 20)) {
                left += piece.length;
            }
            assertThat(left).isEqualTo((64 << 20) - 10);
        }
        assertDone(call("DELETE", BACKUPS + "/large.zip", ""));
        for (String range : List.of("", "bytes=0-3", "bytes=4-", "bytes=0-1,3-5")) {
            for (int i = 0; i < 20; i++) {
                server.put("small.zip", Origin.MANUAL);
                String[] headers = {"Authorization", token, "Range", range};
                assertThat(server.send("GET", BACKUPS + "/small.zip", "", headers)
                                .status())
                        .isBetween(200, 206);
                assertDone(call("DELETE", BACKUPS + "/small.zip", ""));
            }
        }
    }
}
