package dev.holdfast.rest.v1;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.OperationKind;
import dev.holdfast.http.stream.StreamedBody;
import dev.holdfast.rest.v1.OneBackupUseCases.Ending;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OperationCallsTest {
    private final RestServerFixture server = new RestServerFixture(Map.of("holdfast.http.stream.heartbeat", "PT0.2S"));

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void reset() {
        server.fake.reset();
    }

    @Test
    void an_operation_is_shown_as_it_stands() throws Exception {
        Operation operation = server.fake.begin(OperationKind.BACKUP);
        server.fake.progress(operation.id(), 10, 1000);
        HttpResponse<String> running = server.send("GET", path(operation));
        assertThat(running.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(running.body())
                .isEqualTo("{\"id\":\"" + operation.id() + "\",\"kind\":\"backup\",\"database\":\"default\","
                        + "\"state\":\"running\",\"phase\":\"copying\","
                        + "\"progress\":{\"bytes_done\":10,\"bytes_total\":1000,\"bytes_per_second\":5,\"seconds_left\":198},"
                        + "\"subject\":null,"
                        + "\"requested_by\":\"anonymous\",\"cancel_requested\":false,"
                        + "\"started_at\":\"2026-04-13T14:25:30Z\",\"finished_at\":null,\"result\":null,"
                        + "\"error\":null}");
        server.fake.end(operation.id(), new Ending.Success());
        HttpResponse<String> ended = server.send("GET", path(operation));
        assertThat(ended.headers().firstValue("Retry-After")).isEmpty();
        assertThat(ended.body())
                .contains(
                        "\"bytes_per_second\":5,\"seconds_left\":null}",
                        "\"state\":\"succeeded\"",
                        "\"subject\":\"app_20260413_142530.db\"",
                        "\"finished_at\":\"2026-04-13T14:25:32Z\"",
                        "\"result\":{\"database\":\"default\",\"filename\":\"app_20260413_142530.db\",\"size\":1000,"
                                + "\"created_at\":\"2026-04-13T14:25:30.000000\"}");
    }

    @Test
    void operations_are_listed_by_state() throws Exception {
        Operation operation = server.fake.begin(OperationKind.VERIFY);
        server.fake.end(operation.id(), new Ending.Fails("source-busy", "Locked."));
        assertThat(server.send("GET", "/api/v1/operations?state=failed&database=default")
                        .body())
                .contains("\"id\":\"" + operation.id() + "\"")
                .endsWith("\"next_page_token\":\"\"}");
        assertThat(server.send("GET", "/api/v1/operations?database=other").body())
                .isEqualTo("{\"operations\":[],\"next_page_token\":\"\"}");
    }

    @Test
    void operations_are_listed_by_kind_and_by_who_asked() throws Exception {
        Operation operation = server.fake.begin(OperationKind.DRILL);
        assertThat(server.send("GET", "/api/v1/operations?kind=drill&requested_by=anonymous")
                        .body())
                .contains("\"id\":\"" + operation.id() + "\"")
                .doesNotContain("\"kind\":\"backup\"", "\"kind\":\"verify\"");
        assertThat(server.send("GET", "/api/v1/operations?kind=drill&requested_by=nobody")
                        .body())
                .startsWith("{\"operations\":[],");
    }

    @ParameterizedTest
    @CsvSource({
        "state, 'running, succeeded, failed, cancelled'",
        "kind, 'backup, restore, verify, expire, drill, upload'",
    })
    void an_unknown_value_of_a_filter_is_told_which_ones_there_are(String filter, String allowed) throws Exception {
        for (String value : List.of("other", "", "BACKUP", "FAILED")) {
            HttpResponse<String> refused = server.send("GET", "/api/v1/operations?" + filter + "=" + value);
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body())
                    .contains(
                            "\"code\":\"invalid-argument\"",
                            "\"field\":\"" + filter + "\"",
                            filter + " is one of " + allowed + ".");
        }
    }

    @Test
    void a_cancelled_one_is_answered_at_once() throws Exception {
        Operation operation = server.fake.begin(OperationKind.BACKUP);
        assertThat(server.send("POST", path(operation) + "/cancel").body()).contains("\"state\":\"cancelled\"");
    }

    @Test
    void a_waiting_call_ends_when_somebody_cancels() throws Exception {
        server.fake.ending.set(null);
        try (Socket socket = server.connect()) {
            RestServerFixture.write(
                    socket,
                    "POST /api/v1/backup HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            RestServerFixture.await("the operation began", () -> running().find());
            Matcher operation = running();
            assertThat(operation.find()).isTrue();
            server.send("POST", "/api/v1/operations/" + operation.group(1) + "/cancel");
            assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
                    .startsWith("HTTP/1.1 409 ")
                    .contains("\"operation\":\"" + operation.group(1) + "\"");
        }
    }

    private Matcher running() {
        try {
            return Pattern.compile("\"id\":\"(op-\\d+)\"")
                    .matcher(server.send("GET", "/api/v1/operations?state=running")
                            .body());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void events_begin_with_the_state_now_go_on_with_changes_and_end_with_the_operation() throws Exception {
        Operation operation = server.fake.begin(OperationKind.BACKUP);
        try (Socket socket = server.connect();
                var events = follow(socket, operation, "")) {
            assertThat(nextEvent(events)).startsWith("id: 1\nevent: operation\ndata: {\"id\":\"" + operation.id());
            server.fake.progress(operation.id(), 500, 1000);
            assertThat(nextEvent(events))
                    .startsWith("id: 2\nevent: operation\n")
                    .contains("\"bytes_done\":500");
            server.fake.end(operation.id(), new Ending.Success());
            assertThat(nextEvent(events)).startsWith("id: 3\n").contains("\"state\":\"succeeded\"");
            assertThat(rest(events)).isEmpty();
        }
    }

    @Test
    void a_client_that_comes_back_is_not_told_again() throws Exception {
        Operation operation = server.fake.begin(OperationKind.BACKUP);
        try (Socket socket = server.connect();
                var events = follow(socket, operation, "Last-Event-ID: 1\r\n")) {
            assertThat(events.readLine()).isEqualTo(": still running");
            server.fake.end(operation.id(), new Ending.Cancels());
            assertThat(nextEvent(events)).startsWith("id: 2\n").contains("\"state\":\"cancelled\"");
        }
        // Upon which an EventSource does not come back.
        var seenAll = server.send("GET", path(operation) + "/events", "Last-Event-ID", "2");
        assertThat(seenAll.statusCode()).isEqualTo(204);
        assertThat(seenAll.body()).isEmpty();
        try (Socket socket = server.connect();
                var events = follow(socket, operation, "Last-Event-ID: nonsense\r\n")) {
            assertThat(nextEvent(events)).startsWith("id: 2\n");
        }
    }

    @Test
    void much_progress_makes_few_events() throws Exception {
        Operation operation = server.fake.begin(OperationKind.BACKUP);
        try (Socket socket = server.connect();
                var events = follow(socket, operation, "")) {
            nextEvent(events);
            for (int i = 1; i <= 1000; i++) {
                server.fake.progress(operation.id(), i, 1000);
            }
            server.fake.end(operation.id(), new Ending.Success());
            String all = rest(events);
            assertThat(all).contains("id: 1002\n", "\"state\":\"succeeded\"");
            assertThat(all.split("event: operation", -1).length - 1).isLessThan(500);
        }
    }

    @Test
    void a_client_that_leaves_frees_its_thread() throws Exception {
        Operation operation = server.fake.begin(OperationKind.BACKUP);
        try (Socket socket = server.connect();
                var events = follow(socket, operation, "")) {
            nextEvent(events);
            assertThat(StreamedBody.open()).isPositive();
        }
        RestServerFixture.await("no body is open", () -> StreamedBody.open() == 0);
    }

    private static final String ALL = "/api/v1/operations/events";

    @Test
    void events_of_all_begin_with_what_runs_and_go_on_with_every_change() throws Exception {
        Operation first = server.fake.begin(OperationKind.BACKUP);
        try (Socket socket = server.connect();
                var events = follow(socket, ALL, "")) {
            assertThat(nextEvent(events))
                    .contains("event: snapshot\ndata: {\"operations\":[", "\"id\":\"" + first.id() + "\"");
            Operation second = server.fake.begin(OperationKind.VERIFY);
            assertThat(nextEvent(events)).contains("event: operation\ndata: {\"id\":\"" + second.id());
            server.fake.end(first.id(), new Ending.Success());
            assertThat(nextEvent(events)).contains("data: {\"id\":\"" + first.id(), "\"state\":\"succeeded\"");
            server.fake.end(second.id(), new Ending.Cancels());
            assertThat(nextEvent(events)).contains("data: {\"id\":\"" + second.id(), "\"state\":\"cancelled\"");
        }
    }

    @Test
    void whoever_follows_all_and_comes_back_goes_on_behind_the_last_event() throws Exception {
        String position;
        Operation operation;
        try (Socket socket = server.connect();
                var events = follow(socket, ALL, "")) {
            assertThat(nextEvent(events)).contains("event: snapshot\n", "data: {\"operations\":[");
            operation = server.fake.begin(OperationKind.BACKUP);
            position = nextEvent(events).lines().findFirst().orElseThrow();
        }
        server.fake.end(operation.id(), new Ending.Success());
        try (Socket socket = server.connect();
                var events = follow(socket, ALL, position.replace("id:", "Last-Event-ID:") + "\r\n")) {
            assertThat(nextEvent(events))
                    .contains("event: operation\ndata: {\"id\":\"" + operation.id(), "\"state\":\"succeeded\"");
        }
    }

    @Test
    void events_of_one_database_leave_out_the_others_and_the_position_goes_on() throws Exception {
        try (Socket socket = server.connect();
                var events = follow(socket, ALL + "?database=other", "")) {
            String snapshot = nextEvent(events);
            Operation operation = server.fake.begin(OperationKind.BACKUP);
            String first = snapshot.lines().findFirst().orElseThrow() + "\n";
            String next = nextBlock(events);
            while (next.equals(first)) {
                next = nextBlock(events);
            }
            assertThat(next).matches("id: fake-\\d+\n");
            server.fake.end(operation.id(), new Ending.Cancels());
        }
        assertThat(server.send("GET", ALL + "?database=a%20b").statusCode()).isEqualTo(404);
    }

    @Test
    void a_stream_of_all_is_ended_after_a_while_so_that_its_client_signs_in_again() throws Exception {
        try (var brief = new RestServerFixture(
                        Map.of("holdfast.http.stream.renew", "PT0.1S", "holdfast.http.stream.heartbeat", "PT0.02S"));
                Socket socket = brief.connect();
                var events = follow(socket, ALL, "")) {
            assertThat(rest(events)).contains("event: snapshot\ndata: {\"operations\":[]}\n");
        }
    }

    @Test
    void more_streams_than_allowed_are_refused_until_one_is_closed() throws Exception {
        try (var small = new RestServerFixture(
                Map.of("holdfast.http.stream.most-watchers", "1", "holdfast.http.stream.heartbeat", "PT0.02S"))) {
            Operation operation = small.fake.begin(OperationKind.BACKUP);
            try (Socket socket = small.connect();
                    var events = follow(socket, ALL, "")) {
                nextEvent(events);
                for (String path : List.of(ALL, path(operation) + "/events")) {
                    HttpResponse<String> refused = small.send("GET", path);
                    assertThat(refused.statusCode()).isEqualTo(503);
                    assertThat(refused.headers().firstValue("Retry-After")).isPresent();
                    assertThat(refused.body()).contains("\"code\":\"too-many-streams\"", "1 event streams are open");
                }
            }
            RestServerFixture.await("no body is open", () -> StreamedBody.open() == 0);
            try (Socket socket = small.connect();
                    var events = follow(socket, operation, "")) {
                assertThat(nextEvent(events)).startsWith("id: 1\n");
            }
        }
    }

    private static String path(Operation operation) {
        return "/api/v1/operations/" + operation.id();
    }

    private static BufferedReader follow(Socket socket, Operation operation, String header) throws IOException {
        return follow(socket, path(operation) + "/events", header);
    }

    private static BufferedReader follow(Socket socket, String path, String header) throws IOException {
        RestServerFixture.write(
                socket, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + header + "\r\n");
        return new BufferedReader(new InputStreamReader(new Unchunked(socket.getInputStream()), UTF_8));
    }

    /** The next event; comments and what has no data, and so is none, left out. */
    private static String nextEvent(BufferedReader events) throws IOException {
        while (true) {
            String block = nextBlock(events);
            if (block.contains("data: ")) {
                return block;
            }
        }
    }

    private static String nextBlock(BufferedReader events) throws IOException {
        var block = new StringBuilder();
        for (String line = events.readLine(); line != null; line = events.readLine()) {
            if (line.isEmpty() && !block.isEmpty()) {
                return block.toString();
            }
            if (!line.isEmpty() && !line.startsWith(":")) {
                block.append(line).append('\n');
            }
        }
        throw new AssertionError("the stream ended after: " + block);
    }

    private static String rest(BufferedReader events) throws IOException {
        var rest = new StringBuilder();
        for (String line = events.readLine(); line != null; line = events.readLine()) {
            if (!line.startsWith(":") && !line.isEmpty()) {
                rest.append(line).append('\n');
            }
        }
        return rest.toString();
    }
}
