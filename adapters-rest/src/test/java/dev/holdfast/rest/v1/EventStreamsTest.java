package dev.holdfast.rest.v1;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.access.SettableClock;
import dev.holdfast.application.operation.InMemoryOperationLog;
import dev.holdfast.application.operation.OperationEvents;
import dev.holdfast.application.operation.OperationRunner;
import dev.holdfast.application.operation.Operations;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.http.access.AccessServerFixture;
import io.micronaut.context.ApplicationContext;
import io.micronaut.context.env.PropertySource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class EventStreamsTest {
    private static final String ALIVE = ": still here";

    private final SettableClock clock = new SettableClock(Instant.parse("2026-03-01T10:00:00Z"));
    private final OperationRunner runner = new OperationRunner(
            new InMemoryOperationLog(),
            clock,
            () -> new OperationId("failing"),
            Thread.ofVirtual().factory(),
            OperationEvents.NONE,
            Duration.ZERO);
    private final AccessServerFixture server = AccessServerFixture.start(true, this::registerBeans);

    @AfterAll
    void stop() {
        server.close();
    }

    private void registerBeans(ApplicationContext context, InstantSource ofServer) {
        context.getEnvironment()
                .addPropertySource(PropertySource.of(
                        Map.of("holdfast.http.stream.heartbeat", "PT0.02S", "holdfast.http.stream.event-gap", "PT0S")));
        context.registerSingleton(Operations.class, runner);
    }

    @Test
    void a_stream_ends_for_who_has_been_removed_and_goes_on_for_all_others() throws IOException {
        try (var removed = new Stream(server, "vic");
                var other = new Stream(server, "otto")) {
            removed.awaitAlive();
            other.awaitAlive();

            server.administer.removeUser("vic");
            server.clock.advance(Duration.ofSeconds(30));

            removed.awaitEnd();
            other.awaitAlive();
        }
    }

    private record Stream(Socket socket, BufferedReader lines) implements AutoCloseable {
        Stream(AccessServerFixture server, String who) throws IOException {
            this(new Socket(InetAddress.getLoopbackAddress(), server.port));
            socket.setSoTimeout(60_000);
            String request = String.join(
                    "\r\n",
                    "GET /api/v1/operations/events HTTP/1.1",
                    "Host: localhost",
                    server.bearer(who),
                    "Connection: close",
                    "",
                    "");
            socket.getOutputStream().write(request.getBytes(US_ASCII));
        }

        private Stream(Socket socket) throws IOException {
            this(socket, new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII)));
        }

        /** Twice, so that one that was on its way already does not count. */
        void awaitAlive() throws IOException {
            for (int seen = 0; seen < 2; ) {
                String line = lines.readLine();
                assertThat(line).as("the stream has ended").isNotNull();
                seen += line.equals(ALIVE) ? 1 : 0;
            }
        }

        /** Within fewer lines than come in ten seconds. */
        void awaitEnd() throws IOException {
            for (int i = 0; i < 2000; i++) {
                String line = lines.readLine();
                if (line == null) {
                    return;
                }
                assertThat(line).doesNotStartWith("HTTP/1.1 4");
            }
            throw new AssertionError("the stream goes on");
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
